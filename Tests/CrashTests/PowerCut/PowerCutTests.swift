// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Seeds
import Testing

/// A power cut at any instant loses nothing that was answered, and applies nothing twice (T3).
///
/// Engines run under strace, which writes down every write and every sync. From that come disks as
/// a power cut can leave them, and each is opened by an engine that is asked for everything again.
@Suite struct PowerCutTests {
  /// Engines that ran one after the other, the first ended by a kill, with all they did.
  private struct Run {
    let tills: Tills
    let recording: DiskRecording
    /// Answers that came before the recording.
    let earlier: Int
  }

  /// What becomes of the first two engines.
  private enum End {
    case kill
    /// A sync fails, and the engine ends by itself.
    case failedSync
  }

  private func run(_ seed: UInt64, burst: Int, by end: End = .kill) throws -> Run {
    var random = SplitMix64(seed: seed)
    let ledger = try Ledger()
    let tills = Tills(ledger: ledger, seed: seed, cards: 8, tag: "p")
    try tills.begin()
    let earlier = tills.answers
    var recording = try DiskRecording(of: ledger.data)
    for life in 0..<3 {
      let log = ledger.beside("strace-\(life)")
      let isKilled = life < 2 && end == .kill
      let failingSync = life < 2 && end == .failedSync ? 1 + random.below(24) : nil
      let till = try tills.open(
        through: DiskRecording.command(
          log: log, syncDelay: isKilled ? 3000 : 0, failingSync: failingSync))
      if failingSync != nil { try Self.playUntilItEnds(tills, till, burst: burst) }
      // One by one at first: a repetition is then answered without anything being written.
      while !tills.backlog.isEmpty, till.answers < 8, failingSync == nil {
        try tills.sendNext(to: till)
        try tills.settle(till)
      }
      // Short groups now and then, so that there is a sync between most answers.
      while till.answers < burst, failingSync == nil {
        try tills.fill(till, upTo: 1 + random.below(24))
        try tills.gather(till, within: 30, enough: 1)
        // The folder, and the logs' checkpoints, get their turns.
        if random.once(in: 12) { usleep(70_000) }
      }
      if isKilled {
        try tills.fill(till, upTo: 8)
        usleep(useconds_t(random.below(6000)))
        try Self.killEngine(under: till.engine.child.pid)
        _ = try till.engine.child.wait()
        try tills.bury(till)
      } else if failingSync == nil {
        try tills.settle(till)
        #expect(try tills.end(till) == .code(0))
      }
      let files = DiskRecording.files(in: ledger.data)
      try recording.append(
        log: log, leaving: files, answers: tills.answers - earlier)
      unlink(log)
      // A recording that is not whole proves nothing.
      let now = DiskImage(recording, before: recording.events.count, .nothing, random: &random)
      #expect(
        Set(now.files.keys) == Set(files.keys) && now.files.allSatisfy { files[$0] == $1 },
        "life \(life): the recording and the files differ")
      #expect(earlier + now.answers == tills.answers, "life \(life): answers are not recorded")
    }
    return Run(tills: tills, recording: recording, earlier: earlier)
  }

  /// Sends until the engine ends because a sync fails, or has answered enough.
  private static func playUntilItEnds(_ tills: Tills, _ till: Tills.Till, burst: Int) throws {
    let deadline = Deadline()
    while till.answers < burst, !till.engine.child.isAtEnd, !deadline.hasPassed {
      if till.inFlight.count < 4 { try tills.sendNext(to: till) }
      try tills.drain(till, within: 0.05, enough: 1)
    }
    let exit = try tills.end(till)
    #expect(exit == .code(74) || exit == .code(0), "\(exit): \(till.engine.child.errors)")
  }

  /// Kills the engine and not its tracer, which then ends as the engine did.
  private static func killEngine(under tracer: pid_t) throws {
    let children = Files.text(of: "/proc/\(tracer)/task/\(tracer)/children") ?? ""
    guard let engine = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
      throw HarnessFailure("the tracer has no child")
    }
    kill(engine, SIGKILL)
  }

  /// What is wrong with the ledger that a power cut left, asked everything again; nothing if good.
  private func problems(of image: DiskImage, after run: Run) throws -> [String] {
    let ledger = try Ledger()
    guard mkdir(ledger.data, 0o700) == 0 else { throw HarnessFailure.system("mkdir") }
    for (name, bytes) in image.files { try Files.write(bytes, to: ledger.data + "/" + name) }
    let tills = Tills(run.tills, on: ledger, answers: run.earlier + image.answers)
    do {
      let journal = try tills.finish(repeatingOneIn: 2)
      let found = Audit.problems(of: tills.history, journal: journal, rules: tills.rules)
      let verdict = try ledger.verify()
      return found + (verdict.exit == .code(0) ? [] : [verdict.output + verdict.errors])
    } catch {
      return ["\(error)"]
    }
  }

  @Test(.enabled(if: Tracer.path != nil))
  func `what was answered before a power cut stands once, what was not stands once when repeated`()
    throws
  {
    let seed = Settings.seed(for: "power cuts")
    let run = try run(seed, burst: 60)
    var random = SplitMix64(seed: seed)
    for number in 0..<Settings.powerCuts {
      let cut = run.recording.anyCut(&random)
      let loss = DiskImage.Loss.allCases[number % DiskImage.Loss.allCases.count]
      let image = DiskImage(run.recording, before: cut, loss, random: &random)
      for problem in try problems(of: image, after: run).prefix(5) {
        Issue.record("image \(number), \(loss) before event \(cut): \(problem)")
      }
    }
    counted("T3", Settings.powerCuts, "disks")
    print("power cuts: \(run.recording.events.count) events, \(run.tills.summary)")
  }

  /// What was written and never synced must be synced, or refused, before anything rests on it.
  @Test(.enabled(if: Tracer.path != nil))
  func `a sync that fails, a restart and then a power cut lose nothing that was answered`() throws {
    let seed = Settings.seed(for: "failed syncs and power cuts")
    let run = try run(seed, burst: 40, by: .failedSync)
    var random = SplitMix64(seed: seed)
    let images = max(8, Settings.powerCuts / 4)
    for number in 0..<images {
      let cut = run.recording.anyCut(&random)
      let loss = DiskImage.Loss.allCases[number % DiskImage.Loss.allCases.count]
      let image = DiskImage(run.recording, before: cut, loss, random: &random)
      for problem in try problems(of: image, after: run).prefix(5) {
        Issue.record("image \(number), \(loss) before event \(cut): \(problem)")
      }
    }
    counted("T3", images, "disks after a failed sync")
  }

  @Test(.enabled(if: Tracer.path != nil))
  func `a disk that does not do what it is told to sync is found out`() throws {
    let seed = Settings.seed(for: "the lying disk")
    let run = try run(seed, burst: 30)
    var random = SplitMix64(seed: seed)
    var found = 0
    for number in 0..<12 {
      let cut = run.recording.events.count / 2 + random.below(run.recording.events.count / 2)
      let loss: DiskImage.Loss = number % 2 == 0 ? .suffix : .reordered
      let image = DiskImage(
        run.recording, before: cut, loss, keepsSyncs: false, random: &random)
      withKnownIssue(isIntermittent: true) {
        if try !problems(of: image, after: run).isEmpty { found += 1 }
      }
    }
    #expect(found >= 6, "the harness would not notice a disk that loses what was synced")
  }
}
