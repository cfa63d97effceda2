// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Seeds
import Testing

/// Several processes on one directory: value is conserved at every read, whatever dies (T8, T12,
/// T13, T15).
@Suite struct RaceTests {
  private static let inFlight = 16

  /// On a server, also where engines that could share do not.
  @Test(
    arguments: Settings.raceProcesses, ServerLedgers.target == nil ? [false] : [false, true])
  func `processes on one ledger keep one set of books, also when one of them is killed`(
    processes: Int, loners: Bool
  ) throws {
    let seed = Settings.seed(for: "\(processes) \(loners ? "lone " : "")processes")
    var random = SplitMix64(seed: seed)
    let start = Deadline.now
    let tills = try Tills(
      ledger: Ledger(forLoners: loners), seed: seed, cards: 50, tag: "p\(processes)")
    try tills.begin()
    var open = try (0..<processes).map { _ in try tills.open() }
    var kills = 0
    var nextKill = Deadline(in: 1)
    let limit = Deadline(in: 60 + Double(Settings.raceOperations) / 50)
    while tills.answers < Settings.raceOperations {
      var gathered = 0
      for till in open {
        try tills.fill(till, upTo: Self.inFlight)
        gathered += try tills.gather(till, within: 0)
      }
      if gathered == 0 { pause(seconds: 0.0002) }
      try #require(!limit.hasPassed, "after \(tills.answers) answers")
      guard nextKill.hasPassed else { continue }
      nextKill = Deadline(in: random.seconds(upToMilliseconds: 2 * Settings.raceKillInterval))
      let victim = random.below(processes)
      // One that has not answered yet may not have come to hear of signals.
      if open[victim].answers > 0, random.once(in: 4) {
        #expect(try tills.stop(open[victim]) == .code(0))
      } else {
        try tills.kill(open[victim])
        kills += 1
      }
      open[victim] = try tills.open()
    }
    for till in open { try Self.end(till, of: tills) }
    let seconds = Double(Deadline.now - start) / 1e9
    counted("T12", tills.answers, "answers")
    print("\(processes) processes: \(tills.summary), \(kills) kills, \(Int(seconds * 1000)) ms")
    // The traffic repeats enough by itself.
    try tills.close(repeatingOneIn: 8)
  }

  /// Ends an engine in good order.
  static func end(_ till: Tills.Till, of tills: Tills) throws {
    try tills.settle(till)
    #expect(try tills.end(till) == .code(0))
  }

  @Test func `a card of a hundred gives exactly a hundred to four processes`() throws {
    let seed = Settings.seed(for: "the hot card")
    let tills = try Tills(ledger: Ledger(forLoners: true), seed: seed, cards: 1, tag: "hot")
    try tills.begin()
    let open = try (0..<4).map { _ in try tills.open() }
    try tills.ask("hot", .open(pin: nil, topUp: 100), "hot-open", of: open[0])
    try tills.settle(open[0])
    var asked: [Int] = []
    for number in 0..<Settings.hotDebits {
      asked.append(
        try tills.ask("hot", .debit(1, pin: nil), "hot-\(number)", of: open[number % 4]))
    }
    for till in open { try Self.end(till, of: tills) }
    var codes: [String: Int] = [:]
    for attempt in tills.history.attempts where asked.contains(attempt.operation) {
      switch attempt.outcome {
      case .done?: codes["done", default: 0] += 1
      case .refused(let refusal)?: codes[refusal.code, default: 0] += 1
      default: codes["no answer", default: 0] += 1
      }
    }
    #expect(codes == ["done": 100, "insufficient_funds": Settings.hotDebits - 100])
    try tills.close()
  }

  @Test func `one key twice in each of four processes at once is carried out once`() throws {
    let seed = Settings.seed(for: "one key everywhere")
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 1, tag: "key")
    try tills.begin()
    let open = try (0..<4).map { _ in try tills.open() }
    try tills.ask("key", .open(pin: nil, topUp: 1_000_000), "key-open", of: open[0])
    try tills.settle(open[0])
    for round in 0..<Settings.keyRounds {
      let operation = try tills.ask("key", .debit(7, pin: nil), "key-\(round)", of: open[0])
      for till in open + open.dropFirst() { try tills.send(operation, to: till) }
      for till in open { try tills.settle(till) }
      let answers = tills.history.attempts.suffix(8).compactMap { attempt -> Outcome.Done? in
        if case .done(let done)? = attempt.outcome { done } else { nil }
      }
      #expect(answers.count == 8 && answers.count(where: \.isReplayed) == 7, "round \(round)")
      #expect(Set(answers.map(\.text)).count == 1, "round \(round)")
    }
    for till in open { try Self.end(till, of: tills) }
    try tills.close()
  }

  @Test func `what one process has answered, every other one shows`() throws {
    let seed = Settings.seed(for: "reads after writes")
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 1, tag: "read")
    try tills.begin()
    let open = try (0..<3).map { _ in try tills.open() }
    try tills.ask("read", .open(pin: nil, topUp: nil), "read-open", of: open[0])
    try tills.settle(open[0])
    for round in 1...300 {
      let (writer, reader) = (open[round % 3], open[(round + 1 + round % 2) % 3])
      try tills.ask("read", .topUp(10), "read-\(round)", of: writer)
      try tills.settle(writer)
      try tills.ask("read", .account, "", of: reader)
      try tills.settle(reader)
      guard case .standing(let seen)? = tills.history.attempts.last?.outcome else {
        Issue.record("round \(round): no standing")
        continue
      }
      #expect(seen.principal == Int64(10 * round))
    }
    for till in open { try Self.end(till, of: tills) }
    try tills.close()
  }

  @Test func `engines that make one ledger at once all serve it`() throws {
    for round in 0..<10 {
      let ledger = try Ledger()
      let engines = try (0..<4).map { _ in try ledger.serve() }
      var names: Set<String> = []
      for engine in engines {
        do {
          names.insert(try engine.request("system.info").string("/ledger_id"))
          #expect(try engine.finish().exit == .code(0), "round \(round)")
        } catch {
          Issue.record("round \(round): \(error)")
        }
      }
      #expect(names.count == 1, "round \(round)")
    }
  }
}
