// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The fifteen examples of the JSON-RPC 2.0 specification, section 7.
///
/// They differ from the specification's text in this only: its methods are ours (`subtract` and
/// `sum` are `topup.quote` and `system.ping`), and since params are by name only, its positional
/// calls are refused with `-32602` under their id. What is answered, in what form and under which
/// id is the specification's; messages may differ.
@Suite struct SpecificationExampleTests {
  /// The lines to send and what must come back for them, before the answer to a ping.
  struct Example: CustomTestStringConvertible {
    let name: String
    let line: String
    /// One answer: its id and the number of its error, 0 for a result.
    let answers: [(id: String, number: Int64)]
    let isArray: Bool

    var testDescription: String { name }

    init(_ name: String, _ line: String, _ answers: [(String, Int64)], isArray: Bool = false) {
      self.name = name
      self.line = line
      self.answers = answers.map { (id: $0.0, number: $0.1) }
      self.isArray = isArray
    }
  }

  static let examples = [
    Example(
      "1 positional parameters",
      #"{"jsonrpc": "2.0", "method": "topup.quote", "params": ["C1", 23], "id": 1}"#,
      [("1", -32602)]),
    Example(
      "2 positional parameters, the other way round",
      #"{"jsonrpc": "2.0", "method": "topup.quote", "params": [23, "C1"], "id": 2}"#,
      [("2", -32602)]),
    Example(
      "3 named parameters",
      #"{"jsonrpc":"2.0","method":"topup.quote","params":{"card_no":"C1","amount":42},"id":3}"#,
      [("3", 0)]),
    Example(
      "4 named parameters, the other way round",
      #"{"jsonrpc":"2.0","method":"topup.quote","params":{"amount":42,"card_no":"C1"},"id":4}"#,
      [("4", 0)]),
    Example(
      "5 a notification", #"{"jsonrpc": "2.0", "method": "system.ping", "params": {}}"#, []),
    Example("6 a notification of nothing known", #"{"jsonrpc": "2.0", "method": "foobar"}"#, []),
    Example(
      "7 a call of nothing known", #"{"jsonrpc": "2.0", "method": "foobar", "id": "1"}"#,
      [(#""1""#, -32601)]),
    Example(
      "8 invalid JSON", #"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
      [("null", -32700)]),
    Example(
      "9 an invalid request", #"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#,
      [("null", -32600)]),
    Example(
      "10 a batch of invalid JSON",
      #"[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},"#
        + #"{"jsonrpc": "2.0", "method""#,
      [("null", -32700)]),
    Example("11 an empty batch", "[]", [("null", -32600)]),
    Example("12 a batch of one that is nothing", "[1]", [("null", -32600)], isArray: true),
    Example(
      "13 a batch of three that are nothing", "[1,2,3]",
      [("null", -32600), ("null", -32600), ("null", -32600)], isArray: true),
    Example(
      "14 a mixed batch",
      #"[{"jsonrpc": "2.0", "method": "system.ping", "params": {}, "id": "1"},"#
        + #"{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},"#
        + #"{"jsonrpc": "2.0", "method": "topup.quote", "params": ["C1", 23], "id": "2"},"#
        + #"{"foo": "boo"},"#
        + #"{"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},"#
        + #"{"jsonrpc": "2.0", "method": "system.info", "id": "9"}]"#,
      [
        (#""1""#, 0), (#""2""#, -32602), ("null", -32600), (#""5""#, -32601), (#""9""#, 0),
      ], isArray: true),
    Example(
      "15 a batch of notifications",
      #"[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]},"#
        + #"{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]"#, []),
  ]

  @Test func `each example is answered as the specification says`() throws {
    let shop = try Shop()
    try shop.open("C1")
    for example in Self.examples {
      try shop.engine.send(example.line)
      let found = try answersUpToPing(shop.engine, example.name)
      let isArray: Bool
      if case .array? = found.first?.tree { isArray = true } else { isArray = false }
      #expect(found.count == (example.answers.isEmpty ? 0 : 1), "\(example.name): one line or none")
      #expect(isArray == example.isArray, "\(example.name)")
      let answers = found.flatMap { isArray ? $0.elements : [$0] }
      #expect(answers.map { $0.idText } == example.answers.map { $0.id }, "\(example.name)")
      #expect(
        answers.map { $0.number ?? 0 } == example.answers.map { $0.number }, "\(example.name)")
      for answer in answers {
        #expect(answer.tree["jsonrpc"] == "2.0", "\(example.name)")
        #expect((answer.tree["result"] == nil) != (answer.tree["error"] == nil), "\(example.name)")
        #expect(answer.isResult || answer.error?["message"]?.string != nil, "\(example.name)")
      }
    }
  }

  @Test func `the order of named parameters does not change the result`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let first = try shop.engine.ask(Self.examples[2].line)
    let second = try shop.engine.ask(Self.examples[3].line)
    #expect(first.resultText != nil && first.resultText == second.resultText)
  }

  private static let noRequests = [
    #"{"jsonrpc":"1.0","method":"system.ping","id":1}"#,
    #"{"jsonrpc":2.0,"method":"system.ping","id":1}"#,
    #"{"jsonrpc":"2.0 ","method":"system.ping","id":1}"#,
    #"{"method":"system.ping","id":1}"#,
    #"{"jsonrpc":"2.0","id":1}"#,
    #"{"jsonrpc":"2.0","method":null,"id":1}"#,
    #"{"jsonrpc":"2.0","method":["system.ping"],"id":1}"#,
    "1", "null", "true", #""system.ping""#, "{}",
  ]

  @Test func `what is no request is an invalid one`() throws {
    let shop = try Shop()
    for line in Self.noRequests {
      #expect(try shop.engine.ask(line).number == -32600)
      #expect(try shop.engine.request("system.ping").isResult)
    }
  }

  private static let noMethods = ["", "SYSTEM.PING", "system.ping ", "rpc.unknown", "account"]

  @Test func `a method that is not there is not found`() throws {
    let shop = try Shop()
    for name in Self.noMethods {
      #expect(try shop.ask(name).number == -32601)
    }
  }

  /// The lines that come before the answer to a ping that is sent now.
  private func answersUpToPing(_ engine: EngineProcess, _ name: String) throws -> [Answer] {
    try engine.send(#"{"jsonrpc":"2.0","method":"system.ping","id":"ping \#(name)"}"#)
    var found: [Answer] = []
    while true {
      let answer = try engine.next()
      if answer.id == .string("ping \(name)") { return found }
      found.append(answer)
    }
  }
}
