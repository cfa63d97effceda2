// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC
import Glibc
import Store

/// `scrip alerts tail`: events of the outbox as lines.
struct TailAlerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: "Prints alerts and their news, one CloudEvents JSON object a line.",
    discussion: """
      Begins at the first event, at --from-seq, or after the place that --cursor-file holds, and \
      ends at the newest; with --follow it waits for more until SIGTERM or SIGINT, or until \
      nobody reads (exit code 0). The cursor is moved on once the reader of a pipe or socket has \
      taken the lines: what it left when it died comes again, with the same ids. A reader that \
      must not lose what it had taken and not worked off keeps its own place and gives --from-seq.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(help: "Wait for more.")
  var follow = false

  @Option(help: "The first event to print, itself included.")
  var fromSeq: Int64?

  @Option(help: "Begin after the event this file names, and keep it up to date.")
  var cursorFile: String?

  func validate() throws {
    guard fromSeq.map({ $0 >= 1 }) ?? true else {
      throw ValidationError("--from-seq takes a number from 1")
    }
  }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)
    if follow { Interruptions.catchAll() }
    try scrip.run { () throws(Failure) in try tail() }
  }

  /// The cursor, for which one that is about to end is waited for: its reader may have come back
  /// before it has noticed that it was gone.
  private func take(_ path: String) throws(Failure) -> CursorFile {
    for _ in 0..<20 {
      if let cursor = try CursorFile(path: path) { return cursor }
      usleep(100_000)
    }
    throw .temporary("another process uses \(path)")
  }

  /// Says so where the place is one that this ledger has not come to: alerts up to there would be
  /// passed over in silence.
  private func warn(_ outbox: any Outbox) {
    guard outbox.next - 1 > outbox.newest else { return }
    let place = fromSeq == nil ? cursorFile ?? "the cursor" : "--from-seq"
    StandardError.write(
      "scrip: \(place) goes on at event \(outbox.next), and the ledger has \(outbox.newest): "
        + "it was restored, or the place is another ledger's; "
        + "nothing up to event \(outbox.next - 1) is printed")
  }

  private func tail() throws(Failure) {
    _ = try ledger.identity()
    var cursor: CursorFile?
    if let cursorFile {
      cursor = try take(cursorFile)
    }
    let first = fromSeq ?? (cursor?.sequence ?? 0) + 1
    var tail = Tail(cursor)
    var isWarned = false
    defer { tail.keepPlace() }
    do {
      let outbox = try LedgerPlace(ledger.data).outbox(from: first)
      while !Interruptions.happened {
        let found = try outbox.read(entries: 500)
        guard try tail.write(found.events) else { return }
        guard found.isAtEnd else { continue }
        if !isWarned { warn(outbox) }
        isWarned = true
        guard follow else { return tail.drain() }
        guard tail.waitForMore() else { return }
      }
    } catch let failure as Failure {
      throw failure
    } catch let error as StoreError {
      throw Failure(error)
    } catch {
      preconditionFailure("nothing else is thrown")
    }
  }
}

/// Events on their way to standard output, with the place that was reached.
private struct Tail {
  private static let output: Int32 = 1
  /// How long a reader of the last lines is waited for, in turns of a few milliseconds.
  private static let patience = 400
  private let cursor: CursorFile?
  private let farEnd = FarEnd(of: output)
  private var written = UnreadOutput()

  init(_ cursor: CursorFile?) { self.cursor = cursor }

  /// Writes events; false when nobody reads any more.
  mutating func write(_ events: [AlertEvent]) throws(Failure) -> Bool {
    // A few at a time: what is written may wait for its reader, and what was read by then counts.
    var rest = events[...]
    while !rest.isEmpty {
      let part = rest.prefix(16)
      rest = rest.dropFirst(16)
      let lines = part.map { $0.cloudEvent + [UInt8(ascii: "\n")] }
      guard try StandardOutput.offer(Array(lines.joined())) else { return false }
      for (event, line) in zip(part, lines) { written.note(event.sequence, count: line.count) }
      keepPlace()
    }
    return true
  }

  /// Takes down what has been read.
  mutating func keepPlace() {
    guard let cursor, let last = written.taken(unread: farEnd.unread(Self.output)) else { return }
    cursor.set(last)
  }

  /// Waits for the reader to take the last lines, but not for ever: what it left comes again.
  mutating func drain() {
    guard cursor != nil else { return }
    for _ in 0..<Self.patience {
      keepPlace()
      if written.isEmpty || Interruptions.happened || !isRead(within: 0) { return }
      usleep(5_000)
    }
  }

  /// Waits a moment; false when nobody reads any more.
  mutating func waitForMore() -> Bool {
    defer { keepPlace() }
    return isRead(within: 100)
  }

  private func isRead(within milliseconds: Int32) -> Bool {
    var set = pollfd(fd: Self.output, events: 0, revents: 0)
    _ = poll(&set, 1, milliseconds)
    return !FarEnd.isDeserted(set)
  }
}
