// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON
import LedgerCore

/// A point of sale: starts the engine, asks, shows what was asked and answered, and checks it.
final class DemoTill {
  let directory: String
  private let page: DemoPage
  private var engine: ChildEngine?
  private var lastKey = 0
  private var step = (number: 0, name: "")
  private(set) var requestCount = 0
  private(set) var refusalCount = 0

  init(directory: String, page: DemoPage) {
    self.directory = directory
    self.page = page
  }

  /// Where the demo is, for saying where it went wrong.
  var place: String { step.number == 0 ? "its start" : "step \(step.number), \(step.name)" }

  // MARK: The engine's life

  /// Starts `scrip serve` with its test clock at this time.
  func start(at time: String) throws(Failure) {
    let arguments = [
      "--data", directory, "--store-id", "S01", "--terminal-id", "T1", "--test-clock", time,
    ]
    try page.command(["scrip", "serve"] + arguments)
    engine = try ChildEngine(arguments: arguments)
  }

  /// Ends the engine as a power cut would.
  func crash() throws(Failure) {
    guard let engine else { throw .unavailable("the engine is not running") }
    self.engine = nil
    try page.command(["kill", "-9", "$SCRIP_PID"])
    let code = engine.kill()
    guard code == 128 + SIGKILL else { throw .data("it had ended by itself, with \(code)") }
  }

  /// Closes the engine's input, which ends it.
  func close() throws(Failure) {
    guard let engine else { throw .unavailable("the engine is not running") }
    self.engine = nil
    let code = engine.finish()
    guard code == 0 else { throw .data("the engine ended with exit code \(code)") }
  }

  /// Lets go of an engine that may still run.
  func abandon() {
    _ = engine?.kill()
    engine = nil
  }

  // MARK: Steps

  /// Begins a step at a local time of the shop, to which the ledger's clock is set unseen.
  func step(
    _ time: LocalTime, _ english: String, _ chinese: String, body: () throws(Failure) -> Void
  ) throws(Failure) {
    step = (step.number + 1, english)
    try page.heading(step.number, time.text, english, chinese)
    if engine != nil { _ = try exchange("clock.set", ["at": .string(time.instant)]) }
    try body()
  }

  // MARK: Requests

  /// A new idempotency key.
  func newKey() -> String {
    lastKey += 1
    let digits = String(lastKey)
    return "T1-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  /// Asks for a change, which must succeed; without a key it gets a new one.
  func change(
    _ method: String, _ params: [(String, JSONTree)], key: String? = nil
  ) throws(Failure) -> DemoReply {
    try ask(method, params + [("idempotency_key", .string(key ?? newKey()))])
  }

  /// Asks for a change, which must be refused with this code.
  @discardableResult
  func refused(
    _ code: String, _ method: String, _ params: [(String, JSONTree)], key: String? = nil
  ) throws(Failure) -> DemoReply {
    let all = params + [("idempotency_key", JSONTree.string(key ?? newKey()))]
    let reply = try show(method, all)
    refusalCount += 1
    guard let error = reply.message["error"] else { throw .data("\(method) was not refused") }
    guard error["data"]?["code"] == .string(code) else {
      throw .data("\(method) was refused with \(error.lineText) and not with \(code)")
    }
    return reply
  }

  /// Asks what must be answered with a result.
  @discardableResult
  func ask(_ method: String, _ params: [(String, JSONTree)] = []) throws(Failure) -> DemoReply {
    let reply = try show(method, params)
    guard reply.message["result"] != nil else {
      throw .data("\(method) was refused: \(reply.message.lineText)")
    }
    return reply
  }

  /// Sends a change whose answer nobody will read.
  func sendUnheard(
    _ method: String, _ params: [(String, JSONTree)], key: String
  ) throws(Failure) {
    guard let engine else { throw .unavailable("the engine is not running") }
    var line: [UInt8] = []
    let all = params + [("idempotency_key", JSONTree.string(key))]
    let id = engine.encode(method, .object(all.map { .init($0.0, $0.1) }), into: &line)
    try page.request(DemoReply.request(id, method, .object(all.map { .init($0.0, $0.1) })))
    requestCount += 1
    try engine.send(line)
  }

  private func show(
    _ method: String, _ params: [(String, JSONTree)]
  ) throws(Failure) -> DemoReply {
    let reply = try exchange(method, .object(params.map { .init($0.0, $0.1) })) {
      request throws(Failure) in try page.request(request)
    }
    requestCount += 1
    try page.reply(reply)
    return reply
  }

  private func exchange(
    _ method: String, _ params: JSONTree, show: (JSONTree) throws(Failure) -> Void = { _ in }
  ) throws(Failure) -> DemoReply {
    guard !Interruptions.happened else { throw .unavailable("interrupted") }
    guard let engine else { throw .unavailable("the engine is not running") }
    var line: [UInt8] = []
    let id = engine.encode(method, params, into: &line)
    try show(DemoReply.request(id, method, params))
    try engine.send(line)
    guard let answer = try engine.receive() else {
      throw .data("the engine ended without an answer to \(method)")
    }
    let message = JSONTree(answer.root)
    guard message["id"] == .integer(id) else { throw .data("an answer to another request came") }
    return DemoReply(message: message)
  }
}

/// An answer, with what the demo expects of it.
struct DemoReply {
  let message: JSONTree

  /// The message that asks.
  static func request(_ id: Int64, _ method: String, _ params: JSONTree) -> JSONTree {
    ["jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": params]
  }

  /// The value at a path below `result` or `error`, as in `account.balance.bonus`.
  subscript(_ path: String) -> JSONTree? {
    var value = message["result"] ?? message["error"]
    for name in path.split(separator: ".") {
      if case .array(let elements)? = value, let index = Int(name) {
        value = elements.indices.contains(index) ? elements[index] : nil
      } else {
        value = value?[String(name)]
      }
    }
    return value
  }

  /// The text at a path, which must be there.
  func text(_ path: String) throws(Failure) -> String {
    guard case .string(let text)? = self[path] else { throw .data("\(path) is missing") }
    return text
  }

  /// The number at a path, which must be there.
  func number(_ path: String) throws(Failure) -> Int64 {
    guard case .integer(let number)? = self[path] else { throw .data("\(path) is missing") }
    return number
  }

  /// Throws unless the value at the path is this one; null stands for an absent one too.
  func expect(_ path: String, _ value: JSONTree) throws(Failure) {
    let found = self[path] ?? .null
    guard found == value else {
      throw .data("\(path) is \(found.lineText), expected \(value.lineText)")
    }
  }

  /// Throws unless the account in the answer holds this principal and bonus.
  func expectBalance(_ principal: Int64, _ bonus: Int64) throws(Failure) {
    let account = self["account"] == nil ? "" : "account."
    try expect(account + "balance.principal", .integer(principal))
    try expect(account + "balance.bonus", .integer(bonus))
  }
}

/// A time of the shop in Asia/Shanghai, which has been UTC+8 all year since 1991.
struct LocalTime {
  let date: String
  let time: String

  /// The time at which the clock is set, in RFC 3339.
  var instant: String { "\(date)T\(time):00+08:00" }

  /// `03-02 09:00`.
  var text: String { "\(date.dropFirst(5)) \(time)" }
}
