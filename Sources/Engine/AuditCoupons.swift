// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Store

extension Audit {
  /// Folds campaigns, coupons and their counts, and holds every use against the terms: used once,
  /// in its time, within its caps (INV-19, INV-20).
  struct CouponFold {
    private let findings: Findings
    private let book = TermsBook()
    private(set) var campaigns: [CampaignNumber: Campaign] = [:]
    private(set) var coupons: [CouponSerial: Coupon] = [:]
    private(set) var shares: [CampaignShare.Key: CampaignShare] = [:]
    /// Something does not fold: what is stored is not compared.
    private(set) var isBroken = false

    init(_ findings: Findings) { self.findings = findings }

    mutating func take(_ entry: Entry) {
      guard entry.concernsCoupons || entry.kind == .checkout else { return }
      checkCheckout(entry)
      var used: [CampaignNumber] = []
      for change in entry.changes {
        if case .campaignCreated(let document) = change { create(document, entry) }
        if case .couponsIssued(let issue) = change { add(issue, entry) }
        if case .couponRedeemed(let redemption) = change {
          checkUse(redemption, entry)
          used.append(redemption.campaign)
        }
      }
      fold(entry)
      for campaign in Set(used) { checkCaps(of: campaign, entry) }
    }

    private mutating func create(_ document: [UInt8], _ entry: Entry) {
      let campaign = Campaign(document, by: entry)
      campaigns[campaign.number] = campaign
      if (try? book.terms(of: campaign)) == nil {
        findings.add("the terms of its campaign do not decode", at: entry.id)
      }
    }

    private mutating func add(_ issue: Change.Issue, _ entry: Entry) {
      for serial in issue.coupons {
        if coupons[serial] != nil {
          findings.add("it issues coupon \(serial.text) again", at: entry.id, breaking: 19)
        }
        coupons[serial] = Coupon(serial, of: issue, by: entry)
      }
      if entry.kind == .couponIssue, issue.owner != entry.account || issue.topUp != nil {
        findings.add("its coupons are not those of its account", at: entry.id)
      }
      guard let campaign = campaigns[issue.campaign], let terms = try? book.terms(of: campaign)
      else { return }
      let share = issue.owner.flatMap { shares[CampaignShare.Key(issue.campaign, $0)]?.counts }
      let own = issue.owner.map { _ in share ?? UseCounts() }
      if let room = terms.caps.room(toIssueOf: campaign.counts, share: own),
        room < issue.coupons.count
      {
        findings.add("it issues more coupons than a cap allows", at: entry.id, breaking: 20)
      }
    }

    private mutating func fold(_ entry: Entry) {
      for change in entry.changes {
        do throws(MalformedRecord) {
          if let number = change.campaign { try Self.fold(entry, into: &campaigns[number]) }
          if let serial = change.coupon { try Self.fold(entry, into: &coupons[serial]) }
          if let key = change.shareKey {
            var share =
              shares[key] ?? CampaignShare(campaign: key.campaign, account: key.account)
            try share.apply(entry)
            shares[key] = share
          }
        } catch {
          findings.add("it does not fit its coupons: \(error.reason)", at: entry.id, breaking: 19)
          isBroken = true
          return
        }
      }
    }

    private static func fold(
      _ entry: Entry, into campaign: inout Campaign?
    ) throws(MalformedRecord) {
      guard campaign != nil else { throw MalformedRecord("its campaign was not created") }
      try campaign?.apply(entry)
    }

    private static func fold(_ entry: Entry, into coupon: inout Coupon?) throws(MalformedRecord) {
      guard coupon != nil else { throw MalformedRecord("its coupon was not issued") }
      try coupon?.apply(entry)
    }

    /// A coupon is used before its end, in a campaign that is not paused, by its owner.
    private func checkUse(_ redemption: Change.Redemption, _ entry: Entry) {
      guard let coupon = coupons[redemption.coupon] else { return }
      if let end = coupon.end, entry.at >= end {
        findings.add("it uses a coupon that has expired", at: entry.id)
      }
      if campaigns[redemption.campaign]?.isPaused == true {
        findings.add("it uses a coupon of a paused campaign", at: entry.id)
      }
      let named = coupon.owner ?? entry.account
      if coupon.campaign != redemption.campaign || redemption.account != named {
        findings.add("it uses a coupon of another campaign or account", at: entry.id, breaking: 19)
      }
      let sum = redemption.shares.reduce(Int128(0)) { $0 + Int128($1.amount.minorUnits) }
      if !redemption.shares.isEmpty,
        sum != Int128((redemption.discount ?? .zero).minorUnits)
      {
        findings.add("the shares of a discount do not add up to it", at: entry.id)
      }
    }

    private func checkCaps(of number: CampaignNumber, _ entry: Entry) {
      guard let campaign = campaigns[number], let terms = try? book.terms(of: campaign) else {
        return
      }
      let caps = terms.caps
      var isOver =
        campaign.counts.isOver(total: caps.total, ofDay: caps.redemptionsPerDay, on: entry.date)
      if let budget = caps.budget, campaign.counts.spent > Int128(budget.minorUnits) {
        isOver = true
      }
      for case .couponRedeemed(let redemption) in entry.changes where redemption.campaign == number
      {
        if caps.budget != nil, redemption.discount == nil {
          findings.add(
            "its use counts nothing against the budget of campaign \(number.text)", at: entry.id,
            breaking: 20)
        }
        guard let account = redemption.account,
          let share = shares[CampaignShare.Key(number, account)]
        else { continue }
        if share.counts.isOver(
          total: caps.perAccount, ofDay: caps.perAccountPerDay, on: entry.date)
        {
          isOver = true
        }
      }
      if isOver {
        findings.add("it passes a cap of campaign \(number.text)", at: entry.id, breaking: 20)
      }
    }

    private func checkCheckout(_ entry: Entry) {
      guard entry.kind == .checkout || entry.kind == .couponRedeem else { return }
      do throws(MalformedRecord) {
        guard let paid = try entry.checkout() else { return }
        let fromCard = entry.kind == .checkout ? entry.amount : .zero
        if paid.storedValue != fromCard || paid.storedValue > paid.quote.payable {
          findings.add("the card does not pay what the checkout says", at: entry.id)
        }
      } catch {
        findings.add("its checkout does not read: \(error.reason)", at: entry.id)
      }
    }
  }
}

extension UseCounts {
  fileprivate func isOver(total: Int64?, ofDay: Int64?, on date: BusinessDate) -> Bool {
    if let total, uses > total { return true }
    if let ofDay, uses(on: date) > ofDay { return true }
    return false
  }
}
