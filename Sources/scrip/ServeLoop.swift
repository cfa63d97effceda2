// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import Glibc
import LedgerCore
import Store

/// The one thread that reads, decides, commits and answers.
///
/// It reads what the pipe holds, serves it in groups, writes each group's answers with one write
/// after its commit, and reads again: groups form by themselves when many requests are in flight.
struct ServeLoop {
  let session: Session
  let store: any LedgerStore
  let streams: StandardStreams
  let workers: Workers
  let outlets: AlertOutlets
  /// The other engines of this machine, where it shares with them.
  let neighbours: Neighbours?
  /// Whether ledger time goes on by itself.
  let isWall: Bool
  /// How long the loop waits for input before it sees to the store's upkeep.
  private static let idleMilliseconds: Int32 = 50
  private static let bufferSize = 1 << 18

  func run() throws(Failure) {
    let pipe = try WakePipe()
    pipe.catchSignals()
    workers.start(waking: pipe)
    outlets.tell(store.working)
    outlets.start()
    neighbours?.attend()
    let buffer = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.bufferSize, alignment: 16)
    defer { buffer.deallocate() }
    var reading = true
    var answering = true
    var patience = Patience()
    while true {
      // Part of a line that a signal cut off is not a line: only the end of input makes it one.
      if WakePipe.isStopping || !answering { reading = false }
      try serveAll(answering: &answering)
      // Told by a request: nothing else need come to wake the loop.
      if session.isShuttingDown { reading = false }
      store.maintain()
      if !reading, !session.hasWork {
        neighbours?.stopHosting()
        if !session.isWaiting { break }
      }
      if session.hasWork { continue }
      let wantsInput = reading && !session.isSaturated
      var others = neighbours?.watched ?? []
      // Where engines share, a processor that one of them keeps busy is one the others lack.
      if wantsInput, neighbours?.isSharing != true { patience.watch(for: { streams.hasInput }) }
      let ready = try streams.wait(
        reading: wantsInput, pipe, others: &others, milliseconds: timeout)
      patience.end()
      if ready.closed { answering = false }
      try meetNeighbours(others, answering: &answering)
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

  /// Takes in what other engines have sent, and passes on what the host has answered.
  private func meetNeighbours(
    _ polled: [pollfd], answering: inout Bool
  ) throws(Failure) {
    guard let neighbours else { return }
    var output: [UInt8] = []
    neighbours.receive(polled, into: &output)
    neighbours.send()
    try write(&output, answering: &answering)
  }

  /// Serves until nothing is left that can be served now.
  private func serveAll(answering: inout Bool) throws(Failure) {
    var output: [UInt8] = []
    for result in workers.takeResults() {
      switch result {
      case .stretched(let number, let bytes): session.deliver(bytes, number: number)
      case .reported(let number, let report):
        session.deliver(report: report, number: number, into: &output)
      }
    }
    try write(&output, answering: &answering)
    while session.hasWork {
      do {
        try session.turn(into: &output)
      } catch {
        try write(&output, answering: &answering)
        neighbours?.send()
        throw Failure(error)
      }
      for job in session.takeJobs() { workers.add(job) }
      try write(&output, answering: &answering)
      neighbours?.send()
      session.tidy()
      try tell(&output, answering: &answering)
    }
    try sweep()
    try tell(&output, answering: &answering)
  }

  /// Does what is due though nobody asks for anything.
  private func sweep() throws(Failure) {
    do {
      if session.isSweepDue { try session.sweep() } else { try session.lookForEvents() }
    } catch {
      throw Failure(error)
    }
  }

  /// Tells outlets and the client of new events, which are durable by now.
  private func tell(_ output: inout [UInt8], answering: inout Bool) throws(Failure) {
    outlets.tell(store.working)
    do {
      while try session.sendEvents(into: &output) { try writeEvents(&output, &answering) }
    } catch let error as StoreError {
      throw Failure(error)
    } catch let error as Failure {
      throw error
    } catch {
      preconditionFailure("nothing else is thrown")
    }
    try write(&output, answering: &answering)
  }

  private func writeEvents(_ output: inout [UInt8], _ answering: inout Bool) throws(Failure) {
    try write(&output, answering: &answering)
  }

  private func write(_ output: inout [UInt8], answering: inout Bool) throws(Failure) {
    if answering, !output.isEmpty { answering = try streams.write(output) }
    output.removeAll(keepingCapacity: true)
  }

  /// How long the loop may sleep: until the store's upkeep, an alert's end, or a look at what
  /// others have done.
  private var timeout: Int32 {
    var longest = Int32.max
    if store.working.unfoldedCount > 0 { longest = Self.idleMilliseconds }
    if session.waitsForEvents { longest = min(longest, 200) }
    if let limit = neighbours?.timeout, limit >= 0 { longest = min(longest, limit) }
    let ends = [store.working.nextAlertEnd, session.engine.nextCodeReport].compactMap { $0 }
    if isWall, let end = ends.min() {
      let left = end.milliseconds - session.engine.now.milliseconds
      // What could not be done at its time is tried again, not at once.
      longest = min(longest, Int32(clamping: left <= 0 ? 200 : left))
    }
    return longest == .max ? -1 : longest
  }

  private func close() throws(Failure) {
    workers.stop()
    neighbours?.leave()
    defer { outlets.stop() }
    do {
      try store.close()
    } catch {
      throw Failure(error)
    }
  }
}
