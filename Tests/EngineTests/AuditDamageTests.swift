// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue
import Testing

@testable import Engine

/// Damage of all sorts: the audit never traps, and is never silent about what the chain covers.
@Suite struct AuditDamageTests {
  /// A short ledger with the kinds that refer to others, so that many runs are cheap.
  private static func short() throws -> AuditedLedger {
    let till = try AuditTill()
    try till.setProgram(
      """
      {"topup":{"bonus_rules":[{"expires_after_days":1,"grant":{"basis_points":1000,\
      "type":"rate"},"id":"tenth"}],"pending_tenders":["cheque"]}}
      """)
    let id = try till.open("card-1", pin: "1234", topUp: 90_000)
    let pin = try #require(PIN("1234"))
    let debit = try till.must(
      CreateDebit(name: .id(id), amount: Amount(5000), pin: pin, allowPartial: false))
    try till.must(RefundDebit(entry: debit.id, name: nil, amount: Amount(4500)))
    let hold = try till.must(
      AuthorizeDebit(name: .id(id), amount: Amount(700), pin: pin, seconds: 60))
    try till.must(CaptureHold(hold: try #require(hold.hold), name: nil, amount: Amount(600)))
    try till.refuse(VerifyPIN(name: .id(id), pin: try #require(PIN("0000"))), .pinIncorrect)
    let cheque = try till.topUp(id, 2000, by: "cheque")
    try till.must(ClearTopUp(entry: cheque.id, name: nil))
    try till.must(ReverseEntry(original: .entry(cheque.id), name: nil))
    return try till.ledger()
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a thousand flipped bits each are all found`(seed: UInt64) throws {
    var random = AuditRandom(seed: seed)
    let good = try Self.short()
    for _ in 0..<1000 {
      var ledger = good
      let index = random.below(ledger.rows.count)
      let row = ledger.rows[index]
      let bit = UInt8(1) << UInt8(random.below(8))
      let number = Int64(bitPattern: 1 << UInt64(random.below(64)))
      var bytes = row.body
      bytes[random.below(bytes.count)] ^= bit
      ledger.rows[index] =
        switch random.below(12) {
        case 0: row.with(at: row.at ^ number)
        case 1: row.with(kind: row.kind ^ number)
        case 2: row.with(account: .some((row.account ?? 0) ^ number))
        case 3: row.with(key: .some((row.key ?? "") + "~"))
        case 4:
          row.with(
            link: row.link.enumerated().map {
              $0.offset == Int(bit) % 17 ? $0.element ^ bit : $0.element
            })
        default: row.with(body: bytes)
        }
      // What comes after is no help: the row itself must be named.
      ledger.rows.removeSubrange((index + 1)...)
      ledger.dropFold()
      let sequence = row.sequence
      let problems = try ledger.audit()
      let isNamed = problems.contains { $0.entry?.sequence == sequence }
      #expect(isNamed, "seed \(seed): row \(index), \(problems.map(\.description))")
      guard isNamed else { return }
    }
  }

  /// Who has the key mends the chain over the damage: all that is asked then is no trap.
  @Test(arguments: 11...13 as ClosedRange<UInt64>)
  func `flipped bits under a mended chain trap nowhere`(seed: UInt64) throws {
    var random = AuditRandom(seed: seed)
    let good = try Self.short()
    for _ in 0..<400 {
      var ledger = good
      for _ in 0...random.below(3) {
        let index = random.below(ledger.rows.count)
        var bytes = ledger.rows[index].body
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        ledger.rows[index] = ledger.rows[index].with(body: bytes)
      }
      ledger.relink(from: 0)
      _ = try ledger.audit()
    }
  }

  @Test(arguments: 21...23 as ClosedRange<UInt64>)
  func `absurd figures under a good chain trap nowhere`(seed: UInt64) throws {
    var random = AuditRandom(seed: seed)
    let good = try Self.short()
    for _ in 0..<400 {
      var ledger = good
      for _ in 0...random.below(4) {
        let index = random.below(ledger.rows.count)
        var forged = ForgedEntry(try ledger.entry(index))
        forged.makeAbsurd(&random)
        ledger.replace(index, by: forged.entry)
      }
      ledger.relink(from: 0)
      let problems = try ledger.audit()
      #expect(!problems.contains { $0.text == "the chain is broken here" }, "seed \(seed)")
    }
  }
}

extension ForgedEntry {
  private static let figures: [Int64] = [
    0, 1, 2, 999_999_999_999, 1_000_000_000_001, 1_000_000_000_000_000_000, .max - 1, .max,
  ]

  /// Puts extreme figures in the place of sensible ones.
  fileprivate mutating func makeAbsurd(_ random: inout AuditRandom) {
    func figure() -> Int64 { Self.figures[random.below(Self.figures.count)] }
    func entry() -> EntryID { EntryID(random.below(2) == 0 ? figure() : Int64(random.below(14))) }
    switch random.below(14) {
    case 0: amount = figure()
    case 1: (principal, bonus) = (figure(), figure())
    case 2: previous = entry()
    case 3: programVersion = figure()
    case 4: links = links.map { Entry.Link($0.relation, entry()) }
    case 5: hold = HoldID(entry())
    case 6: postings = postings.map { Posting($0.account, random.below(2) == 0 ? .min : figure()) }
    case 7: postings += postings
    case 8: changes += changes
    case 9: kind = EntryKind.allCases[random.below(EntryKind.allCases.count)]
    case 10:
      snapshot {
        $0.held = Amount(figure())
        $0.spendable = Amount(figure())
        $0.firstDay = AccountSnapshot.FirstDay(cap: Amount(figure()), spent: Amount(figure()))
        $0.pinAttemptsLeft = .min
      }
    case 11: changes.append(Change.marked(entry(), .refunded(Amount(figure()))))
    default: edit { $0.absurd(figure: figure, entry: entry) }
    }
  }
}

extension Change {
  fileprivate func absurd(figure: () -> Int64, entry: () -> EntryID) -> Change {
    func amount() -> Amount { Amount(figure()) }
    switch self {
    case .lotGranted(let grant):
      return .lotGranted(
        Grant(
          lot: grant.lot, kind: grant.kind, amount: amount(), releasePerDebit: amount(),
          expiresAt: .latest, rule: grant.rule, pending: grant.pending))
    case .lotWithdrawn(let lot, _): return .lotWithdrawn(lot, amount())
    case .lotTaken(let lot, _): return .lotTaken(lot, amount())
    case .lotReturned(let lot, _): return .lotReturned(lot, amount())
    case .lotCleared: return .lotCleared(LotID(topUp: entry(), index: 0))
    case .holdPlaced(let hold):
      let parts = hold.parts.map { Part(lot: $0.lot, amount: amount()) }
      return .holdPlaced(Hold(id: HoldID(entry()), parts: parts + parts, expiresAt: .latest))
    case .holdEnded: return .holdEnded(HoldID(entry()))
    case .daySpent(let date, _):
      return .daySpent(date, figure() % 2 == 0 ? .min : figure())
    case .pinFailed: return .pinFailed(lock: .until(.latest))
    case .marked(_, let mark): return .marked(entry(), mark)
    case .settled: return .settled(payout: amount())
    default: return self
    }
  }
}
