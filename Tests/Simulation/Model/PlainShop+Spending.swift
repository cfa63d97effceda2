// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Spending, setting aside and giving back (spec/stored-value.md).
extension PlainShop {
  /// The first refusal that a debit of this amount meets, PIN and status aside.
  func judgeSpending(_ card: Int, _ amount: Int, field: String) throws(PlainRefusal) {
    if let code = Limits(self, card).refusal(amount) {
      var details: [String: Plain] = ["requested": .number(amount)]
      if code == "insufficient_funds" {
        details["available"] = .number(usable(card, bonus: false) + usable(card, bonus: true))
      }
      throw PlainRefusal(code, field, details)
    }
  }

  /// What bounds a debit at one moment.
  private struct Limits {
    let most: Int
    let dailyLeft: Int
    let firstDayLeft: Int
    let funds: Int

    init(_ shop: PlainShop, _ card: Int) {
      let held = shop.held(card)
      most = shop.rules.debitMost ?? .max
      dailyLeft = shop.rules.dailyMost.map { $0 - shop.spent(card, on: shop.day) - held } ?? .max
      firstDayLeft = shop.firstDay(card).map { $0.cap - $0.spent } ?? .max
      funds = shop.usable(card, bonus: false) + shop.usable(card, bonus: true)
    }

    func refusal(_ amount: Int) -> String? {
      if amount > most || amount > dailyLeft { return "limit_exceeded" }
      if amount > firstDayLeft { return "first_day_limit" }
      return amount > funds ? "insufficient_funds" : nil
    }
  }

  /// The largest amount that meets no refusal: halved down to, because a smaller debit is never
  /// refused where a larger one is not.
  func spendable(_ card: Int) -> Int {
    guard cards[card].status == "active" else { return 0 }
    let limits = Limits(self, card)
    var low = 0
    // No request may ask for more.
    var high = min(limits.funds, 1_000_000_000_000)
    while low < high {
      let middle = (low + high + 1) / 2
      if limits.refusal(middle) == nil { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// What a debit takes, lot by lot.
  func parts(_ card: Int, _ amount: Int) -> [Part] {
    let bonus = usable(card, bonus: true)
    let principal = usable(card, bonus: false)
    var ofBonus: Int
    switch rules.order {
    case "bonus_first": ofBonus = min(bonus, amount)
    case "principal_first":
      let ofPrincipal = min(principal, amount)
      return pick(card, ofPrincipal, bonus: false) + pick(card, amount - ofPrincipal, bonus: true)
    default:
      // floor(amount × B ÷ (P + B)), by a product of full width.
      ofBonus = 0
      if bonus + principal > 0 {
        let (high, low) = amount.multipliedFullWidth(by: bonus)
        ofBonus = (bonus + principal).dividingFullWidth((high, low)).quotient
      }
    }
    return pick(card, ofBonus, bonus: true) + pick(card, amount - ofBonus, bonus: false)
  }

  /// Always the lot that ends first, of equal ones the one that came first.
  private func pick(_ card: Int, _ amount: Int, bonus: Bool) -> [Part] {
    var parts: [Part] = []
    var left = amount
    while left > 0 {
      var best: Int?
      for index in cards[card].lots.indices {
        let lot = cards[card].lots[index]
        guard lot.isBonus == bonus, usable(card, index) > 0 else { continue }
        if parts.contains(where: { $0.lot == index }) { continue }
        if let found = best, lot.ends ?? .max >= cards[card].lots[found].ends ?? .max { continue }
        best = index
      }
      guard let best else { return parts }
      let taken = min(left, usable(card, best))
      parts.append(Part(lot: best, amount: taken))
      left -= taken
    }
    return parts
  }

  /// Takes the parts off the card and records the sale.
  mutating func sell(_ parts: [Part], _ entry: Entry) -> Int {
    var entry = entry
    entry.parts = parts
    for part in parts {
      guard let card = entry.card else { continue }
      cards[card].lots[part.lot].left -= part.amount
      entry.amount += part.amount
      if cards[card].lots[part.lot].isBonus {
        entry.bonus += part.amount
      } else {
        entry.principal += part.amount
      }
    }
    return record(entry)
  }

  mutating func debit(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    let asked = request.params["amount"]?.number ?? 0
    try checkPIN(card, amount: asked, given: request.params["pin"]?.text)
    let most = spendable(card)
    let isPartial = request.params["allow_partial"]?.bool ?? false
    let amount = isPartial && most > 0 ? min(asked, most) : asked
    try judgeSpending(card, amount, field: "/amount")
    let entry = sell(parts(card, amount), newEntry("debit", card, request))
    return ["entry": self.entry(entry, fresh: true), "account": account(card), "alerts": []]
  }

  mutating func authorize(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    let amount = request.params["amount"]?.number ?? 0
    try checkPIN(card, amount: amount, given: request.params["pin"]?.text)
    try judgeSpending(card, amount, field: "/amount")
    var entry = newEntry("authorize", card, request)
    entry.amount = amount
    entry.parts = parts(card, amount)
    entry.holdEnds = now + (request.params["expires_in"]?.number ?? 0) * 1000
    entry.hold = entries.count
    let number = record(entry)
    return [
      "hold_id": .name("hold:\(number)"), "expires_at": .text(PlainTime.instant(entry.holdEnds)),
      "entry": self.entry(number, fresh: true), "account": account(card), "alerts": [],
    ]
  }

  /// The authorization that `hold_id` names, and its card.
  private func hold(_ request: PlainRequest) throws(PlainRefusal) -> (entry: Int, card: Int) {
    guard let name = request.params["hold_id"]?.name, name.hasPrefix("hold:"),
      let number = Self.number(name), entries.indices.contains(number),
      entries[number].kind == "authorize", let card = entries[number].card
    else { throw PlainRefusal("not_found", "/hold_id") }
    return (number, card)
  }

  mutating func capture(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (hold, card) = try hold(request)
    try judgeStatus(card)
    if !isLive(hold) { throw PlainRefusal("hold_not_live", "/hold_id") }
    let amount = request.params["amount"]?.number ?? entries[hold].amount
    if amount > entries[hold].amount { throw PlainRefusal("capture_exceeds_hold", "/amount") }
    entries[hold].fate = "captured"
    var parts: [Part] = []
    var left = amount
    for part in entries[hold].parts where left > 0 {
      parts.append(Part(lot: part.lot, amount: min(left, part.amount)))
      left -= min(left, part.amount)
    }
    var entry = newEntry("capture", card, request)
    entry.hold = hold
    entry.links = ["captures": .name("entry:\(hold)")]
    let number = sell(parts, entry)
    lapse()
    return ["entry": self.entry(number, fresh: true), "account": account(card)]
  }

  mutating func release(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (hold, card) = try hold(request)
    try judgeStatus(card, onlyClosed: true)
    if !isLive(hold) { throw PlainRefusal("hold_not_live", "/hold_id") }
    entries[hold].fate = "released"
    var entry = newEntry("release", card, request)
    entry.hold = hold
    entry.amount = entries[hold].amount
    entry.links = ["releases": .name("entry:\(hold)")]
    let number = record(entry)
    lapse()
    return ["entry": self.entry(number, fresh: true), "account": account(card)]
  }

  mutating func refund(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (original, card) = try original(request, "entry_id", ofNone: "not_refundable")
    try judgeStatus(card, onlyClosed: true)
    guard ["debit", "capture"].contains(entries[original].kind) else {
      throw PlainRefusal("not_refundable", "/entry_id")
    }
    if entries[original].fate != nil { throw PlainRefusal("already_reversed", "/entry_id") }
    let left = entries[original].parts.reduce(0) { $0 + $1.amount - $1.back }
    if left == 0 { throw PlainRefusal("already_refunded", "/entry_id") }
    let amount = request.params["amount"]?.number ?? left
    if amount > left { throw PlainRefusal("refund_exceeds_debit", "/amount") }
    entries[original].isRefunded = true
    var entry = newEntry("refund", card, request)
    entry.links = ["refunds": .name("entry:\(original)")]
    giveBack(original, amount, &entry)
    let number = record(entry)
    lapse()
    return ["entry": self.entry(number, fresh: true), "account": account(card)]
  }

  /// Returns value to the lots it came from, the last taken first.
  mutating func giveBack(_ original: Int, _ amount: Int, _ entry: inout Entry) {
    guard let card = entries[original].card else { return }
    var left = amount
    entry.amount = amount
    for index in entries[original].parts.indices.reversed() {
      let part = entries[original].parts[index]
      let given = min(left, part.amount - part.back)
      entries[original].parts[index].back += given
      cards[card].lots[part.lot].left += given
      if cards[card].lots[part.lot].isBonus {
        entry.bonus += given
      } else {
        entry.principal += given
      }
      left -= given
    }
  }
}
