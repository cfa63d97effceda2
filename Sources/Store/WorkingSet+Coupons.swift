// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore

// What the working set knows of campaigns and coupons.
extension WorkingSet {
  package func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? {
    if let campaign = current.campaigns[number] ?? folding.campaigns[number] { return campaign }
    if let campaign = campaigns.find(number) { return campaign }
    guard let campaign = try source.campaign(number) else { return nil }
    campaigns.keep(campaign, for: number)
    return campaign
  }

  /// The campaign of a coupon, which must be there.
  ///
  /// Throws `damaged` where it is not: the folded records have lost it.
  package func campaign(of coupon: Coupon) throws(StoreError) -> Campaign {
    if let campaign = try campaign(coupon.campaign) { return campaign }
    throw source.damage("the campaign of coupon \(coupon.serial.text) is missing")
  }

  package func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? {
    if let coupon = current.coupons[serial] ?? folding.coupons[serial] { return coupon }
    return try source.coupon(serial)
  }

  /// What an account has of a campaign; nothing before its first coupon or use.
  package func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare {
    if let share = current.shares[key] ?? folding.shares[key] { return share }
    return try source.share(key) ?? CampaignShare(campaign: key.campaign, account: key.account)
  }

  /// Campaigns before `cursor`, the newest first, at most `limit`.
  package func campaigns(
    before cursor: CampaignNumber?, limit: Int
  ) throws(StoreError) -> [Campaign] {
    var found: [CampaignNumber: Campaign] = [:]
    for campaign in try source.campaigns(before: cursor, limit: limit) {
      found[campaign.number] = campaign
    }
    for records in [folding, current] {
      for (number, campaign) in records.campaigns where cursor.map({ number < $0 }) ?? true {
        found[number] = campaign
      }
    }
    return Array(found.values.sorted { $0.number > $1.number }.prefix(limit))
  }

  /// Coupons of the selection after `cursor`, in order of serial, at most `limit`.
  package func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon] {
    // Of the stored ones as many as may since have left the selection are read on top.
    let changed = changedCoupons(selection, after: cursor)
    var found: [CouponSerial: Coupon] = [:]
    for coupon in try source.coupons(selection, after: cursor, limit: limit + changed.count) {
      found[coupon.serial] = coupon
    }
    for coupon in changed {
      found[coupon.serial] = selection.admits(coupon) ? coupon : nil
    }
    return Array(found.values.sorted { $0.serial < $1.serial }.prefix(limit))
  }

  /// Coupons changed since the fold that are, or were, of the selection.
  private func changedCoupons(
    _ selection: CouponSelection, after cursor: CouponSerial?
  ) -> [Coupon] {
    var found: [CouponSerial: Coupon] = [:]
    for records in [folding, current] {
      let serials: [CouponSerial]
      switch selection {
      case .owned(let account, _): serials = Array(records.owned[account] ?? [])
      case .of(let campaign):
        serials = records.coupons.values.filter { $0.campaign == campaign }.map(\.serial)
      }
      for serial in serials where cursor.map({ $0 < serial }) ?? true {
        found[serial] = records.coupons[serial]
      }
    }
    return Array(found.values)
  }
}

extension CouponSelection {
  package func admits(_ coupon: Coupon) -> Bool {
    switch self {
    case .owned(let account, let open): coupon.owner == account && (!open || coupon.isOpen)
    case .of(let campaign): coupon.campaign == campaign
    }
  }
}

extension Entry {
  /// Whether it concerns campaigns or coupons: most entries do not, and are not looked at twice.
  package var concernsCoupons: Bool {
    changes.contains { change in
      switch change {
      case .campaignCreated, .campaignPaused, .campaignResumed, .couponsIssued, .couponReserved,
        .couponReleased, .couponRedeemed, .couponUnredeemed, .couponVoided:
        true
      default: false
      }
    }
  }
}

extension WorkingSet {
  /// How many new coupons weigh as much as an entry on the way to the folder.
  private static let couponsPerEntry = 32

  /// Folds what an entry did to campaigns, coupons and counts.
  func applyCoupons(_ entry: Entry) throws(StoreError) {
    var campaigns: Set<CampaignNumber> = []
    var coupons: Set<CouponSerial> = []
    var shares: Set<CampaignShare.Key> = []
    for change in entry.changes {
      switch change {
      case .campaignCreated(let document):
        current.campaigns[CampaignNumber(entry.id)] = Campaign(document, by: entry)
      case .couponsIssued(let issue): try add(issue, of: entry)
      default: break
      }
      if let campaign = change.campaign { campaigns.insert(campaign) }
      if let coupon = change.coupon { coupons.insert(coupon) }
      if let share = change.shareKey { shares.insert(share) }
    }
    for number in campaigns { try applyCampaign(number, entry) }
    for serial in coupons { try applyCoupon(serial, entry) }
    for key in shares {
      var share = try share(key)
      try fitting(entry) { () throws(MalformedRecord) in try share.apply(entry) }
      current.shares[key] = share
    }
  }

  private func add(_ issue: Change.Issue, of entry: Entry) throws(StoreError) {
    // Records may be newer than the fold says, but those of one entry are written together: either
    // all of these coupons are there already or none is.
    if let first = issue.coupons.first, let known = try coupon(first) {
      guard known.issuedAt == entry.at, known.campaign == issue.campaign else {
        throw .damaged(entry: entry.id, reason: "a coupon is issued twice")
      }
      return
    }
    current.coupons.reserveCapacity(current.coupons.count + issue.coupons.count)
    for serial in issue.coupons {
      current.coupons[serial] = Coupon(serial, of: issue, by: entry)
    }
    if let owner = issue.owner { current.owned[owner, default: []].formUnion(issue.coupons) }
    current.entryCount += issue.coupons.count / Self.couponsPerEntry
  }

  private func applyCampaign(_ number: CampaignNumber, _ entry: Entry) throws(StoreError) {
    guard var campaign = try campaign(number) else {
      throw source.damage("the campaign of entry \(entry.id.sequence) is missing")
    }
    try fitting(entry) { () throws(MalformedRecord) in try campaign.apply(entry) }
    current.campaigns[number] = campaign
  }

  private func applyCoupon(_ serial: CouponSerial, _ entry: Entry) throws(StoreError) {
    guard var coupon = try coupon(serial) else {
      throw source.damage("the coupon of entry \(entry.id.sequence) is missing")
    }
    try fitting(entry) { () throws(MalformedRecord) in try coupon.apply(entry) }
    current.coupons[serial] = coupon
    if let owner = coupon.owner { current.owned[owner, default: []].insert(serial) }
  }

  /// Runs a fold; what does not fit is damage to the journal.
  private func fitting(
    _ entry: Entry, _ body: () throws(MalformedRecord) -> Void
  ) throws(StoreError) {
    do {
      try body()
    } catch {
      throw .damaged(entry: entry.id, reason: error.reason)
    }
  }
}
