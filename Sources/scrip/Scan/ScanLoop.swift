// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import JSON
import JSONRPC
import Store

/// Reads codes, has them judged by a session of its own and writes the verdicts, each once it is
/// durable.
struct ScanLoop {
  let session: Session
  let store: any LedgerStore
  let streams: StandardStreams
  /// How long the loop waits for input before it sees to the store's upkeep.
  private static let idleMilliseconds: Int32 = 50
  private static let bufferSize = 1 << 16

  func run(_ scanner: Scanner) throws(Failure) {
    var scanner = scanner
    let pipe = try WakePipe()
    pipe.catchSignals()
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    while !WakePipe.isStopping {
      store.maintain()
      let timeout = store.working.unfoldedCount > 0 ? Self.idleMilliseconds : -1
      let ready = try streams.wait(pipe, milliseconds: timeout)
      if ready.closed { break }
      guard ready.input else { continue }
      switch try streams.read(into: buffer) {
      case .bytes(let count):
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let requests = scanner.receive(bytes, at: Self.now())
        guard try serve(requests, &scanner) else { return try close() }
      case .end:
        _ = try serve(scanner.endOfInput(at: Self.now()), &scanner)
        return try close()
      case .nothing: break
      }
    }
    try close()
  }

  /// Serves the requests and writes what they come to; false when nobody reads it any more.
  private func serve(_ requests: [UInt8], _ scanner: inout Scanner) throws(Failure) -> Bool {
    requests.withUnsafeBytes { session.receive($0) }
    var output: [UInt8] = []
    var failure: Failure?
    do {
      while session.hasWork { try session.turn(into: &output) }
      if session.isSweepDue { try session.sweep() }
    } catch {
      // Every request has been answered, if only as unavailable.
      failure = Failure(error)
    }
    precondition(failure != nil || !session.isWaiting, "no coupon waits for a PIN")
    let written = try streams.write(scanner.lines(from: Self.answers(in: output)))
    session.tidy()
    if let failure { throw failure }
    return written
  }

  private static func answers(in output: [UInt8]) -> [JSONTree] {
    var framer = LineFramer()
    framer.append(output)
    var answers: [JSONTree] = []
    while case .line(let line)? = framer.next() {
      guard let document = try? JSONDocument.parse(line) else {
        preconditionFailure("a session answers in JSON")
      }
      answers.append(JSONTree(document.root))
    }
    return answers
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func close() throws(Failure) {
    do {
      try store.close()
    } catch {
      throw Failure(error)
    }
  }
}
