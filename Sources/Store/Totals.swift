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

  package private(set) var sides: [LedgerAccount: Sides] = [:]

  package init() {}

  package mutating func apply(_ posting: Posting) {
    if posting.amount >= 0 {
      sides[posting.account, default: Sides()].debit += Int128(posting.amount)
    } else {
      sides[posting.account, default: Sides()].credit -= Int128(posting.amount)
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
      .sorted { $0.account.name < $1.account.name }
  }

  /// By name, in ascending order of bytes.
  package var sorted: [(account: LedgerAccount, sides: Sides)] {
    sides.map { (account: $0.key, sides: $0.value) }
      .sorted { $0.account.name < $1.account.name }
  }

  /// Credits less debits of one account.
  package func creditBalance(_ account: LedgerAccount) -> Int128 {
    let own = sides[account] ?? Sides()
    return own.credit - own.debit
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 256)
    writer.unsigned(UInt64(sides.count))
    for (account, sides) in sorted {
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
      sides[account] = Sides(debit: debit, credit: credit)
    }
    try reader.finish()
  }
}
