// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Seeds
import Testing

/// Fifty refunds of one debit at once give back at most the debit (T14).
@Suite struct RefundRaceTests {
  /// What is sent at once about one debit.
  private enum Rush: CaseIterable {
    case wholeRefunds
    case partialRefunds
    case reversals
    case everything
  }

  private static let amount: Int64 = 10_000
  private static let requests = 50

  @Test(arguments: [1, 2])
  func `fifty refunds and reversals of one debit give back at most the debit`(
    processes: Int
  ) throws {
    let seed = Settings.seed(for: "refunds in \(processes) processes")
    var random = SplitMix64(seed: seed)
    let tills = try Tills(
      ledger: Ledger(forLoners: true), seed: seed, cards: 1, tag: "r\(processes)")
    try tills.begin()
    let open = try (0..<processes).map { _ in try tills.open() }
    try tills.ask("card", .open(pin: nil, topUp: 20_000), "card", of: open[0])
    for round in 0..<max(1, Settings.refundRounds / 2) {
      try tills.ask("card", .debit(Self.amount, pin: nil), "debit-\(round)", of: open[0])
      try tills.settle(open[0])
      guard case .done(let debit)? = tills.history.attempts.last?.outcome, let entry = debit.entry
      else {
        Issue.record("round \(round): no debit")
        return
      }
      let rush = Rush.allCases[round % 4]
      let first = tills.history.attempts.count
      for number in 0..<Self.requests {
        let request = Self.request(rush, entry, &random)
        try tills.ask("card", request, "\(round)-\(number)", of: open[number % processes])
      }
      for till in open { try tills.settle(till) }
      judge(rush, Array(tills.history.attempts[first...]), round)
      // Whatever is left of the debit is made good, so that the next round finds the same card.
      try tills.ask("card", .refund(entry: entry, nil), "rest-\(round)", of: open[0])
    }
    for till in open { try RaceTests.end(till, of: tills) }
    try tills.close()
  }

  private static func request(
    _ rush: Rush, _ entry: String, _ random: inout SplitMix64
  ) -> Request {
    let part = Int64.random(in: 1...1500, using: &random)
    switch rush {
    case .wholeRefunds: return .refund(entry: entry, random.once(in: 2) ? nil : amount)
    case .partialRefunds: return .refund(entry: entry, part)
    case .reversals: return .reverse(entry: entry)
    case .everything:
      if random.once(in: 3) { return .reverse(entry: entry) }
      return .refund(entry: entry, random.once(in: 3) ? nil : part)
    }
  }

  private func judge(_ rush: Rush, _ attempts: [History.Attempt], _ round: Int) {
    var given: [Outcome.Done] = []
    var codes: Set<String> = []
    for attempt in attempts {
      switch attempt.outcome {
      case .done(let done)?: given.append(done)
      case .refused(let refusal)?: codes.insert(refusal.code)
      default: Issue.record("round \(round): no answer")
      }
    }
    let sum = given.reduce(0) { $0 + ($1.movement?.amount ?? 0) }
    #expect(sum <= Self.amount, "round \(round), \(rush)")
    let kinds = Set(given.compactMap { $0.movement?.kind })
    switch rush {
    case .wholeRefunds:
      #expect(given.count == 1 && codes == ["already_refunded"], "round \(round)")
    case .reversals:
      #expect(given.count == 1 && codes == ["already_reversed"], "round \(round)")
    case .partialRefunds:
      #expect(codes.isSubset(of: ["already_refunded", "refund_exceeds_debit"]))
    case .everything:
      #expect(kinds.count == 1, "round \(round): refunded and reversed")
      #expect(kinds != ["reverse"] || given.count == 1, "round \(round): reversed twice")
    }
  }
}
