// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC
import Testing

/// The methods that the examples of the JSON-RPC 2.0 specification, section 7, presume.
private enum ExampleServer {
  static func answer(_ text: String) throws -> String? {
    var line: ResponseLine
    switch Incoming.parse(Array(text.utf8)) {
    case .fault(let fault):
      line = ResponseLine()
      line.append(id: nil, fault: fault)
    case .single(let call):
      line = ResponseLine()
      serve(call, &line)
    case .batch(let calls):
      line = ResponseLine(batch: true)
      for call in calls { serve(call, &line) }
    }
    guard let bytes = line.finish() else { return nil }
    #expect(bytes.last == 0x0A)
    #expect(bytes.count { $0 == 0x0A } == 1)
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  private static func serve(_ call: Call, _ line: inout ResponseLine) {
    switch call {
    case .invalid(let id, let fault):
      line.append(id: id, fault: fault)
    case .request(let request):
      guard let id = request.id else { return }
      if let result = result(of: request) {
        line.append(id: id, result: result.utf8)
      } else {
        line.append(id: id, fault: .methodNotFound)
      }
    }
  }

  private static func result(of request: Request) -> String? {
    let numbers = request.params?.elements.compactMap(\.integer) ?? []
    switch request.method {
    case "subtract":
      let minuend = request.params?["minuend"]?.integer ?? numbers.first ?? 0
      let subtrahend = request.params?["subtrahend"]?.integer ?? numbers.last ?? 0
      return String(minuend - subtrahend)
    case "sum": return String(numbers.reduce(0, +))
    case "get_data": return #"["hello",5]"#
    default: return nil
    }
  }
}

@Suite struct SpecificationTests {
  /// T30: request and answer, as printed there.
  ///
  /// Messages may differ, so they are left out.
  private static let examples: [(String, String?)] = [
    (
      #"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#,
      #"{"jsonrpc":"2.0","id":1,"result":19}"#
    ),
    (
      #"{"jsonrpc": "2.0", "method": "subtract", "params": [23, 42], "id": 2}"#,
      #"{"jsonrpc":"2.0","id":2,"result":-19}"#
    ),
    (
      #"{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "#
        + #""id": 3}"#,
      #"{"jsonrpc":"2.0","id":3,"result":19}"#
    ),
    (
      #"{"jsonrpc": "2.0", "method": "subtract", "params": {"minuend": 42, "subtrahend": 23}, "#
        + #""id": 4}"#,
      #"{"jsonrpc":"2.0","id":4,"result":19}"#
    ),
    (#"{"jsonrpc": "2.0", "method": "update", "params": [1,2,3,4,5]}"#, nil),
    (#"{"jsonrpc": "2.0", "method": "foobar"}"#, nil),
    (
      #"{"jsonrpc": "2.0", "method": "foobar", "id": "1"}"#,
      #"{"jsonrpc":"2.0","id":"1","error":{"code":-32601}}"#
    ),
    (
      #"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700}}"#
    ),
    (
      #"{"jsonrpc": "2.0", "method": 1, "params": "bar"}"#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}"#
    ),
    (
      #"[ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, "#
        + #"{"jsonrpc": "2.0", "method" ]"#,
      #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700}}"#
    ),
    ("[]", #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}"#),
    ("[1]", #"[{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}]"#),
    (
      "[1,2,3]",
      "["
        + Array(
          repeating: #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}"#, count: 3
        ).joined(separator: ",") + "]"
    ),
    (
      """
      [ {"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},
        {"jsonrpc": "2.0", "method": "notify_hello", "params": [7]},
        {"jsonrpc": "2.0", "method": "subtract", "params": [42,23], "id": "2"},
        {"foo": "boo"},
        {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
        {"jsonrpc": "2.0", "method": "get_data", "id": "9"} ]
      """,
      #"[{"jsonrpc":"2.0","id":"1","result":7},{"jsonrpc":"2.0","id":"2","result":19},"#
        + #"{"jsonrpc":"2.0","id":null,"error":{"code":-32600}},"#
        + #"{"jsonrpc":"2.0","id":"5","error":{"code":-32601}},"#
        + #"{"jsonrpc":"2.0","id":"9","result":["hello",5]}]"#
    ),
    (
      #"[{"jsonrpc": "2.0", "method": "notify_sum", "params": [1,2,4]}, "#
        + #"{"jsonrpc": "2.0", "method": "notify_hello", "params": [7]}]"#,
      nil
    ),
  ]

  @Test func `the fifteen examples of the specification are answered as printed`() throws {
    #expect(Self.examples.count == 15)
    for (request, expected) in Self.examples {
      let answer = try ExampleServer.answer(request)
      #expect(answer.map(Self.withoutMessages) == expected, "\(request)")
    }
  }

  private static func withoutMessages(_ answer: String) -> String {
    answer.replacing(#/,"message":"[^"\\]*(\\.[^"\\]*)*"/#, with: "")
  }
}

@Suite struct ResponseLineTests {
  @Test(arguments: [RequestID(7), RequestID(-1), .null])
  func `the short way to a single answer gives the bytes of the long one`(id: RequestID) {
    for result in [#"{"a":[1,"x"]}"#, "null", "\"金额\""] {
      var line = ResponseLine()
      line.append(id: id, result: result.utf8)
      var output = Array("before\n".utf8)
      ResponseLine.append(id: id, result: Array(result.utf8), to: &output)
      let long = text(line) ?? ""
      #expect(String(decoding: output, as: UTF8.self) == "before\n" + long)
    }
  }

  private func text(_ line: consuming ResponseLine) -> String? {
    line.finish().map { String(decoding: $0, as: UTF8.self) }
  }

  @Test func `a result and an error have their members in order and end in one LF`() {
    var line = ResponseLine()
    let isEmptyBefore = line.isEmpty
    #expect(isEmptyBefore)
    line.append(id: RequestID(1), result: #"{"a":1}"#.utf8)
    let isEmptyAfter = line.isEmpty
    #expect(!isEmptyAfter)
    #expect(text(line) == #"{"jsonrpc":"2.0","id":1,"result":{"a":1}}"# + "\n")
    line = ResponseLine()
    line.append(id: nil, code: 1001, message: "no\n\"funds\"", data: Array(#"{"b":2}"#.utf8))
    #expect(
      text(line)
        == #"{"jsonrpc":"2.0","id":null,"error":{"code":1001,"message":"no\n\"funds\"","#
        + #""data":{"b":2}}}"# + "\n")
    line = ResponseLine(reservingCapacity: 100)
    line.append(id: RequestID(-2)) { writer in
      writer.beginArray()
      writer.string("x")
      writer.endArray()
    }
    #expect(text(line) == #"{"jsonrpc":"2.0","id":-2,"result":["x"]}"# + "\n")
  }

  @Test func `a line without answers is no line`() {
    #expect(text(ResponseLine()) == nil)
    #expect(text(ResponseLine(batch: true)) == nil)
  }

  @Test func `a batch of one is an array`() {
    var line = ResponseLine(batch: true)
    line.append(id: .null, fault: .internalError)
    #expect(
      text(line)
        == #"[{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"Internal error"}}]"#
        + "\n")
  }

  @Test func `faults have the reserved codes`() {
    #expect(Fault.parseError.code == -32700)
    #expect(Fault.invalidRequest.code == -32600)
    #expect(Fault.methodNotFound.code == -32601)
    #expect(Fault.invalidParams.code == -32602)
    #expect(Fault.internalError.code == -32603)
    #expect(Fault.invalidParams.because("why").message == "Invalid params: why")
    #expect(Fault.invalidParams.because("why").code == -32602)
  }

  @Test func `a second answer to a single request traps`() async {
    await #expect(processExitsWith: .failure) {
      var line = ResponseLine()
      line.append(id: RequestID(1), result: "1".utf8)
      line.append(id: RequestID(1), result: "1".utf8)
    }
  }

  @Test func `an unfinished result traps`() async {
    await #expect(processExitsWith: .failure) {
      var line = ResponseLine()
      line.append(id: RequestID(1)) { $0.beginObject() }
      _ = line.finish()
    }
  }
}
