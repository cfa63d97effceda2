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
    /// What came of it, unless another process has written something newer.
    case folded(FoldedSlice?)
    /// It could not be written this time, and nothing of it was.
    case returned(String)
    /// state.db is not the file or not the state that was opened: it must be opened anew.
    case replaced
    /// state.db is not what was written to it: it must be made anew.
    case damaged(String)
  }

  /// The databases, each with a log that is copied into it from time to time.
  enum Log: CaseIterable, Sendable {
    case journal
    case state
  }

  /// What a checkpoint found: frames in the log, and how many of them are copied.
  struct Checkpoint: Sendable {
    var logFrames = 0
    var copied = 0
    var problem: String?
    /// Of the state, where all of its log is copied.
    var accounts: AccountLeaves?
  }

  private struct Desk {
    var slice: Slice?
    var outcome: Outcome?
    /// The slice that was folded last, and whether nobody else needs it any more.
    var spent: (slice: Slice, isFree: Bool)?
    /// fold.lock is held for the slice.
    var isFolding = false
    /// Another process holds fold.lock, and the slice waits for that.
    var isBarred = false
    var wanted: Set<Log> = []
    var done: [Log: Checkpoint] = [:]
    /// The number under which aids for lookups are wanted, and some that were made.
    var wantedAids: Int?
    var aids: (number: Int, aids: LookupAids?)?
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
    desk.look { desk in
      defer { desk.outcome = nil }
      return desk.outcome
    }
  }

  /// Nobody needs the slice that was folded last any more.
  ///
  /// The folder's thread lets go of it last: a slice is tens of thousands of pieces, and giving
  /// them back takes milliseconds that the loop has better use for.
  func discardSlice() {
    desk.change { desk in
      if let slice = desk.spent?.slice { desk.spent = (slice, isFree: true) }
    }
  }

  /// Waits for the slice under way; without `patience` not while another process keeps it from
  /// being written.
  func wait(patience: Bool) {
    desk.wait { desk in
      guard desk.slice != nil, patience || !desk.isBarred else { return () }
      return nil
    }
  }

  /// Asks for a log to be copied; what becomes of it can be collected later.
  func requestCheckpoint(of log: Log) { desk.change { _ = $0.wanted.insert(log) } }

  /// Asks for aids for lookups in the state, at the earliest as of now.
  ///
  /// Whoever asks says under which number, and takes no other: those that were begun before may
  /// lack what came since.
  func requestAids(number: Int) { desk.change { $0.wantedAids = number } }

  /// What came of the aids asked for under this number, once; nil while they are being made.
  func collectAids(number: Int) -> LookupAids?? {
    desk.look { desk in
      guard let made = desk.aids, made.number == number else { return nil }
      desk.aids = nil
      return .some(made.aids)
    }
  }

  /// What the checkpoint asked for found, once; nil while there is none.
  func collectCheckpoint(of log: Log) -> Checkpoint? {
    desk.look { $0.done.removeValue(forKey: log) }
  }

  /// Waits until the checkpoint asked for is done, unless a slice has to be written first.
  func waitForCheckpoint(of log: Log) {
    desk.wait { desk in
      desk.wanted.contains(log) && !desk.isFolding ? nil : ()
    }
  }
}

extension Folder {
  private enum Job {
    case fold(Slice)
    case checkpoint(Log)
    case aids(Int)
    case discard(Slice)
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
        case .checkpoint(let log): checkpoint(log)
        case .aids(let number): makeAids(number)
        case .discard: break
        case .end(let clean):
          if clean {
            for log in Log.allCases { _ = try? bench.checkpoint(log) }
            bench.emptyLogs()
          }
          return
        }
      }
    }

    private func next() -> Job {
      desk.wait { desk in
        if desk.ends { return .end(clean: desk.endsClean) }
        if let spent = desk.spent, spent.isFree {
          desk.spent = nil
          return .discard(spent.slice)
        }
        if let log = desk.wanted.first { return .checkpoint(log) }
        if let slice = desk.slice { return .fold(slice) }
        return desk.wantedAids.map { .aids($0) }
      }
    }

    private func fold(_ slice: Slice) {
      let outcome: Outcome
      do throws(StoreError) {
        outcome = try bench.holdingFoldLock(
          or: .returned("another process holds the lock of the state"),
          whenTaken: { desk.change { $0.isBarred = true } },
          { bench in
            desk.change { desk in
              desk.isBarred = false
              desk.isFolding = true
            }
            return bench.fold(slice)
          })
      } catch {
        outcome = .returned(error.message)
      }
      desk.change { desk in
        // One that was not folded is used again, and would be copied if it were kept here.
        if case .folded = outcome { desk.spent = (slice, isFree: false) }
        desk.slice = nil
        desk.isFolding = false
        desk.isBarred = false
        desk.outcome = outcome
      }
    }

    /// Goes on with the aids, and hands them over when that is all.
    private func makeAids(_ number: Int) {
      guard let aids = bench.makeAids(number: number) else { return }
      desk.change { desk in
        if desk.wantedAids == number { desk.wantedAids = nil }
        desk.aids = (number, aids)
      }
    }

    private func checkpoint(_ log: Log) {
      var checkpoint = Checkpoint()
      do throws(StoreError) {
        checkpoint = try bench.checkpoint(log, looksAtLeaves: true)
      } catch {
        checkpoint.problem = error.message
      }
      let found = checkpoint
      desk.change { desk in
        desk.wanted.remove(log)
        desk.done[log] = found
      }
    }
  }
}
