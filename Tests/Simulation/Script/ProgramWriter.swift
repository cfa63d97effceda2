// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Writes programs by chance that the spec would not call contradictory, and now and then one that
/// it must refuse.
struct ProgramWriter {
  let shop: PlainShop
  var dice: Dice

  mutating func program() -> Plain {
    var program: [String: Plain] = [:]
    let card = cardSection()
    let most = card["max_balance"]?.number
    let topUp = topUpSection(balanceMost: most)
    if topUp != [:] { program["topup"] = topUp }
    if card != [:] { program["card"] = card }
    program["debit"] = debitSection()
    if dice.once(in: 3) {
      program["first_day"] = ["cap_basis_points": .number(dice.below(10_001))]
    }
    if dice.once(in: 5) {
      program["first_day"] = (program["first_day"] ?? [:])
        .with("gate_basis_points", .number(1 + dice.below(10_000)))
    }
    if dice.once(in: 2) { program["pin"] = pinSection() }
    if dice.once(in: 2) {
      program["close"] = ["refund_method": .text(dice.pick(["principal", "paid_ratio", "none"]))]
    }
    if dice.once(in: 2) { program["coupons"] = couponSection() }
    if dice.once(in: 20) { program["surprise"] = 1 }
    return .object(program)
  }

  private mutating func topUpSection(balanceMost: Int?) -> Plain {
    var section: [String: Plain] = [:]
    if !dice.once(in: 3) { section["pending_tenders"] = ["cheque"] }
    var least = 1
    var most = min(1_000_000_000_000, balanceMost ?? .max)
    if dice.once(in: 6) {
      least = 1 + dice.below(200)
      section["min"] = .number(least)
    }
    if dice.once(in: 6) {
      most = min(most, 1_000 + dice.below(9_000))
      section["max"] = .number(most)
    }
    if dice.once(in: 2) { section["bonus_combination"] = .text(dice.pick(["best", "all"])) }
    var rules: [Plain] = []
    for number in 0..<dice.below(4) { rules.append(rule(number, least, most)) }
    // Under `first` a rule behind one without conditions may be dead: then there is but one.
    if dice.once(in: 3) {
      section["bonus_combination"] = "first"
      rules = Array(rules.filter { $0["first_topup_only"] != nil }.prefix(2) + rules.suffix(1))
      var ids: Set<String> = []
      rules = rules.filter { ids.insert($0["id"]?.text ?? "").inserted }
    }
    if !rules.isEmpty { section["bonus_rules"] = .list(rules) }
    return .object(section)
  }

  private mutating func rule(_ number: Int, _ least: Int, _ most: Int) -> Plain {
    var rule: [String: Plain] = ["id": .text("r\(number)")]
    var upper = most
    if dice.once(in: 4) {
      upper = min(most, max(least, 1_000) + dice.below(9_000))
      rule["max_amount"] = .number(upper)
    }
    if dice.once(in: 3) { rule["min_amount"] = .number(min(upper, 1 + dice.below(2_000))) }
    rule["grant"] = grant(upper)
    if dice.once(in: 5) { rule["first_topup_only"] = true }
    if dice.once(in: 5) { rule["once_per_account"] = true }
    if dice.once(in: 8) { rule["valid_from"] = .text(PlainTime.date(shop.day + dice.below(3))) }
    if dice.once(in: 8) {
      rule["valid_until"] = .text(PlainTime.date(shop.day + 3 + dice.below(4)))
    }
    // Six days apart or more: some date has each weekday.
    if rule["valid_from"] == nil || rule["valid_until"] == nil, dice.once(in: 6) {
      rule["weekdays"] = .list([1, 2, .number(3 + dice.below(5))])
    }
    if dice.once(in: 6) { rule["store_ids"] = ["s1", "s2"] }
    if dice.once(in: 6) { rule["levels"] = ["gold"] }
    if dice.once(in: 2) { rule["release_basis_points"] = .number(1 + dice.below(6_000)) }
    if dice.once(in: 2) { rule["expires_after_days"] = .number(dice.below(4)) }
    let campaigns = shop.till.campaigns.indices
    if !campaigns.isEmpty, dice.once(in: 3) {
      rule["coupons"] = [
        [
          "campaign_id": .name("campaign:\(dice.below(campaigns.count))"),
          "count": .number(1 + dice.below(3)),
        ]
      ]
    }
    return .object(rule)
  }

  private mutating func grant(_ upper: Int) -> Plain {
    switch dice.below(3) {
    case 0: return ["type": "fixed", "amount": .number(1 + dice.below(2_000))]
    case 1:
      return [
        "type": "per", "every": .number(1 + dice.below(min(upper, 1_500))),
        "amount": .number(1 + dice.below(90)),
      ]
    default:
      let rate = max(1 + dice.below(6_000), (10_000 + upper - 1) / upper)
      var grant: Plain = ["type": "rate", "basis_points": .number(rate)]
      if dice.once(in: 2) { grant = grant.with("max", .number(1 + dice.below(900))) }
      return grant
    }
  }

  private mutating func debitSection() -> Plain {
    var section: [String: Plain] = [
      "order": .text(dice.pick(["bonus_first", "principal_first", "proportional"]))
    ]
    var least = Int.max
    if dice.once(in: 5) {
      least = 1 + dice.below(4_000)
      section["max"] = .number(least)
    }
    if dice.once(in: 4) {
      let daily = least == .max ? 1 + dice.below(9_000) : least + dice.below(9_000)
      least = min(least, daily)
      section["daily_max"] = .number(daily)
    }
    if dice.once(in: 2) { section["pin_free_limit"] = .number(min(least, dice.below(500))) }
    return .object(section)
  }

  private mutating func pinSection() -> Plain {
    var section: [String: Plain] = ["max_attempts": .number(1 + dice.below(4))]
    if dice.once(in: 3) { section["required"] = true }
    switch dice.below(3) {
    case 0: section["lock_seconds"] = .null
    case 1: section["lock_seconds"] = .number(1 + dice.below(4_000))
    default: break
    }
    if dice.once(in: 4) { section["min_length"] = 5 }
    if dice.once(in: 4) { section["max_length"] = 5 }
    return .object(section)
  }

  private mutating func cardSection() -> Plain {
    var section: [String: Plain] = [:]
    var most = Int.max
    if dice.once(in: 5) {
      most = 4_000 + dice.below(20_000)
      section["max_balance"] = .number(most)
    }
    if dice.once(in: 5) {
      section["max_balance_unregistered"] = .number(min(most, 1_000 + dice.below(10_000)))
    }
    if dice.once(in: 3) { section["lost_card"] = "forfeit" }
    return .object(section)
  }

  private mutating func couponSection() -> Plain {
    var section: [String: Plain] = [:]
    if dice.once(in: 2) { section["max_per_checkout"] = .number(1 + dice.below(5)) }
    if dice.once(in: 2) {
      var kinds = ["item", "percent", "threshold", "cash"]
      for place in 0..<3 { kinds.swapAt(place, place + dice.below(4 - place)) }
      section["application_order"] = .list(kinds.map { .text($0) })
    }
    if dice.once(in: 2) { section["partial_return"] = .text(dice.pick(["share", "reprice"])) }
    return .object(section)
  }
}
