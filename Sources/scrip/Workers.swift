// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import Glibc
import Secrets
import Synchronization

/// Threads for what must not hold up the loop: stretching PINs, and reports over the ledger.
///
/// Reports are made one after another, on a thread that gives way to all others: they compute for
/// seconds, and a till must not wait for a processor meanwhile.
final class Workers: Sendable {
  /// What a job gave.
  enum Result: Sendable {
    case stretched(number: UInt64, [UInt8])
    /// A report, or that none could be made.
    case reported(number: UInt64, [UInt8]?)
  }

  private enum Kind {
    case stretching
    case reports

    init(_ job: Session.Job) {
      switch job {
      case .stretch: self = .stretching
      case .verify, .backtest: self = .reports
      }
    }
  }

  /// Jobs of a kind, and the threads that do them.
  private struct Lane {
    let threadLimit: Int
    var threads = 0
    var jobs: [Session.Job] = []

    init(threadLimit: Int) { self.threadLimit = threadLimit }
  }

  private struct State {
    /// One thread a core is enough: stretching is all computing.
    private var stretching = Lane(threadLimit: 2)
    private var reports = Lane(threadLimit: 1)
    var results: [Result] = []
    var pipe: WakePipe?

    subscript(kind: Kind) -> Lane {
      get { kind == .stretching ? stretching : reports }
      set {
        switch kind {
        case .stretching: stretching = newValue
        case .reports: reports = newValue
        }
      }
    }
  }

  /// How far a report's thread stands back, as `nice` counts: a tenth of another's share.
  private static let reportNiceness: Int32 = 10
  private let state = Mutex(State())
  private let directory: String
  private let keys: KeyRingWatch

  init(directory: String, keys: KeyRingWatch) {
    self.directory = directory
    self.keys = keys
  }

  func start(waking pipe: WakePipe) { state.withLock { $0.pipe = pipe } }

  /// Hands a job over; a thread is made for it while there are fewer than the limit.
  func add(_ job: Session.Job) {
    let kind = Kind(job)
    let needsThread = state.withLock { state in
      state[kind].jobs.append(job)
      guard state[kind].threads < state[kind].threadLimit else { return false }
      state[kind].threads += 1
      return true
    }
    guard needsThread else { return }
    PosixThread.detach {
      // Of this thread alone, as Linux has it; only standing back needs no right.
      if kind == .reports {
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.reportNiceness)
      }
      self.work(kind)
    }
  }

  func takeResults() -> [Result] {
    state.withLock { state in
      defer { state.results = [] }
      return state.results
    }
  }

  /// Forgets jobs not begun.
  func stop() {
    state.withLock { state in
      state[.stretching].jobs = []
      state[.reports].jobs = []
    }
  }

  /// Works until nothing is left to do, then ends; the next job makes a new thread.
  private func work(_ kind: Kind) {
    while true {
      let job = state.withLock { state -> Session.Job? in
        guard !state[kind].jobs.isEmpty else {
          state[kind].threads -= 1
          return nil
        }
        return state[kind].jobs.removeFirst()
      }
      guard let job else { return }
      let result = run(job)
      let pipe = state.withLock { state in
        state.results.append(result)
        return state.pipe
      }
      pipe?.wake()
    }
  }

  private func run(_ job: Session.Job) -> Result {
    switch job {
    case .stretch(let number, let job): .stretched(number: number, job.run())
    case .verify(let number):
      .reported(
        number: number, LedgerVerification.report(directory: directory, keys: keys.latest()))
    case .backtest(let number, let plan):
      .reported(number: number, LedgerBacktest.report(plan, directory: directory))
    }
  }
}

/// A thread of the system's, without a run loop.
enum PosixThread {
  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread that nobody waits for; traps when the system has none left.
  static func detach(_ body: @escaping @Sendable () -> Void) {
    let box = Unmanaged.passRetained(Body(body)).toOpaque()
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
        return nil
      }, box)
    precondition(failure == 0, "the system has no thread left")
    pthread_detach(thread)
  }
}
