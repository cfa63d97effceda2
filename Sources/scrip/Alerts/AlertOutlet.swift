// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import LedgerCore
import Store
import StoreSQLite
import Synchronization

/// Delivers the outbox of a ledger to one reader, on a thread of its own.
///
/// The loop only tells it that there is something; it reads the events from the journal, so a
/// reader that is slow, stopped or gone costs the loop nothing and loses nothing. At least once:
/// the place is kept in a file, and what a pipe may still have held is sent again.
final class AlertOutlet: Sendable {
  private struct State {
    var isStopping = false
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let wake: WakePipe
  private let directory: String
  private let home: String
  private let target: AlertSink.Target
  /// The name of the file that keeps the place, without number and ending.
  private let name: String
  private let news: AlertNews

  init(
    _ target: AlertSink.Target, name: String, directory: String, home: String, news: AlertNews
  ) throws(Failure) {
    self.news = news
    self.target = target
    self.name = name
    self.directory = directory
    self.home = home
    wake = try WakePipe()
  }

  func start() { PosixThread.detach { self.run() } }

  /// There are new events.
  func signal() { wake.wake() }

  /// Lets it deliver what can be delivered at once, and ends it.
  func stop() {
    state.withLock { $0.isStopping = true }
    wake.wake()
    for _ in 0..<200 {
      if state.withLock({ $0.hasEnded }) { return }
      usleep(5_000)
    }
  }

  private var isStopping: Bool { state.withLock { $0.isStopping } }

  private func run() {
    do {
      try deliver()
    } catch {
      StandardError.write("scrip: alerts are not delivered: " + error.message)
    }
    state.withLock { $0.hasEnded = true }
  }

  /// The place to go on from; nil when the engine ends before there is one.
  ///
  /// Of a file or FIFO only one process at a time writes: the others stand by. A descriptor is each
  /// process's own, and so is its place: the first that no other uses.
  private func cursor() throws(Failure) -> CursorFile? {
    var number = 0
    while number < 1000 {
      let suffix = number == 0 ? "" : ".\(number)"
      if let cursor = try CursorFile(path: "\(home)/alerts-\(name)\(suffix).cursor") {
        return cursor
      }
      if case .file = target {
        if isStopping { return nil }
        wait(milliseconds: 200, watching: -1)
      } else {
        number += 1
      }
    }
    throw .temporary("another process delivers to the same reader")
  }

  private func deliver() throws(Failure) {
    guard let cursor = try cursor() else { return }
    let delivery = Delivery(
      sink: AlertSink(target), cursor: cursor, directory: directory, news: news)
    while true {
      let outcome = try delivery.pass { isStopping }
      switch outcome {
      case .gone:
        StandardError.write("scrip: the reader of the alerts has gone")
        return
      case .stopped: return
      case .written where isStopping: return
      case .written, .noReader, .full: break
      }
      if isStopping { return }
      if case .written = outcome {
        wait(milliseconds: delivery.pause(after: outcome), watching: delivery.reader)
      } else {
        sleep(milliseconds: delivery.pause(after: outcome))
      }
    }
  }

  /// Waits whatever news there are: what failed is not tried again for each of them.
  private func sleep(milliseconds: Int32) {
    for _ in 0..<max(1, milliseconds / 20) where !isStopping { usleep(20_000) }
    wake.drain()
  }

  /// Waits for news, or for the reader's end: who opens a FIFO before that is noticed gets the rest
  /// of what the reader before had left.
  private func wait(milliseconds: Int32, watching reader: Int32) {
    var set = [
      pollfd(fd: wake.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: reader, events: 0, revents: 0),
    ]
    if poll(&set, 2, milliseconds) > 0, set[0].revents != 0 {
      wake.drain()
      // Events of one moment come together.
      usleep(2_000)
    }
  }
}
