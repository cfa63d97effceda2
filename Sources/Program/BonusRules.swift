// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import StoredValue

/// The rules that give bonus for top-ups.
extension LocatedValue {
  /// At most 200, since a top-up numbers its lots with one byte.
  func bonusRules() throws(ProgramProblem) -> [BonusRule] {
    var seen: Set<String> = []
    var rules: [BonusRule] = []
    for item in try list(atMost: 200) {
      let fields = try Fields(
        item,
        allowing: [
          "id", "min_amount", "max_amount", "grant", "coupons", "first_topup_only",
          "once_per_account", "valid_from", "valid_until", "weekdays", "store_ids", "levels",
          "release_basis_points", "expires_after_days",
        ])
      let rule = try fields.bonusRule()
      guard seen.insert(rule.id).inserted else {
        throw ProgramProblem(fields.place.appending("id"), "must differ from the rules before it")
      }
      rules.append(rule)
    }
    return rules
  }

  /// A set of names; empty means any.
  fileprivate func names() throws(ProgramProblem) -> [String] {
    try distinct(atMost: 1000) { item throws(ProgramProblem) in try item.text(1...64) }
  }

  /// A set of 1 Monday … 7 Sunday; empty means any.
  fileprivate func weekdays() throws(ProgramProblem) -> [Int] {
    try distinct(atMost: 7) { item throws(ProgramProblem) in Int(try item.integer(in: 1...7)) }
  }
}

extension Fields {
  fileprivate func bonusRule() throws(ProgramProblem) -> BonusRule {
    let id = try required("id").text(1...64, of: .printableASCII)
    var rule = BonusRule(id: id, grant: try required("grant").bonusGrant())
    rule.coupons = try self["coupons"]?.couponGifts() ?? []
    rule.minimum = try self["min_amount"]?.amount()
    rule.maximum = try self["max_amount"]?.amount()
    rule.firstTopUpOnly = try self["first_topup_only"]?.bool() ?? false
    rule.oncePerAccount = try self["once_per_account"]?.bool() ?? false
    rule.validFrom = try self["valid_from"]?.date()
    rule.validUntil = try self["valid_until"]?.date()
    rule.weekdays = try self["weekdays"]?.weekdays() ?? []
    rule.stores = try self["store_ids"]?.names() ?? []
    rule.levels = try self["levels"]?.names() ?? []
    rule.release = try self["release_basis_points"]?.basisPoints(in: 1...10_000)
    rule.expiresAfterDays = try self["expires_after_days"]?.integer(in: 0...36_500)
    return rule
  }

  private enum GrantType: String, CaseIterable {
    case fixed
    case per
    case rate
  }

  fileprivate func grant() throws(ProgramProblem) -> BonusGrant {
    let type: GrantType = try required("type").choice()
    switch type {
    case .fixed:
      try refuse("every", "basis_points", "max", in: type)
      return .fixed(try required("amount").amount())
    case .per:
      try refuse("basis_points", "max", in: type)
      return .per(every: try required("every").amount(), amount: try required("amount").amount())
    case .rate:
      try refuse("amount", "every", in: type)
      let rate = try required("basis_points").basisPoints(in: 1...1_000_000)
      return .rate(rate, maximum: try self["max"]?.amount())
    }
  }

  /// Refuses members that belong to grants of another type.
  private func refuse(_ names: StaticString..., in type: GrantType) throws(ProgramProblem) {
    for name in names {
      if let value = self[name] {
        throw value.problem("has no meaning in a grant of type \"\(type.rawValue)\"")
      }
    }
  }
}

extension LocatedValue {
  fileprivate func bonusGrant() throws(ProgramProblem) -> BonusGrant {
    try Fields(self, allowing: ["type", "amount", "every", "basis_points", "max"]).grant()
  }

  /// Whether the campaigns exist is not for the document to say: the ledger knows.
  fileprivate func couponGifts() throws(ProgramProblem) -> [CouponGift] {
    var seen: Set<CampaignNumber> = []
    var gifts: [CouponGift] = []
    for item in try list(atMost: 20) {
      let fields = try Fields(item, allowing: ["campaign_id", "count"])
      let campaign = try fields.required("campaign_id")
      guard let number = CampaignNumber(text: try campaign.text(1...64)) else {
        throw campaign.problem("no such campaign")
      }
      guard seen.insert(number).inserted else {
        throw campaign.problem("must differ from the campaigns before it")
      }
      let count = try fields.required("count").integer(in: 1...100)
      gifts.append(CouponGift(campaign: number, count: Int(count)))
    }
    return gifts
  }
}
