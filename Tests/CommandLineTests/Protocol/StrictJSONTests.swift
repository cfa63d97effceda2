// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Lines are JSON in the strict sense, or `-32700` with `id: null`, and the session goes on (T32).
@Suite struct StrictJSONTests {
  /// Sends lines at once, each followed by a ping, and gives the answers between the pings.
  private func answers(to lines: [[UInt8]], from engine: EngineProcess) throws -> [[Answer]] {
    for (number, line) in lines.enumerated() {
      try engine.child.write(line + [0x0A])
      try engine.send(EngineProcess.line("system.ping", id: .string("ping \(number)")))
    }
    return try lines.indices.map { number in
      var found: [Answer] = []
      while true {
        let answer = try engine.next()
        if answer.id == .string("ping \(number)") { return found }
        found.append(answer)
      }
    }
  }

  /// A request with the text as the value of a member that is ignored.
  private func request(with text: [UInt8]) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":1,"method":"system.ping","params":{"x_a":"#.utf8) + text
      + Array("}}".utf8)
  }

  @Test func `texts of the grammar are no parse errors`() throws {
    let shop = try Shop()
    let texts = StrictJSONTexts.accepted
    let found = try answers(to: texts.map { Array($0.utf8) }, from: shop.engine)
    for (text, answers) in zip(texts, found) {
      // None of them is a request: each is one invalid request, or an array of them.
      let all = answers.flatMap { $0.elements.isEmpty ? [$0] : $0.elements }
      #expect(!all.isEmpty && all.allSatisfy { $0.number == -32600 }, "\(text)")
    }
  }

  @Test func `texts of the grammar stand in params`() throws {
    let shop = try Shop()
    let texts = StrictJSONTexts.accepted
    let found = try answers(to: texts.map { request(with: Array($0.utf8)) }, from: shop.engine)
    for (text, answers) in zip(texts, found) {
      #expect(answers.map(\.idText) == ["1"] && answers[0].isResult, "\(text)")
    }
  }

  @Test func `other texts are parse errors, alone and in params`() throws {
    let shop = try Shop()
    let quoted = StrictJSONTexts.notUTF8.map { [0x22] + $0 + [0x22] }
    let texts = StrictJSONTexts.refused.map { Array($0.utf8) } + quoted
    let alone = try answers(to: texts, from: shop.engine)
    // What only ends too early, or goes on too long, may be mended by what stands around it.
    let inside = try answers(
      to: texts.map { request(with: [0x5B] + $0 + [0x5D]) }, from: shop.engine)
    for (text, answers) in zip(texts + texts, alone + inside) {
      let name = Comment(rawValue: String(decoding: text, as: UTF8.self))
      #expect(answers.map(\.number) == [-32700] || isMended(text, answers), name)
      #expect(answers.allSatisfy { $0.idText == "null" || $0.isResult }, name)
    }
    #expect(alone.allSatisfy { $0.map(\.number) == [-32700] })
  }

  /// Texts that become JSON between brackets, such as `,` would not but `1,1` would.
  private func isMended(_ text: [UInt8], _ answers: [Answer]) -> Bool {
    let mended = ["[]]", "[][]", "]", "[1]x"]
    return mended.contains(String(decoding: text, as: UTF8.self)) && answers.count == 1
  }

  @Test func `nesting of 64 is read and of 65 is not`() throws {
    let shop = try Shop()
    func nested(_ depth: Int) -> [UInt8] {
      [UInt8](repeating: 0x5B, count: depth) + [UInt8](repeating: 0x5D, count: depth)
    }
    // The request and its params are two levels by themselves.
    let found = try answers(
      to: [request(with: nested(62)), request(with: nested(63)), nested(65)], from: shop.engine)
    #expect(found[0].map(\.isResult) == [true])
    #expect(found[1].map(\.number) == [-32700])
    #expect(found[2].map(\.number) == [-32700])
  }

  @Test func `a hundred thousand brackets are an error and no crash`() throws {
    let shop = try Shop()
    let deep = [UInt8](repeating: 0x5B, count: 100_000)
    let objects = [UInt8](String(repeating: #"{"a":"#, count: 100_000).utf8)
    let found = try answers(to: [deep, request(with: deep), objects], from: shop.engine)
    #expect(found.map { $0.map(\.number) } == [[-32700], [-32700], [-32700]])
  }

  @Test func `an amount given twice moves nothing`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    for name in ["amount", #"\u0061mount"#] {
      let answer = try shop.engine.ask(
        #"{"jsonrpc":"2.0","id":1,"method":"debit.create","params":{"idempotency_key":"d","#
          + #""card_no":"C1","amount":1,"\#(name)":2}}"#)
      #expect(answer.number == -32700 && answer.idText == "null")
    }
    #expect(try shop.balance("C1") == 1000)
  }
}
