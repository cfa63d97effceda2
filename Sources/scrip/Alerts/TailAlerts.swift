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
      nobody reads (exit code 0). The cursor is moved on once the lines are written: what the \
      reader of a pipe had not taken when it died may be lost with the pipe, and a reader that \
      keeps its own place gives --from-seq.
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

  private func tail() throws(Failure) {
    _ = try ledger.identity()
    var cursor: CursorFile?
    if let cursorFile {
      guard let opened = try CursorFile(path: cursorFile) else {
        throw .temporary("another process uses \(cursorFile)")
      }
      cursor = opened
    }
    let first = fromSeq ?? (cursor?.sequence ?? 0) + 1
    do {
      let outbox = try LedgerPlace(ledger.data).outbox(from: first)
      while !Interruptions.happened {
        let found = try outbox.read(entries: 500)
        var output: [UInt8] = []
        for event in found.events { output += event.cloudEvent + [UInt8(ascii: "\n")] }
        if !output.isEmpty {
          guard try StandardOutput.offer(output) else { return }
          if let last = found.events.last { cursor?.set(last.sequence) }
        }
        guard found.isAtEnd else { continue }
        if !follow { return }
        if !waitForMore() { return }
      }
    } catch let failure as Failure {
      throw failure
    } catch let error as StoreError {
      throw Failure(error)
    } catch {
      preconditionFailure("nothing else is thrown")
    }
  }

  /// Waits a moment; false when nobody reads any more.
  private func waitForMore() -> Bool {
    var set = pollfd(fd: 1, events: 0, revents: 0)
    _ = poll(&set, 1, 100)
    return set.revents & Int16(POLLERR | POLLNVAL) == 0
  }
}
