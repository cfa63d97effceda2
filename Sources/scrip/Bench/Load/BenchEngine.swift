// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON
import LedgerCore

/// The engine under load: `scrip serve` on a ledger of ours, its client, and the ledger's time.
final class BenchEngine {
  let process: PipedProcess
  let clock: ShopClock
  private let load: Load
  private var lastKey = 0

  init(
    directory: String, clock: ShopClock, arguments: [String] = [], through wrapper: [String] = [],
    alerts: Int32? = nil, mark: String = "\"result\":"
  ) throws(Failure) {
    self.clock = clock
    process = try PipedProcess(
      ["serve", "--data", directory, "--test-clock", clock.now.text] + arguments,
      through: wrapper, descriptor3: alerts)
    load = Load(process, mark: mark)
  }

  /// Load for so long; an answer that is no success fails the run.
  ///
  /// What the engine does with it afterwards, such as folding, is waited for: it would disturb what
  /// is measured next. The time for that is not in the rate, but its cost is in the rest.
  func run(
    window: Int, seconds: Double = .infinity, limit: Int = .max, stop: () -> Bool = { false },
    settling: Bool = true, _ source: inout some RequestSource
  ) throws(Failure) -> Sample {
    let before = try ProcessUsage.of(process.pid)
    let result = try load.run(
      window: window, seconds: seconds, limit: limit, stop: stop, &source)
    guard result.errors == 0 else {
      throw .data("\(result.errors) of \(result.answered) failed: \(result.firstError)")
    }
    if settling, load.aside == nil { try settle() }
    var usage = try ProcessUsage.of(process.pid) - before
    usage.written -= result.bytesRead
    return Sample(
      count: result.answered, nanoseconds: result.nanoseconds, latencies: result.latencies,
      usage: usage, groups: result.reads)
  }

  /// Waits until the engine does next to nothing any more, five seconds at most.
  private func settle() throws(Failure) {
    var last = try ProcessUsage.of(process.pid).processor
    var quiet = 0
    for _ in 0..<50 where quiet < 2 {
      usleep(100_000)
      let now = try ProcessUsage.of(process.pid).processor
      quiet = now - last < 500_000 ? quiet + 1 : 0
      last = now
    }
  }

  /// Keeps this request under way beside every load to come; nil for none.
  func keepUnderWay(_ method: String, _ params: JSONTree) {
    load.aside = JSONTree.requestLine(id: 1, method, params)
  }

  /// Waits for the answer to the line that is still under way, and sends it no more.
  func endAside() throws(Failure) { try load.endAside() }

  /// One request and its result.
  func ask(_ method: String, _ params: JSONTree) throws(Failure) -> JSONTree {
    try process.write(JSONTree.requestLine(id: 1, method, params))
    guard let result = try answer().root["result"] else { throw .data("\(method) failed") }
    return JSONTree(result)
  }

  private func answer() throws(Failure) -> JSONDocument {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { chunk.deallocate() }
    var answer: [UInt8] = []
    while answer.last != 0x0A {
      let count = try process.read(into: chunk)
      guard count > 0 else { throw .io("the engine has gone") }
      answer += chunk[..<count]
    }
    guard let document = try? JSONDocument.parse(answer), document.root["result"] != nil
    else { throw .data("refused: \(String(decoding: answer.prefix(500), as: UTF8.self))") }
    return document
  }

  /// One change with a key of its own.
  func change(_ method: String, _ params: JSONTree) throws(Failure) -> JSONTree {
    guard case .object(var members) = params else { preconditionFailure("params are an object") }
    lastKey += 1
    let key = "bench-\(process.pid)-\(monotonicNanoseconds())-\(lastKey)"
    members.append(.init("idempotency_key", .string(key)))
    return try ask(method, .object(members))
  }

  /// Sends a group more and ends the process, as a power cut would, before it can answer.
  func killUnderLoad(_ source: inout some RequestSource) throws(Failure) {
    var lines: [UInt8] = []
    for number in 0..<64 { source.append(id: 900_000_000 + number, to: &lines) }
    try process.write(lines)
    let code = process.kill()
    guard code == 128 + SIGKILL else { throw .data("it had ended by itself, with \(code)") }
  }
}

extension JSONTree {
  /// A request with its LF.
  static func requestLine(id: Int64, _ method: String, _ params: JSONTree) -> [UInt8] {
    let request: JSONTree = [
      "jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": params,
    ]
    return Array((request.lineText + "\n").utf8)
  }
}
