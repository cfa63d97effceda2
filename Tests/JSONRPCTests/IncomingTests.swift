// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC
import Testing

private func single(_ text: String) -> Call? {
  if case .single(let call) = Incoming.parse(Array(text.utf8)) { call } else { nil }
}

private func lent(_ text: String) -> Incoming {
  Array(text.utf8).withUnsafeBufferPointer { Incoming(.line($0)) }
}

@Suite struct IncomingTests {
  @Test func `a request gives its id, method and params`() throws {
    let call = single(
      #"{"jsonrpc":"2.0","id":7,"method":"account.debit","params":{"amount":1250}}"#)
    guard case .request(let request) = call else {
      Issue.record("not a request")
      return
    }
    #expect(request.id == RequestID(7))
    #expect(request.method == "account.debit")
    #expect(request.params?["amount"]?.integer == 1250)
  }

  /// T31: an id is echoed as written, or refused with null.
  @Test func `every id is echoed as it was written or refused with null`() {
    let long = "\"" + String(repeating: "x", count: 300) + "\""
    let vast = "\"" + String(repeating: "é", count: 50_000) + "\""
    let echoed = [
      "0", "-1", "-0", "2147483648", "9007199254740993", "123456789012345678901234567890", "null",
      #""1""#, #""""#, "\"é漢😀\"", #""\u00e9\n""#, #""\ud83d\ude00""#, long, vast,
    ]
    for token in echoed {
      guard
        case .request(let request) = single(
          #"{"jsonrpc":"2.0","method":"m","id": \#(token) }"#)
      else {
        Issue.record("refused: \(token)")
        continue
      }
      #expect(request.id?.token == token)
      var line = ResponseLine()
      line.append(id: request.id ?? .null, result: "0".utf8)
      let expected = #"{"jsonrpc":"2.0","id":\#(token),"result":0}"# + "\n"
      #expect(line.finish() == Array(expected.utf8))
    }
    for token in ["1.5", "1.0", "1e2", "1E0", "true", "false", "[1]", "{}", #"{"a":[1,{"b":2}]}"#] {
      for rest in [#""method":"m""#, #""method":1"#] {
        guard
          case .invalid(id: nil, let fault) = single(
            #"{"jsonrpc":"2.0","id":\#(token),\#(rest)}"#)
        else {
          Issue.record("accepted: \(token)")
          continue
        }
        #expect(fault.code == -32600)
      }
    }
  }

  @Test func `a notification has no id, and an id of null is none`() {
    guard case .request(let notification) = single(#"{"jsonrpc":"2.0","method":"m"}"#),
      case .request(let request) = single(#"{"jsonrpc":"2.0","method":"m","id":null}"#)
    else {
      Issue.record("refused")
      return
    }
    #expect(notification.id == nil)
    #expect(notification.params == nil)
    #expect(request.id == .null)
  }

  @Test func `what is not a request is refused with its id where that can be read`() {
    let cases: [(String, RequestID?)] = [
      (#"{"jsonrpc":"2.0","id":5}"#, RequestID(5)),
      (#"{"id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":"1.0","id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":2.0,"id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":"2.00","id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":null,"id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":"2.0","id":5,"method":null}"#, RequestID(5)),
      (#"{"jsonrpc":"2.0","id":5,"method":["m"]}"#, RequestID(5)),
      (#"{"JSONRPC":"2.0","id":5,"method":"m"}"#, RequestID(5)),
      (#"{"jsonrpc":"2.0","method":1,"params":"bar"}"#, nil),
      ("{}", nil), ("1", nil), ("null", nil), (#""m""#, nil), ("true", nil),
      (#"{"jsonrpc":"2.0"}"#, nil), (#"{"jsonrpc":"2.0","id":null}"#, .null),
    ]
    for (text, expected) in cases {
      guard case .invalid(let id, let fault) = single(text) else {
        Issue.record("accepted: \(text)")
        continue
      }
      #expect(id == expected, "\(text)")
      #expect(fault.code == -32600, "\(text)")
    }
  }

  @Test func `params of any type are left to the dispatcher`() {
    for params in ["[1]", #""bar""#, "null", "1", "true", "{}", "[]"] {
      guard
        case .request(let request) = single(
          #"{"jsonrpc":"2.0","id":1,"method":"m","params":\#(params)}"#)
      else {
        Issue.record("refused: \(params)")
        continue
      }
      #expect(request.params?.rawText == params)
    }
  }

  @Test func `escapes in member names and versions mean what they say`() {
    let text = #"{"\u006asonrpc":"2\u002e0","\u0069d":"\u0031","m\u0065thod":"\u006d","x":1}"#
    guard case .request(let request) = single(text) else {
      Issue.record("refused")
      return
    }
    #expect(request.method == "m")
    #expect(request.id?.token == #""\u0031""#)
  }

  @Test func `unknown members beside the four are ignored`() {
    let text = #"{"trace":{"id":1},"jsonrpc":"2.0","id":1,"method":"m","x_till":7,"result":0}"#
    guard case .request = single(text) else {
      Issue.record("refused")
      return
    }
  }

  @Test func `bad lines are parse errors that say where and quote nothing`() {
    let lines = [
      #"{"pin":"482913""#, "[1,]", "nonsense", "\u{FEFF}{}", #"{"amount":1,"amount":2}"#,
      #"{"a":"\ud800"}"#, " ", String(repeating: "[", count: 100_000),
    ]
    for line in lines {
      guard case .fault(let fault) = Incoming.parse(Array(line.utf8)) else {
        Issue.record("accepted: \(line)")
        continue
      }
      #expect(fault.code == -32700)
      #expect(fault.message.hasPrefix("Parse error: "))
      #expect(fault.message.utf8.count < 80)
      #expect(!fault.message.contains("482913"))
    }
    guard case .fault(let fault) = Incoming.parse([0x22, 0xFF, 0x22]) else {
      Issue.record("accepted")
      return
    }
    #expect(fault.message == "Parse error: invalid UTF-8 at byte 1")
  }

  @Test func `an oversized line is an invalid request`() {
    guard case .fault(let fault) = Incoming(.oversized) else {
      Issue.record("accepted")
      return
    }
    #expect(fault.code == -32600)
    guard case .batch(let calls) = lent("[1,2]") else {
      Issue.record("no batch")
      return
    }
    #expect(calls.count == 2)
  }
}
