// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import LedgerCore
import Store

/// The way of the events from the outbox into one sink, with the place kept in a file.
final class Delivery {
  private static let slice = 1024
  /// How often a file is made durable and the place in it kept, in milliseconds.
  private static let syncInterval: Int64 = 1000
  private let sink: AlertSink
  private let cursor: CursorFile
  private let directory: String
  private let news: AlertNews
  private var outbox: (any Outbox)?
  /// What was read of the outbox and not written yet.
  private var waiting: ArraySlice<AlertEvent> = []
  /// Written to a pipe, and perhaps not read.
  private var written = UnreadOutput()
  private var lastWritten: Int64
  private var syncedAt: Int64 = 0
  private var told: String?

  init(sink: AlertSink, cursor: CursorFile, directory: String, news: AlertNews) {
    self.news = news
    self.sink = sink
    self.cursor = cursor
    self.directory = directory
    lastWritten = cursor.sequence
  }

  /// Delivers what there is; waits only for room in a pipe.
  func pass(isStopping: () -> Bool) throws(Failure) -> AlertSink.Outcome {
    defer { keepPlace(isEnd: isStopping()) }
    switch sink.look() {
    case .noReader:
      if lastWritten != cursor.sequence { rewind() }
      let opened = sink.open()
      tell(sink.problem)
      guard case .written = opened else { return opened }
    case .gone: return .gone
    case .written, .full, .stopped: break
    }
    while true {
      let isAtEnd = try fetch()
      while let event = waiting.first {
        let outcome = sink.write(event.cloudEvent + [UInt8(ascii: "\n")], isStopping: isStopping)
        tell(sink.problem)
        switch outcome {
        case .written:
          waiting.removeFirst()
          note(event)
        case .noReader:
          keepPlace(isEnd: false)
          rewind()
          return .noReader
        case .gone, .full, .stopped: return outcome
        }
      }
      if isAtEnd { return .written }
    }
  }

  /// The descriptor whose reader may go away; -1 while there is none.
  var reader: Int32 { sink.reader }

  /// How long to wait for news after a pass, in milliseconds.
  func pause(after outcome: AlertSink.Outcome) -> Int32 {
    switch outcome {
    case .written: 250
    case .noReader: 100
    case .full: 500
    case .gone, .stopped: 0
    }
  }

  /// Reads on where nothing is waiting; whether the end of the outbox was reached.
  private func fetch() throws(Failure) -> Bool {
    guard waiting.isEmpty else { return false }
    do {
      if outbox == nil { outbox = try LedgerPlace(directory).outbox(from: lastWritten + 1) }
      guard let outbox else { return true }
      let found = try outbox.read(entries: news.guide(outbox, slice: Self.slice))
      waiting = found.events[...]
      return found.isAtEnd && waiting.isEmpty
    } catch .busy {
      return true
    } catch {
      throw Failure(error)
    }
  }

  private func note(_ event: AlertEvent) {
    told = nil
    lastWritten = event.sequence
    guard sink.isRead else { return }
    written.note(event.sequence, count: event.cloudEvent.count + 1)
  }

  /// What the reader may not have had is to be sent again.
  private func rewind() {
    written.forget()
    waiting = []
    lastWritten = cursor.sequence
    outbox = nil
  }

  private func keepPlace(isEnd: Bool) {
    guard sink.isRead else {
      let now = monotonicMilliseconds()
      guard lastWritten != cursor.sequence, isEnd || now - syncedAt >= Self.syncInterval else {
        return
      }
      sink.sync()
      syncedAt = now
      cursor.set(lastWritten)
      return
    }
    if let last = written.taken(unread: sink.unread) { cursor.set(last) }
  }

  /// Says a problem once, until something has been delivered again.
  private func tell(_ problem: String?) {
    guard let problem, problem != told else { return }
    told = problem
    StandardError.write("scrip: alerts wait: " + problem)
  }
}
