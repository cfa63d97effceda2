// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Ids come back as they were written, or are refused with `id: null` (T31).
@Suite struct RequestIDTests {
  @Test func `numbers are echoed as they were written`() throws {
    let shop = try Shop()
    let numbers = [
      "0", "-0", "1", "-1", "2147483647", "2147483648", "-2147483649", "9007199254740991",
      "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808",
      "-9223372036854775809", "123456789012345678901234567890",
    ]
    for number in numbers {
      let answer = try shop.engine.ask(#"{"jsonrpc":"2.0","id":\#(number),"method":"system.ping"}"#)
      #expect(answer.isResult && answer.idText == number)
    }
  }

  @Test func `an error echoes the id as a result does`() throws {
    let shop = try Shop()
    for id in ["-0", "9007199254740993", #""a""#, "null"] {
      for (method, number) in [("nothing", -32601), ("account.get", -32602)] {
        let answer = try shop.engine.ask(#"{"jsonrpc":"2.0","method":"\#(method)","id":\#(id)}"#)
        #expect(answer.idText == id && answer.number == Int64(number))
      }
    }
  }

  @Test func `strings are echoed equal`() throws {
    let shop = try Shop()
    let strings = [
      "1", "", " ", "null", "卡号", "\u{1F600}", "e\u{301}", "\u{E9}", "a\"b\\c/d", "\u{1}\u{1F}\t\n",
      "\u{2028}\u{7F}", String(repeating: "x", count: 300), String(repeating: "汉", count: 5000),
    ]
    for string in strings {
      let answer = try shop.engine.ask(EngineProcess.line("system.ping", id: .string(string)))
      #expect(answer.isResult && answer.id == .string(string))
    }
  }

  @Test func `an escaped string comes back as the same text`() throws {
    let shop = try Shop()
    let line = #"{"jsonrpc":"2.0","id":"\u0041\ud83d\ude00\/","method":"system.ping"}"#
    #expect(try shop.engine.ask(line).id == "A\u{1F600}/")
  }

  @Test func `null is an id and is answered`() throws {
    let shop = try Shop()
    let answer = try shop.engine.ask(#"{"jsonrpc":"2.0","id":null,"method":"system.ping"}"#)
    #expect(answer.isResult && answer.idText == "null")
  }

  private static let noIDs = [
    "1.5", "1.0", "1e3", "1E3", "-1.5e-3", "1e400", "0.0", "true", "false", "[]", "[1]", "{}",
    #"{"a":{"b":{"c":[1,2,3]}}}"#,
  ]

  @Test func `what is no id is refused without one`() throws {
    let shop = try Shop()
    for id in Self.noIDs {
      let answer = try shop.engine.ask(#"{"jsonrpc":"2.0","id":\#(id),"method":"system.ping"}"#)
      #expect(answer.number == -32600 && answer.idText == "null")
      #expect(try shop.engine.request("system.ping").isResult)
    }
  }

  @Test func `a request under a refused id moves no money`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let params = shop.keyed(["card_no": "C1", "amount": 1]).text
    let line = #"{"jsonrpc":"2.0","id":1.5,"method":"debit.create","params":\#(params)}"#
    #expect(try shop.engine.ask(line).number == -32600)
    #expect(try shop.balance("C1") == 1000)
  }

  @Test func `the same id may be used again and again`() throws {
    let shop = try Shop()
    for _ in 0..<3 {
      #expect(
        try shop.engine.ask(#"{"jsonrpc":"2.0","id":7,"method":"system.ping"}"#).idText == "7")
    }
  }
}
