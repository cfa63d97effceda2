// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// How many coupons were issued and how many uses stand: what caps are held against.
///
/// Kept for each campaign, and for each account of a campaign.
package struct UseCounts: Hashable, Sendable {
  /// Coupons issued and not void.
  package private(set) var issued: Int64 = 0
  /// Uses that stand.
  package private(set) var uses: Int64 = 0
  /// What the uses that stand took off; in 128 bits nothing overflows.
  package private(set) var spent: Int128 = 0
  /// The last business date with a use, and how many uses of that date stand.
  package private(set) var day: BusinessDate?
  package private(set) var usesOfDay: Int64 = 0

  package init() {}

  /// Uses of this business date that stand; dates never go backwards.
  package func uses(on date: BusinessDate) -> Int64 { day == date ? usesOfDay : 0 }

  mutating func issue(_ count: Int) { issued += Int64(count) }

  mutating func void() { issued -= 1 }

  mutating func redeem(_ discount: Amount?, on date: BusinessDate) {
    uses += 1
    spent += Int128((discount ?? .zero).minorUnits)
    if day != date { usesOfDay = 0 }
    day = date
    usesOfDay += 1
  }

  mutating func unredeem(_ undone: Change.Unredemption) {
    uses -= 1
    spent -= Int128((undone.discount ?? .zero).minorUnits)
    if day == undone.date { usesOfDay -= 1 }
  }

  /// Whether every count is one that folding can come to.
  var isInRange: Bool { issued >= 0 && uses >= 0 && spent >= 0 && usesOfDay >= 0 }

  func write(to writer: inout ByteWriter) {
    writer.unsigned(UInt64(issued))
    writer.unsigned(UInt64(uses))
    writer.unsigned(UInt64(truncatingIfNeeded: spent))
    writer.unsigned(UInt64(truncatingIfNeeded: spent >> 64))
    writer.optional(day) { $0.signed($1.daysSince1970) }
    writer.unsigned(UInt64(usesOfDay))
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    issued = try Self.count(&reader)
    uses = try Self.count(&reader)
    let low = try reader.unsigned()
    let high = try reader.unsigned()
    spent = Int128(truncatingIfNeeded: high) << 64 | Int128(low)
    day = try reader.optional { r throws(MalformedRecord) in try r.date() }
    usesOfDay = try Self.count(&reader)
    guard isInRange else { throw MalformedRecord("counts out of range") }
  }

  private static func count(_ reader: inout ByteReader) throws(MalformedRecord) -> Int64 {
    guard let value = Int64(exactly: try reader.unsigned()) else {
      throw MalformedRecord("count out of range")
    }
    return value
  }
}

/// What one account has of one campaign.
package struct CampaignShare: Hashable, Sendable {
  package let campaign: CampaignNumber
  package let account: AccountID
  package private(set) var counts = UseCounts()
  /// The last entry folded in; applying an earlier one again does nothing.
  package private(set) var lastEntry = EntryID.none

  package init(campaign: CampaignNumber, account: AccountID) {
    self.campaign = campaign
    self.account = account
  }

  /// Names one share among all.
  package struct Key: Hashable, Comparable, Sendable {
    package let campaign: CampaignNumber
    package let account: AccountID

    package init(_ campaign: CampaignNumber, _ account: AccountID) {
      self.campaign = campaign
      self.account = account
    }

    package static func < (left: Key, right: Key) -> Bool {
      left.campaign == right.campaign
        ? left.account < right.account : left.campaign < right.campaign
    }
  }

  package var key: Key { Key(campaign, account) }

  /// Folds in what an entry did to it; an entry folded in before is passed over.
  package mutating func apply(_ entry: Entry) throws(MalformedRecord) {
    guard entry.id > lastEntry else { return }
    var next = counts
    for change in entry.changes where change.shareKey == key {
      switch change {
      case .couponsIssued(let issue): next.issue(issue.coupons.count)
      case .couponVoided: next.void()
      case .couponRedeemed(let redemption): next.redeem(redemption.discount, on: entry.date)
      case .couponUnredeemed(let undone): next.unredeem(undone)
      default: break
      }
    }
    guard next.isInRange else { throw MalformedRecord("a count of coupons falls below zero") }
    counts = next
    lastEntry = entry.id
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter(reserving: 32)
    writer.byte(1)
    counts.write(to: &writer)
    writer.unsigned(UInt64(lastEntry.sequence))
    return writer.bytes
  }

  package init(key: Key, encoded: ArraySlice<UInt8>) throws(MalformedRecord) {
    self.init(campaign: key.campaign, account: key.account)
    var reader = ByteReader(encoded)
    guard try reader.byte() == 1 else { throw MalformedRecord("unknown version of a share") }
    counts = try UseCounts(from: &reader)
    lastEntry = try reader.entryID()
    try reader.finish()
  }
}

extension Change {
  /// The campaign whose counts or state the change concerns.
  package var campaign: CampaignNumber? {
    switch self {
    case .campaignPaused(let campaign), .campaignResumed(let campaign): campaign
    case .couponsIssued(let issue): issue.campaign
    case .couponRedeemed(let redemption): redemption.campaign
    case .couponUnredeemed(let undone): undone.campaign
    case .couponVoided(let voiding): voiding.campaign
    default: nil
    }
  }

  /// The share whose counts the change concerns.
  package var shareKey: CampaignShare.Key? {
    let pair: (CampaignNumber, AccountID?)? =
      switch self {
      case .couponsIssued(let issue): (issue.campaign, issue.owner)
      case .couponRedeemed(let redemption): (redemption.campaign, redemption.account)
      case .couponUnredeemed(let undone): (undone.campaign, undone.account)
      case .couponVoided(let voiding): (voiding.campaign, voiding.owner)
      default: nil
      }
    guard let (campaign, account) = pair, let account else { return nil }
    return CampaignShare.Key(campaign, account)
  }
}
