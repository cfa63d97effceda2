// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Store

/// Folds slices into state.db on a thread of its own, and copies the logs into their databases.
///
/// The loop hands over a slice and looks later what became of it; it never waits unless it asks
/// to.
final class Folder {
  /// What became of a slice.
  enum Outcome: Sendable {
    case folded
    /// It could not be written this time, and nothing of it was.
    case returned(String)
    /// state.db is not the file or not the state that was opened: it must be opened anew.
    case replaced
    /// state.db is not what was written to it: it must be made anew.
    case damaged(String)
  }

  /// What a checkpoint of the journal found: frames in its log, and how many of them are copied.
  struct JournalCheckpoint: Sendable {
    let logFrames: Int
    let copied: Int
    let problem: String?
  }

  private struct Desk {
    var slice: Slice?
    var outcome: Outcome?
    /// fold.lock is held for the slice.
    var isFolding = false
    var wantsJournalCheckpoint = false
    var journalCheckpoint: JournalCheckpoint?
    var ends = false
    /// Both logs are copied before the end.
    var endsClean = false
  }

  private let desk: Monitor<Desk>
  private let worker: Worker

  /// Starts the thread, which has the bench to itself from now on.
  init(_ bench: FoldingBench) throws(StoreError) {
    let desk = Monitor(Desk())
    self.desk = desk
    let shop = Shop(bench: bench, desk: desk)
    worker = try Worker { shop.run() }
  }

  deinit { stop() }

  /// Ends the thread after what it is doing now; what was handed over and not begun is dropped.
  func stop() {
    desk.change { $0.ends = true }
    worker.join()
  }

  /// Ends the thread as `stop` does, once it has copied both logs into their databases.
  func finish() {
    desk.change { $0.endsClean = true }
    stop()
  }

  /// Hands over a slice; the one before must have been collected.
  func submit(_ slice: Slice) {
    desk.change { desk in
      precondition(desk.slice == nil && desk.outcome == nil, "one slice at a time")
      desk.slice = slice
    }
  }

  /// What became of the slice, once; nil while it is under way or there is none.
  func collect() -> Outcome? {
    desk.change { desk in
      defer { desk.outcome = nil }
      return desk.outcome
    }
  }

  /// Waits for the slice under way; without `patience` only while it is really being written, not
  /// while another process holds fold.lock.
  func wait(patience: Bool) {
    desk.wait { desk in
      guard desk.slice != nil, patience || desk.isFolding else { return () }
      return nil
    }
  }

  /// Asks for a checkpoint of the journal.
  func requestJournalCheckpoint() { desk.change { $0.wantsJournalCheckpoint = true } }

  /// What the checkpoint asked for found, once; nil while there is none.
  func collectJournalCheckpoint() -> JournalCheckpoint? {
    desk.change { desk in
      defer { desk.journalCheckpoint = nil }
      return desk.journalCheckpoint
    }
  }

  /// Waits until no checkpoint of the journal is asked for.
  func waitForJournalCheckpoint() {
    desk.wait { $0.wantsJournalCheckpoint ? nil : () }
  }
}

extension Folder {
  private enum Job {
    case fold(Slice)
    case checkpointJournal
    case end(clean: Bool)
  }

  /// The thread's side.
  private final class Shop: Sendable {
    private let bench: FoldingBench
    private let desk: Monitor<Desk>

    init(bench: FoldingBench, desk: Monitor<Desk>) {
      self.bench = bench
      self.desk = desk
    }

    func run() {
      while true {
        switch next() {
        case .fold(let slice): fold(slice)
        case .checkpointJournal: checkpointJournal()
        case .end(let clean):
          if clean { bench.checkpointAll() }
          return
        }
      }
    }

    private func next() -> Job {
      desk.wait { desk in
        if desk.ends { return .end(clean: desk.endsClean) }
        if desk.wantsJournalCheckpoint { return .checkpointJournal }
        return desk.slice.map { .fold($0) }
      }
    }

    private func fold(_ slice: Slice) {
      let outcome: Outcome
      do throws(StoreError) {
        if try bench.lock() {
          desk.change { $0.isFolding = true }
          outcome = bench.fold(slice)
        } else {
          outcome = .returned("another process holds the lock of the state")
        }
      } catch {
        outcome = .returned(error.message)
      }
      let isFolding = desk.change { desk in
        desk.slice = nil
        desk.outcome = outcome
        defer { desk.isFolding = false }
        return desk.isFolding
      }
      // Only now, so that the loop need not wait for the copying.
      guard isFolding else { return }
      try? bench.checkpointState()
      bench.unlock()
    }

    private func checkpointJournal() {
      let found: JournalCheckpoint
      do throws(StoreError) {
        let (logFrames, copied) = try bench.checkpointJournal()
        found = JournalCheckpoint(logFrames: logFrames, copied: copied, problem: nil)
      } catch {
        found = JournalCheckpoint(logFrames: 0, copied: 0, problem: error.message)
      }
      desk.change { desk in
        desk.wantsJournalCheckpoint = false
        desk.journalCheckpoint = found
      }
    }
  }
}
