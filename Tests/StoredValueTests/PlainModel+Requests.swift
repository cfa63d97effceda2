// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The requests as the plain model serves them: nil is yes, a text is the code of the refusal.
extension PlainModel {
  private mutating func accept(_ request: Request) -> String? {
    var request = request
    request.day = day
    requests.append(request)
    lapse()
    return nil
  }

  private func statusRefusal(_ card: Int, orOnlyClosed: Bool = false) -> String? {
    let status = cards[card].status
    if status == "active" || (orOnlyClosed && status != "closed") { return nil }
    return "account_" + status
  }

  mutating func open(
    _ number: String, registered: Bool, hasHolder: Bool, level: String?, pin: Bool,
    topUp: (amount: Int, tender: String)?, sameDaySpend: Int?
  ) -> String? {
    if isTaken(number: number) { return "card_in_use" }
    if let gate = rules.gate, let topUp, let sameDaySpend,
      sameDaySpend * 10_000 >= topUp.amount * gate
    {
      return "purchase_gate"
    }
    if rules.needsHolder, registered, !hasHolder { return "holder_required" }
    cards.append(
      Card(number: number, isRegistered: registered, level: level, openedOn: day, hasPIN: pin))
    if let topUp {
      if let code = self.topUp(cards.count - 1, topUp.amount, topUp.tender) {
        cards.removeLast()
        return code
      }
      _ = take(number: number)
      return nil
    }
    _ = take(number: number)
    return accept(Request(kind: "open", card: cards.count - 1))
  }

  mutating func topUp(_ card: Int, _ amount: Int, _ tender: String) -> String? {
    if let code = statusRefusal(card) { return code }
    lapse()
    let isPending = rules.pendingTenders.contains(tender)
    let grants = isPending ? [] : bonus(card, amount, store, except: nil)
    var gift = 0
    for grant in grants { gift += grant.granted }
    if let least = rules.topUpMinimum, amount < least { return "limit_exceeded" }
    if let most = rules.topUpMaximum, amount > most { return "limit_exceeded" }
    var most = rules.maximumBalance
    if !cards[card].isRegistered, let own = rules.maximumBalanceUnregistered { most = own }
    let there = balance(card, bonus: false) + balance(card, bonus: true) + pending(card)
    if let most, there + amount + gift > most { return "limit_exceeded" }
    let number = requests.count
    var lot = Lot(topUp: number, isBonus: false, granted: amount, left: amount, credited: number)
    if isPending { (lot.state, lot.credited) = ("pending", nil) }
    cards[card].lots.append(lot)
    for var grant in grants {
      (grant.topUp, grant.credited) = (number, number)
      cards[card].lots.append(grant)
    }
    return accept(Request(kind: "topup", card: card, amount: amount, store: store))
  }

  /// The bonus lots that a top-up earns today.
  private func bonus(_ card: Int, _ amount: Int, _ store: String?, except: Int?) -> [Lot] {
    var found: [Lot] = []
    for rule in rules.bonus where applies(rule, card, amount, store, except) {
      let gift: Int
      switch rule.grant {
      case .fixed(let amount): gift = amount
      case .per(let every, let each): gift = amount / every * each
      case .rate(let rate, let most): gift = min(amount * rate / 10_000, most ?? .max)
      }
      if gift == 0 { continue }
      found.append(
        Lot(
          topUp: 0, isBonus: true, granted: gift, left: gift,
          release: rule.release.map { max(1, gift * $0 / 10_000) },
          ends: rule.days.map { start(of: day + $0 + 1) }, rule: rule.id))
    }
    if rules.combination == "all" { return found }
    if rules.combination == "first" { return Array(found.prefix(1)) }
    var best: Lot?
    for lot in found where best.map({ lot.granted > $0.granted }) ?? true { best = lot }
    return best.map { [$0] } ?? []
  }

  private func applies(
    _ rule: PlainBonus, _ card: Int, _ amount: Int, _ store: String?, _ except: Int?
  ) -> Bool {
    let others = cards[card].lots.filter { $0.state == "good" && $0.topUp != except }
    let weekday = (day + 3) % 7 + 1
    return amount >= rule.minimum ?? 0 && amount <= rule.maximum ?? .max
      && day >= rule.from ?? 0 && day <= rule.until ?? .max
      && (rule.weekdays.isEmpty || rule.weekdays.contains(weekday))
      && (rule.stores.isEmpty || store.map { rule.stores.contains($0) } == true)
      && (rule.levels.isEmpty || cards[card].level.map { rule.levels.contains($0) } == true)
      && !(rule.firstOnly && others.contains { !$0.isBonus })
      && !(rule.once && others.contains { $0.rule == rule.id })
  }

  /// The lot of a top-up of this card that is still pending.
  private func pendingLot(_ card: Int, _ request: Int) -> Int? {
    guard requests[request].card == card, requests[request].kind == "topup" else { return nil }
    return cards[card].lots.firstIndex { $0.topUp == request && $0.state == "pending" }
  }

  mutating func clear(_ card: Int, _ request: Int) -> String? {
    if let code = statusRefusal(card, orOnlyClosed: true) { return code }
    guard let index = pendingLot(card, request) else { return "not_pending" }
    lapse()
    let grants = bonus(
      card, cards[card].lots[index].granted, requests[request].store, except: request)
    cards[card].lots[index].state = "good"
    cards[card].lots[index].credited = requests.count
    for var grant in grants {
      (grant.topUp, grant.credited) = (request, requests.count)
      cards[card].lots.append(grant)
    }
    return accept(Request(kind: "clear", card: card))
  }

  mutating func bounce(_ card: Int, _ request: Int) -> String? {
    if let code = statusRefusal(card, orOnlyClosed: true) { return code }
    guard let index = pendingLot(card, request) else { return "not_pending" }
    cards[card].lots[index].state = "gone"
    cards[card].lots[index].left = 0
    requests[request].isReversed = true
    return accept(Request(kind: "bounce", card: card))
  }

  mutating func debit(_ card: Int, _ amount: Int, partial: Bool, pin: String?) -> String? {
    if let code = statusRefusal(card) { return code }
    lapse()
    if let code = checkPIN(card, amount: amount, given: pin) { return code }
    let most = spendable(card)
    let taken = partial && most > 0 ? min(amount, most) : amount
    if let code = refusal(card, taken) { return code }
    return spend(card, parts(card, taken), kind: "debit")
  }

  private mutating func spend(
    _ card: Int, _ parts: [(lot: Int, amount: Int)], kind: String
  ) -> String? {
    var request = Request(kind: kind, card: card)
    for part in parts {
      cards[card].lots[part.lot].left -= part.amount
      request.amount += part.amount
      request.parts.append((part.lot, part.amount, 0))
    }
    return accept(request)
  }

  mutating func authorize(_ card: Int, _ amount: Int, seconds: Int, pin: String?) -> String? {
    if let code = statusRefusal(card) { return code }
    lapse()
    if let code = checkPIN(card, amount: amount, given: pin) { return code }
    if let code = refusal(card, amount) { return code }
    let hold = Hold(
      request: requests.count, parts: parts(card, amount), ends: now + seconds * 1000)
    cards[card].holds.append(hold)
    return accept(Request(kind: "authorize", card: card, amount: amount))
  }

  private func liveHold(_ card: Int, _ request: Int) -> Int? {
    cards[card].holds.firstIndex { $0.request == request && !$0.isOver && $0.ends > now }
  }

  mutating func capture(_ card: Int, _ request: Int, _ amount: Int?) -> String? {
    if let code = statusRefusal(card) { return code }
    guard let index = liveHold(card, request) else { return "hold_not_live" }
    let hold = cards[card].holds[index]
    var left = amount ?? requests[request].amount
    if left > requests[request].amount { return "capture_exceeds_hold" }
    cards[card].holds[index].isOver = true
    var parts: [(lot: Int, amount: Int)] = []
    for part in hold.parts where left > 0 {
      parts.append((part.lot, min(left, part.amount)))
      left -= min(left, part.amount)
    }
    return spend(card, parts, kind: "capture")
  }

  mutating func release(_ card: Int, _ request: Int) -> String? {
    if let code = statusRefusal(card, orOnlyClosed: true) { return code }
    guard let index = liveHold(card, request) else { return "hold_not_live" }
    cards[card].holds[index].isOver = true
    return accept(Request(kind: "release", card: card))
  }

  private func isSpending(_ card: Int, _ request: Int) -> Bool {
    requests[request].card == card && ["debit", "capture"].contains(requests[request].kind)
  }

  mutating func refund(_ card: Int, _ request: Int, _ amount: Int?) -> String? {
    if let code = statusRefusal(card, orOnlyClosed: true) { return code }
    guard isSpending(card, request) else { return "not_refundable" }
    if requests[request].isReversed { return "already_reversed" }
    var back = 0
    for part in requests[request].parts { back += part.back }
    let left = requests[request].amount - back
    if left == 0 { return "already_refunded" }
    if amount ?? left > left { return "refund_exceeds_debit" }
    requests[request].isRefunded = true
    giveBack(card, request, amount ?? left)
    return accept(Request(kind: "refund", card: card))
  }

  private mutating func giveBack(_ card: Int, _ request: Int, _ amount: Int) {
    var left = amount
    for index in requests[request].parts.indices.reversed() {
      let part = requests[request].parts[index]
      let given = min(left, part.amount - part.back)
      requests[request].parts[index].back += given
      cards[card].lots[part.lot].left += given
      left -= given
    }
  }

  mutating func reverse(_ card: Int, _ request: Int) -> String? {
    if let code = statusRefusal(card, orOnlyClosed: true) { return code }
    let isTopUp = requests[request].card == card && requests[request].kind == "topup"
    guard isTopUp || isSpending(card, request) else { return "not_reversible" }
    if requests[request].isReversed { return "already_reversed" }
    if requests[request].isRefunded { return "already_refunded" }
    if !isTopUp {
      giveBack(card, request, requests[request].amount)
    } else if pendingLot(card, request) != nil {
      return bounce(card, request)
    } else {
      lapse()
      let lots = cards[card].lots.indices.filter { cards[card].lots[$0].topUp == request }
      for index in lots {
        let lot = cards[card].lots[index]
        if lot.left + lot.lapsed < lot.granted { return "already_spent" }
      }
      for index in lots where held(card, lot: index) > 0 { return "value_held" }
      for index in lots {
        (cards[card].lots[index].state, cards[card].lots[index].left) = ("gone", 0)
      }
    }
    requests[request].isReversed = true
    return accept(Request(kind: "reverse", card: card))
  }

  mutating func close(_ card: Int) -> String? {
    if let code = statusRefusal(card) { return code }
    lapse()
    if held(card) > 0 { return "holds_open" }
    if pending(card) > 0 { return "topup_pending" }
    var paid = 0
    var all = 0
    for lot in cards[card].lots where lot.state == "good" {
      all += lot.granted
      if !lot.isBonus { paid += lot.granted }
    }
    switch rules.refundMethod {
    case "principal": payouts.append(balance(card, bonus: false))
    case "paid_ratio" where all > 0:
      payouts.append(max(0, paid - (spent(card) * paid + all - 1) / all))
    default: payouts.append(0)
    }
    for index in cards[card].lots.indices { cards[card].lots[index].left = 0 }
    cards[card].status = "closed"
    return accept(Request(kind: "close", card: card))
  }
}
