// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The sums of all postings by ledger account: the fold behind the trial balance.
package struct Totals: Hashable, Sendable {
  /// What was debited and credited in all, both non-negative.
  package struct Sides: Hashable, Sendable {
    package fileprivate(set) var debit: Int128 = 0
    package fileprivate(set) var credit: Int128 = 0
  }

  /// Of the standing accounts, by place; and which of them were posted to, one bit each.
  private var own = [Sides](repeating: Sides(), count: standing.count)
  private var posted: UInt16 = 0
  private var others: [LedgerAccount: Sides] = [:]

  package init() {}

  /// Of all accounts that were posted to.
  package var sides: [LedgerAccount: Sides] {
    var all = others
    for place in own.indices where posted & 1 << place != 0 {
      all[Self.standing[place]] = own[place]
    }
    return all
  }

  package mutating func apply(_ posting: Posting) {
    let amount = Int128(posting.amount)
    change(posting.account) { sides in
      if amount >= 0 { sides.debit += amount } else { sides.credit -= amount }
    }
  }

  @inline(__always)
  private mutating func change(_ account: LedgerAccount, _ body: (inout Sides) -> Void) {
    guard let place = Self.place(of: account) else {
      return body(&others[account, default: Sides()])
    }
    posted |= 1 << place
    body(&own[place])
  }

  /// Where an account stands among the standing ones.
  private static func place(of account: LedgerAccount) -> Int? {
    switch account {
    case .bonusExpense: 0
    case .breakage: 1
    case .cardBonus: 2
    case .cardPrincipal: 3
    case .couponDiscount: 4
    case .payouts: 5
    case .pendingTopUps: 6
    case .sales: 7
    case .cash, .uncleared: nil
    }
  }

  /// The accounts every ledger has, whether or not anything was posted to them.
  package static let standing: [LedgerAccount] = [
    .bonusExpense, .breakage, .cardBonus, .cardPrincipal, .couponDiscount, .payouts,
    .pendingTopUps, .sales,
  ]

  /// All standing accounts and all posted to, by name in ascending order of bytes.
  package var trialBalance: [(account: LedgerAccount, sides: Sides)] {
    var all = sides
    for account in Self.standing where all[account] == nil { all[account] = Sides() }
    return all.map { (account: $0.key, sides: $0.value) }
      .sorted { $0.account.name.utf8.lexicographicallyPrecedes($1.account.name.utf8) }
  }

  /// By name, in ascending order of bytes.
  package var sorted: [(account: LedgerAccount, sides: Sides)] {
    sides.map { (account: $0.key, sides: $0.value) }
      .sorted { $0.account.name.utf8.lexicographicallyPrecedes($1.account.name.utf8) }
  }

  /// Credits less debits of one account.
  package func creditBalance(_ account: LedgerAccount) -> Int128 {
    let sides = Self.place(of: account).map { own[$0] } ?? others[account] ?? Sides()
    return sides.credit - sides.debit
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 256)
    let all = sorted
    writer.unsigned(UInt64(all.count))
    for (account, sides) in all {
      writer.text(account.name)
      for value in [sides.debit, sides.credit] {
        writer.fixed(UInt64(truncatingIfNeeded: value >> 64))
        writer.fixed(UInt64(truncatingIfNeeded: value))
      }
    }
    return writer.bytes
  }

  package init(encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    for _ in 0..<(try reader.unsigned()) {
      guard let account = LedgerAccount(name: try reader.text()) else {
        throw MalformedRecord("unknown ledger account")
      }
      let debit = Int128(try reader.fixed()) << 64 | Int128(try reader.fixed())
      let credit = Int128(try reader.fixed()) << 64 | Int128(try reader.fixed())
      change(account) { $0 = Sides(debit: debit, credit: credit) }
    }
    try reader.finish()
  }
}
