// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// A disk that fails loses nothing that was acknowledged (T2): every system call of a kind is made
/// to fail in turn, until a run gets through without meeting the failure.
@Suite(.enabled(if: Tracer.path != nil, "strace is not installed, or may not trace here"))
struct FaultTests {
  private static let burst = 20

  @Test(arguments: [
    Fault(call: "fdatasync", error: "EIO"),
    Fault(call: "pwrite64", error: "EIO"),
    Fault(call: "pwrite64", error: "ENOSPC"),
    Fault(call: "pwrite64", error: "ENOSPC", goesOn: true),
    Fault(call: "pwrite64", error: "EDQUOT"),
    Fault(call: "pwrite64", error: "EFBIG", goesOn: true),
    Fault(call: "ftruncate", error: "EIO"),
    Fault(call: "pread64", error: "EIO"),
  ])
  func `a call that fails while requests are served loses nothing acknowledged`(
    fault: Fault
  ) throws {
    let seed = Settings.seed(for: "faults of \(fault.testDescription)")
    for number in 1...Settings.faults {
      let tills = try Tills(ledger: Ledger(), seed: seed, cards: 4, tag: "f\(number)")
      try prepare(tills)
      let log = tills.ledger.beside("strace.log")
      let till = try tills.open(through: Tracer.command(fault, at: number, log: log))
      try burst(tills, till)
      let exit = try tills.end(till)
      let failures = Tracer.failures(in: log)
      judge(fault, number, tills, till, exit, log)
      try tills.close(repeatingOneIn: 4)
      if failures.isEmpty {
        #expect(number > 2, "nothing failed at all")
        counted("T2", number - 1, "calls")
        print("\(fault.testDescription): \(number - 1) places")
        return
      }
    }
  }

  /// Opens some cards and fills them, undisturbed.
  private func prepare(_ tills: Tills) throws {
    try tills.begin()
    let till = try tills.open()
    while till.requests < 40 {
      try tills.fill(till, upTo: 8)
      try tills.settle(till)
    }
    #expect(try tills.end(till) == .code(0))
  }

  /// A few requests at a time, with a read in each handful, until all are answered or the
  /// process has ended.
  private func burst(_ tills: Tills, _ till: Tills.Till) throws {
    let card = try #require(tills.cardNumbers.first)
    let deadline = Deadline()
    while till.requests < Self.burst, !till.engine.child.isAtEnd {
      for _ in 0..<3 { try tills.sendNext(to: till) }
      try tills.ask(card, .account, "", of: till)
      while !till.inFlight.isEmpty, !till.engine.child.isAtEnd, !deadline.hasPassed {
        try tills.drain(till, within: 0.05, enough: till.inFlight.count)
      }
    }
  }

  private func judge(
    _ fault: Fault, _ number: Int, _ tills: Tills, _ till: Tills.Till,
    _ exit: ChildProcess.Exit, _ log: String
  ) {
    let failures = Tracer.failures(in: log)
    // Before it is loaded, the engine cannot say anything about failures.
    if let first = failures.first, !first.contains(tills.ledger.data) { return }
    let place: Comment = "at \(number): \(failures.first ?? "none"), \(till.engine.child.errors)"
    let mine = tills.history.attempts.filter { $0.life == till.life }
    let all = mine.count { $0.answeredAt != nil }
    switch exit {
    case .code(0): #expect(all == mine.count, "ended well without answering all, \(place)")
    case .code(74), .code(75): #expect(!till.engine.child.errors.isEmpty, place)
    // SQLite takes a page that cannot be read for a damaged one.
    case .code(65) where fault.call == "pread64": break
    default: Issue.record("ended with \(exit), \(place)")
    }
    if failures.isEmpty { #expect(exit == .code(0), place) }
    let serving = Tracer.servingFailures(in: log)
    if fault.call == "fdatasync", serving.contains(where: { $0.contains("journal.db-wal") }) {
      // Never retry the fsync: nothing may be acknowledged behind it.
      #expect(exit == .code(74), place)
    }
    guard Self.isNoRoom(fault), all > 0 else { return }
    #expect(exit == .code(0), "that there is no room is no reason to end, \(place)")
    for attempt in mine where tills.history.operation(of: attempt).isRead {
      if attempt.isToBeRepeated { Issue.record("a read was refused, \(place)") }
    }
  }
}

extension FaultTests {
  /// A full disk, a quota that is used up, a file that may not grow.
  private static func isNoRoom(_ fault: Fault) -> Bool {
    ["ENOSPC", "EDQUOT", "EFBIG"].contains(fault.error)
  }
}

// MARK: Making and making anew

extension FaultTests {
  private static let makingFaults = [
    Fault(call: "fsync", error: "EIO"), Fault(call: "fdatasync", error: "EIO"),
    Fault(call: "link", error: "EIO"), Fault(call: "rename", error: "EIO"),
    Fault(call: "unlink", error: "EIO"), Fault(call: "ftruncate", error: "EIO"),
    Fault(call: "pwrite64", error: "ENOSPC"),
  ]

  @Test(arguments: makingFaults)
  func `a call that fails while a ledger is made leaves what the next one makes good`(
    fault: Fault
  ) throws {
    let seed = Settings.seed(for: "making with \(fault.testDescription)")
    for number in 1...Settings.faults {
      let tills = try Tills(ledger: Ledger(), seed: seed, cards: 2, tag: "m\(number)")
      let failures = try start(tills.ledger, fault, number)
      let left = Files.names(in: tills.ledger.data)
      do {
        try tills.begin()
        try tills.close()
      } catch {
        Issue.record("at \(number), \(failures.first ?? "none"), left: \(left): \(error)")
        return
      }
      if failures.isEmpty { return }
    }
  }

  @Test(arguments: makingFaults.filter { $0.call != "link" })
  func `a call that fails while the state is made anew loses nothing`(fault: Fault) throws {
    let seed = Settings.seed(for: "making anew with \(fault.testDescription)")
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 4, tag: "n")
    try prepare(tills)
    for number in 1...Settings.faults {
      for name in ["state.db", "state.db-wal", "state.db-shm"] {
        unlink(tills.ledger.data + "/" + name)
      }
      if try start(tills.ledger, fault, number).isEmpty { break }
      let till = try tills.open()
      try tills.ask(try #require(tills.cardNumbers.first), .account, "", of: till)
      try tills.settle(till)
      #expect(try tills.end(till) == .code(0), "at \(number)")
    }
    try tills.close()
  }

  /// Starts an engine whose N-th call fails, ends it, and answers the calls that failed.
  private func start(_ ledger: Ledger, _ fault: Fault, _ number: Int) throws -> [Substring] {
    let log = ledger.beside("strace.log")
    let engine = try ledger.serve(through: Tracer.command(fault, at: number, log: log))
    let exit = try engine.finish().exit
    let failures = Tracer.failures(in: log)
    switch exit {
    case .code(0), .code(73), .code(74), .code(75), .code(78): break
    default:
      Issue.record("at \(number), \(failures.first ?? "none"): \(exit), \(engine.child.errors)")
    }
    if failures.isEmpty { #expect(exit == .code(0)) }
    return failures
  }
}
