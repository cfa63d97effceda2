// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The folded state of one campaign.
package struct Campaign: Hashable, Sendable {
  package let number: CampaignNumber
  /// Its terms, encoded as the journal has them.
  package let document: [UInt8]
  package let createdAt: Instant
  package private(set) var isPaused = false
  package private(set) var counts = UseCounts()
  /// The last entry folded in; applying an earlier one again does nothing.
  package private(set) var lastEntry: EntryID

  /// The campaign that `entry` created on these terms.
  package init(_ document: [UInt8], by entry: Entry) {
    number = CampaignNumber(entry.id)
    self.document = document
    createdAt = entry.at
    lastEntry = entry.id
  }

  /// Folds in what an entry did to it; an entry folded in before is passed over.
  package mutating func apply(_ entry: Entry) throws(MalformedRecord) {
    guard entry.id > lastEntry else { return }
    var next = self
    for change in entry.changes where change.campaign == number {
      switch change {
      case .campaignPaused: next.isPaused = true
      case .campaignResumed: next.isPaused = false
      case .couponsIssued(let issue): next.counts.issue(issue.coupons.count)
      case .couponVoided: next.counts.void()
      case .couponRedeemed(let redemption):
        next.counts.redeem(redemption.discount, on: entry.date)
      case .couponUnredeemed(let undone): next.counts.unredeem(undone)
      default: break
      }
    }
    guard next.counts.isInRange else {
      throw MalformedRecord("a count of coupons falls below zero")
    }
    next.lastEntry = entry.id
    self = next
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 64 + document.count)
    writer.byte(1)
    writer.blob(document)
    writer.signed(createdAt.milliseconds)
    writer.bool(isPaused)
    counts.write(to: &writer)
    writer.unsigned(UInt64(lastEntry.sequence))
    return writer.bytes
  }

  package init(number: CampaignNumber, encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of a campaign") }
    self.number = number
    document = try reader.blob()
    createdAt = try reader.instant()
    isPaused = try reader.bool()
    counts = try UseCounts(from: &reader)
    lastEntry = try reader.entryID()
    try reader.finish()
  }
}

extension Caps {
  /// How many more coupons may be issued; nil: without bound.
  ///
  /// - Parameter share: of the account they are for; nil for bearer coupons.
  package func room(toIssueOf campaign: UseCounts, share: UseCounts?) -> Int64? {
    let inAll = total.map { $0 - campaign.issued }
    let own = share.flatMap { share in perAccount.map { $0 - share.issued } }
    return [inAll, own].compactMap { $0 }.min().map { max(0, $0) }
  }

  /// How many more uses on this date the caps by account leave; nil: without bound.
  ///
  /// - Parameter share: of the account that the uses are counted under.
  package func room(toUseUnder share: UseCounts, on date: BusinessDate) -> Int64? {
    let inAll = perAccount.map { $0 - share.uses }
    let today = perAccountPerDay.map { $0 - share.uses(on: date) }
    return [inAll, today].compactMap { $0 }.min().map { max(0, $0) }
  }

  /// What the caps leave for uses on this date; nil where there is no cap.
  ///
  /// - Parameter share: of the account that the uses are counted under.
  package func allowance(
    of campaign: UseCounts, share: UseCounts?, on date: BusinessDate
  ) -> Allowance? {
    guard self != Caps() else { return nil }
    let left = budget.map { budget in
      Amount(Int64(clamping: max(0, Int128(budget.minorUnits) - campaign.spent)))
    }
    return Allowance(
      total: total.map { $0 - campaign.uses },
      perAccount: share.flatMap { share in perAccount.map { $0 - share.uses } },
      perAccountPerDay: share.flatMap { share in
        perAccountPerDay.map { $0 - share.uses(on: date) }
      },
      redemptionsPerDay: redemptionsPerDay.map { $0 - campaign.uses(on: date) },
      budget: left)
  }
}
