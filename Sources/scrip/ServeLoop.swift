// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import Store
import StoreSQLite

/// The one thread that reads, decides, commits and answers.
///
/// It reads what the pipe holds, serves it in groups, writes each group's answers with one write
/// after its commit, and reads again: groups form by themselves when many requests are in flight.
struct ServeLoop {
  let session: Session
  let store: SQLiteStore
  let streams: StandardStreams
  let workers: Workers
  /// How long the loop waits for input before it sees to the store's upkeep.
  private static let idleMilliseconds: Int32 = 50
  private static let bufferSize = 1 << 18

  func run() throws(Failure) {
    let pipe = try WakePipe()
    pipe.catchSignals()
    workers.start(waking: pipe)
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    var reading = true
    var answering = true
    while true {
      // Part of a line that a signal cut off is not a line: only the end of input makes it one.
      if WakePipe.isStopping || session.isShuttingDown || !answering { reading = false }
      try serveAll(answering: &answering)
      store.maintain()
      if !reading, !session.hasWork, !session.isWaiting { break }
      if session.hasWork { continue }
      let ready = try streams.wait(
        reading: reading && !session.isSaturated, pipe,
        milliseconds: store.working.unfoldedCount > 0 ? Self.idleMilliseconds : -1)
      if ready.closed { answering = false }
      guard ready.input else { continue }
      switch try streams.read(into: buffer) {
      case .bytes(let count):
        session.receive(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
      case .end:
        reading = false
        session.endOfInput()
      case .nothing: break
      }
    }
    try close()
  }

  /// Serves until nothing is left that can be served now.
  private func serveAll(answering: inout Bool) throws(Failure) {
    var output: [UInt8] = []
    for result in workers.takeResults() {
      switch result {
      case .stretched(let number, let bytes): session.deliver(bytes, number: number)
      case .verified(let number, let report):
        session.deliver(report: report, number: number, into: &output)
      }
    }
    try write(&output, answering: &answering)
    while session.hasWork {
      do {
        try session.turn(into: &output)
      } catch {
        try write(&output, answering: &answering)
        throw Failure(error)
      }
      for job in session.takeJobs() { workers.add(job) }
      try write(&output, answering: &answering)
    }
  }

  private func write(_ output: inout [UInt8], answering: inout Bool) throws(Failure) {
    if answering, !output.isEmpty { answering = try streams.write(output) }
    output.removeAll(keepingCapacity: true)
  }

  private func close() throws(Failure) {
    workers.stop()
    do {
      try store.close()
    } catch {
      throw Failure(error)
    }
  }
}
