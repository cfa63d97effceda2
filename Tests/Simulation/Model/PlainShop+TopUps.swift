// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Opening, topping up, undoing and closing (spec/stored-value.md, bonus.md).
extension PlainShop {
  mutating func open(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let number = request.params["card_no"]?.text ?? ""
    if numbers.contains(number) { throw PlainRefusal("card_in_use", "/card_no") }
    let topUp = request.params["topup"]
    let amount = topUp?["amount"]?.number ?? 0
    if let gate = rules.gate, topUp != nil, topUp != .null,
      let spend = request.params["same_day_spend"]?.number, spend * 10_000 >= amount * gate
    {
      throw PlainRefusal("purchase_gate", "/same_day_spend")
    }
    let card = cards.count
    cards.append(
      Card(
        number: number, registered: request.params["registered"]?.bool ?? false,
        holder: request.params["holder"] ?? .null, level: request.params["level"]?.text,
        openedAt: now, openedOn: day))
    cards[card].pin = request.params["pin"]?.text
    var opening = newEntry("open", card, request)
    guard let topUp, topUp != .null else {
      numbers.insert(number)
      record(opening)
      return ["account": account(card), "entry": .absent, "bonus": .absent]
    }
    do throws(PlainRefusal) {
      let tender = topUp["tender"]?.text ?? ""
      let grants = try judgeTopUp(card, amount, tender, field: "/topup/amount", request)
      numbers.insert(number)
      opening.key = nil
      record(opening)
      let links: [String: Plain] = ["opens": .name("entry:\(entries.count - 1)")]
      return load(card, amount, tender, grants, links, request)
    } catch {
      cards.removeLast()
      throw error
    }
  }

  mutating func topUp(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    let amount = request.params["amount"]?.number ?? 0
    let tender = request.params["tender"]?.text ?? ""
    let grants = try judgeTopUp(card, amount, tender, field: "/amount", request)
    return load(card, amount, tender, grants, [:], request)
  }

  /// What a top-up is granted, unless a limit refuses it.
  private func judgeTopUp(
    _ card: Int, _ amount: Int, _ tender: String, field: String, _ request: PlainRequest
  ) throws(PlainRefusal) -> [Gift] {
    let store = request.params["store_id"]?.text
    let gifts = rules.pendingTenders.contains(tender) ? [] : bonus(card, amount, store)
    if let limit = limits(card, amount, bonus: gifts.reduce(0) { $0 + $1.amount }).first {
      throw PlainRefusal("limit_exceeded", field, ["limit": .text(limit)])
    }
    return gifts.filter(\.gives)
  }

  /// The limits that a top-up would break, by name.
  private func limits(_ card: Int, _ amount: Int, bonus: Int) -> [String] {
    var broken: [String] = []
    if let least = rules.topUpLeast, amount < least { broken.append("topup.min") }
    if let most = rules.topUpMost, amount > most { broken.append("topup.max") }
    let there =
      balance(card, bonus: false) + balance(card, bonus: true)
      + balance(card, bonus: false, state: "pending")
    let all = there + amount + bonus
    if !cards[card].registered, let most = rules.unregisteredMost {
      if all > most { broken.append("card.max_balance_unregistered") }
    } else if let most = rules.balanceMost, all > most {
      broken.append("card.max_balance")
    }
    return broken
  }

  /// What one rule says to a top-up.
  struct Gift {
    var rule: PlainRules.Bonus
    /// What it gives, or would but for `whyNot`.
    var worth: Int
    var whyNot: String?

    var gives: Bool { whyNot == nil }
    var amount: Int { gives ? worth : 0 }
  }

  /// What each rule says to a top-up of this amount today.
  private func bonus(_ card: Int, _ amount: Int, _ store: String?) -> [Gift] {
    var gifts = rules.bonus.map { rule in
      let worth = rule.gift(for: amount)
      let whyNot = miss(rule, card, amount, store)
      return Gift(
        rule: rule, worth: worth, whyNot: whyNot ?? (worth == 0 ? "comes_to_nothing" : nil))
    }
    if rules.combination == "all" { return gifts }
    var chosen: Int?
    for index in gifts.indices where gifts[index].gives {
      if chosen == nil { chosen = index }
      if rules.combination == "best", gifts[index].worth > gifts[chosen ?? index].worth {
        chosen = index
      }
    }
    let reason = rules.combination == "best" ? "another_is_better" : "another_came_first"
    for index in gifts.indices where gifts[index].gives && index != chosen {
      gifts[index].whyNot = reason
    }
    return gifts
  }

  private func miss(
    _ rule: PlainRules.Bonus, _ card: Int, _ amount: Int, _ store: String?
  ) -> String? {
    let date = PlainTime.date(day)
    let standing = cards[card].lots.filter { $0.state == "good" }
    if let least = rule.least, amount < least { return "below_minimum" }
    if let most = rule.most, amount > most { return "above_maximum" }
    if let from = rule.from, date < from { return "not_yet_valid" }
    if let until = rule.until, date > until { return "no_longer_valid" }
    if !rule.weekdays.isEmpty, !rule.weekdays.contains(PlainTime.weekday(day)) {
      return "wrong_weekday"
    }
    if !rule.stores.isEmpty, store.map({ rule.stores.contains($0) }) != true {
      return "wrong_store"
    }
    if !rule.levels.isEmpty, cards[card].level.map({ rule.levels.contains($0) }) != true {
      return "wrong_level"
    }
    if rule.firstOnly, standing.contains(where: { !$0.isBonus }) { return "not_first_topup" }
    if rule.once, standing.contains(where: { $0.rule == rule.id }) { return "already_granted" }
    return nil
  }

  private mutating func load(
    _ card: Int, _ amount: Int, _ tender: String, _ gifts: [Gift], _ links: [String: Plain],
    _ request: PlainRequest
  ) -> Plain {
    let number = entries.count
    var entry = newEntry("topup", card, request)
    entry.amount = amount
    entry.tender = tender
    entry.links = links
    var lot = Lot(topUp: number, index: 0, granted: amount, left: amount, credited: number)
    if rules.pendingTenders.contains(tender) {
      (lot.state, lot.credited) = ("pending", nil)
      cards[card].lots.append(lot)
    } else {
      entry.principal = amount
      entry.bonus = gifts.reduce(0) { $0 + $1.amount }
      cards[card].lots.append(lot)
      cashIn += amount
      grant(gifts, card, topUp: number)
    }
    record(entry)
    return rewarded(number, card, gifts, topUp: number)
  }

  private mutating func grant(_ gifts: [Gift], _ card: Int, topUp: Int) {
    for (index, gift) in gifts.enumerated() {
      cards[card].lots.append(
        Lot(
          topUp: topUp, index: index + 1, granted: gift.amount, left: gift.amount,
          release: gift.rule.release.map { max(1, gift.amount * $0 / 10_000) },
          ends: gift.rule.days.map { start(of: day + $0 + 1) }, rule: gift.rule.id,
          credited: entries.count))
    }
  }

  /// The answer of what brings a bonus.
  private mutating func rewarded(_ entry: Int, _ card: Int, _ gifts: [Gift], topUp: Int) -> Plain {
    let coupons = giveCoupons(gifts.map(\.rule), to: card, topUp: topUp)
    return [
      "entry": self.entry(entry, fresh: true),
      "bonus": [
        "amount": .number(gifts.reduce(0) { $0 + $1.amount }),
        "rule_ids": .list(gifts.map { .text($0.rule.id) }), "coupons": coupons,
      ],
      "account": account(card),
    ]
  }

  /// The lot of a top-up that is still pending.
  private func pendingLot(_ entry: Int, _ card: Int) -> Int? {
    cards[card].lots.firstIndex { $0.topUp == entry && $0.state == "pending" }
  }

  mutating func clear(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (original, card) = try original(request, "entry_id", ofNone: "not_pending")
    try judgeStatus(card, onlyClosed: true)
    guard let lot = pendingLot(original, card) else {
      throw PlainRefusal("not_pending", "/entry_id")
    }
    let amount = cards[card].lots[lot].granted
    let gifts = bonus(card, amount, entries[original].who["store_id"]?.text).filter(\.gives)
    entries[original].fate = "cleared"
    cards[card].lots[lot].state = "good"
    cards[card].lots[lot].credited = entries.count
    cashIn += amount
    grant(gifts, card, topUp: original)
    var entry = newEntry("topup_clear", card, request)
    (entry.amount, entry.principal) = (amount, amount)
    entry.bonus = gifts.reduce(0) { $0 + $1.amount }
    entry.tender = entries[original].tender
    entry.links = ["clears": .name("entry:\(original)")]
    return rewarded(record(entry), card, gifts, topUp: original)
  }

  mutating func bounce(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (original, card) = try original(request, "entry_id", ofNone: "not_pending")
    try judgeStatus(card, onlyClosed: true)
    guard let lot = pendingLot(original, card) else {
      throw PlainRefusal("not_pending", "/entry_id")
    }
    return bounce(original, lot, card, request)
  }

  private mutating func bounce(
    _ original: Int, _ lot: Int, _ card: Int, _ request: PlainRequest
  ) -> Plain {
    entries[original].fate = "bounced"
    cards[card].lots[lot].state = "gone"
    cards[card].lots[lot].left = 0
    var entry = newEntry("topup_bounce", card, request)
    entry.amount = cards[card].lots[lot].granted
    entry.tender = entries[original].tender
    entry.links = ["bounces": .name("entry:\(original)")]
    let number = record(entry)
    return ["entry": self.entry(number, fresh: true), "account": account(card)]
  }

  func quote(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card, onlyClosed: true)
    let amount = request.params["amount"]?.number ?? 0
    let gifts = bonus(card, amount, request.params["store_id"]?.text)
    let total = gifts.reduce(0) { $0 + $1.amount }
    let (given, withheld) = promise(gifts.filter(\.gives).map(\.rule), to: card)
    return [
      "bonus": .number(total),
      "rules": .list(
        gifts.map {
          [
            "rule_id": .text($0.rule.id), "amount": .number($0.worth), "applied": .bool($0.gives),
            "why_not": .optional($0.whyNot),
          ]
        }),
      "coupons": .list(given), "coupons_withheld": .list(withheld),
      "would_refuse": .list(
        limits(card, amount, bonus: total).map {
          ["code": "limit_exceeded", "details": ["limit": .text($0)]]
        }),
    ]
  }
}

/// Undoing and closing.
extension PlainShop {
  mutating func reverse(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    guard let key = request.params["original_idempotency_key"]?.text else {
      let (original, card) = try original(request, "entry_id", ofNone: "not_reversible")
      return try reverse(original, card, request, "/entry_id")
    }
    let field = "/original_idempotency_key"
    if blocked.contains(key) { throw PlainRefusal("already_reversed", field) }
    if let use = uses[key] {
      guard let card = entries[use.entry].card else { throw PlainRefusal("not_reversible", field) }
      return try reverse(use.entry, card, request, field)
    }
    if key == request.key { throw PlainRefusal("not_reversible", field) }
    blocked.insert(key)
    record(newEntry("key_blocked", nil, request))
    return ["entry": .null, "coupons_used": [], "account": .absent]
  }

  private mutating func reverse(
    _ original: Int, _ card: Int, _ request: PlainRequest, _ field: String
  ) throws(PlainRefusal) -> Plain {
    try judgeStatus(card, onlyClosed: true)
    let kind = entries[original].kind
    guard ["topup", "debit", "capture"].contains(kind) else {
      throw PlainRefusal("not_reversible", field)
    }
    if ["reversed", "bounced"].contains(entries[original].fate) {
      throw PlainRefusal("already_reversed", field)
    }
    if entries[original].isRefunded { throw PlainRefusal("already_refunded", field) }
    if let lot = pendingLot(original, card) {
      return bounce(original, lot, card, request).with("coupons_used", [])
    }
    var entry = newEntry("reverse", card, request)
    entry.links = ["reverses": .name("entry:\(original)")]
    var kept: [Plain] = []
    if kind == "topup" {
      try withdraw(original, card, &entry, field)
      kept = takeCouponsBack(ofTopUp: original)
    } else {
      giveBack(original, entries[original].amount, &entry)
    }
    entries[original].fate = "reversed"
    let number = record(entry)
    lapse()
    return [
      "entry": self.entry(number, fresh: true), "account": account(card),
      "coupons_used": .list(kept),
    ]
  }

  private mutating func withdraw(
    _ original: Int, _ card: Int, _ entry: inout Entry, _ field: String
  ) throws(PlainRefusal) {
    let lots = cards[card].lots.indices.filter { cards[card].lots[$0].topUp == original }
    var spent = (principal: 0, bonus: 0)
    var isHeld = false
    for index in lots {
      let lot = cards[card].lots[index]
      let gone = lot.granted - lot.left - lot.lapsed
      if lot.isBonus { spent.bonus += gone } else { spent.principal += gone }
      if held(card, lot: index) > 0 { isHeld = true }
    }
    if spent.principal + spent.bonus > 0 {
      throw PlainRefusal(
        "already_spent", field,
        ["principal": .number(spent.principal), "bonus": .number(spent.bonus)])
    }
    if isHeld { throw PlainRefusal("value_held", field) }
    for index in lots {
      let left = cards[card].lots[index].left
      if cards[card].lots[index].isBonus { entry.bonus += left } else { entry.principal += left }
      cards[card].lots[index].state = "gone"
      cards[card].lots[index].left = 0
    }
    entry.amount = entries[original].amount
    entry.tender = entries[original].tender
    payouts.append((entry.principal, "reversal", entry.principal))
  }

  mutating func close(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    if held(card) > 0 { throw PlainRefusal("holds_open") }
    if balance(card, bonus: false, state: "pending") > 0 { throw PlainRefusal("topup_pending") }
    var (paid, granted) = (0, 0)
    for lot in cards[card].lots where lot.state == "good" {
      if lot.isBonus { granted += lot.granted } else { paid += lot.granted }
    }
    let principal = balance(card, bonus: false)
    let bonus = balance(card, bonus: true)
    var payout = 0
    if rules.refundMethod == "principal" { payout = principal }
    if rules.refundMethod == "paid_ratio", paid + granted > 0 {
      // The share is rounded up: what is not divided evenly counts as one more.
      let (high, low) = spent(card).multipliedFullWidth(by: paid)
      let (share, rest) = (paid + granted).dividingFullWidth((high, low))
      payout = max(0, paid - share - (rest > 0 ? 1 : 0))
    }
    payouts.append((payout, rules.refundMethod, principal))
    for index in cards[card].lots.indices { cards[card].lots[index].left = 0 }
    cards[card].status = "closed"
    var entry = newEntry("close", card, request)
    (entry.amount, entry.principal, entry.bonus) = (principal + bonus, principal, bonus)
    let number = record(entry)
    return [
      "payout": .number(payout), "forfeited_bonus": .number(bonus),
      "entry": self.entry(number, fresh: true), "account": account(card),
    ]
  }
}
