// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension CardModel {
  /// Does what is asked, as the entry and hold of these ids, or throws why it is refused.
  mutating func carryOut(
    _ request: Request, entry: String, hold: String?, rules: Rules
  ) throws(Refused) -> Movement {
    if case .open(let pin, let topUp) = request {
      guard !exists else { throw Refused("card_in_use") }
      exists = true
      self.pin = pin
      return topUp.map { load($0, entry: entry, rules) } ?? Movement(kind: "open")
    }
    guard exists else { throw Refused("not_found") }
    switch request {
    case .refund(let original, let amount): return try refund(original, amount)
    case .reverse(let original): return try reverse(original)
    case .release(let id): return try release(id)
    case .unfreeze:
      guard isFrozen else { throw Refused("not_frozen") }
      isFrozen = false
      return Movement(kind: "unfreeze")
    default: break
    }
    if isFrozen { throw Refused("account_frozen") }
    switch request {
    case .topUp(let amount): return load(amount, entry: entry, rules)
    case .debit(let amount, let given):
      try check(given, isSpending: true)
      let parts = try parts(for: amount, rules)
      failures = given == nil ? failures : 0
      return take(parts, as: entry, kind: "debit")
    case .authorize(let amount, let given):
      try check(given, isSpending: true)
      let parts = try parts(for: amount, rules)
      failures = given == nil ? failures : 0
      holds[hold ?? ""] = parts
      return Movement(kind: "authorize", amount: amount)
    case .capture(let id, let amount): return try capture(id, amount, as: entry)
    case .freeze:
      isFrozen = true
      return Movement(kind: "freeze")
    case .verifyPIN(let given):
      try check(given, isSpending: false)
      failures = 0
      return Movement(kind: "pin_verify")
    case .resetPIN(let new):
      guard pin != nil else { throw Refused("pin_not_set") }
      pin = new
      failures = 0
      return Movement(kind: "pin_reset")
    default: preconditionFailure("\(request) changes no card")
    }
  }

  private func check(_ given: String?, isSpending: Bool) throws(Refused) {
    guard let given else {
      if isSpending, pin != nil { throw Refused("pin_required") }
      return
    }
    guard let pin else { throw Refused("pin_not_set") }
    if isLocked { throw Refused("pin_locked") }
    guard given != pin else { return }
    throw Refused("pin_incorrect", attemptsLeft: Int64(Rules.attempts - failures - 1))
  }

  private mutating func load(_ amount: Int64, entry: String, _ rules: Rules) -> Movement {
    let bonuses = rules.bonuses(on: amount)
    lots.append(Lot(topUp: entry, isBonus: false, granted: amount, remaining: amount))
    for bonus in bonuses {
      lots.append(Lot(topUp: entry, isBonus: true, granted: bonus, remaining: bonus))
    }
    topUps[entry] = false
    return Movement(
      kind: "topup", amount: amount, principal: amount, bonus: bonuses.reduce(0, +))
  }

  /// What a debit takes: one kind first, inside it the oldest lot first.
  private func parts(for amount: Int64, _ rules: Rules) throws(Refused) -> [Part] {
    var left = amount
    var parts: [Part] = []
    for takesBonus in [rules.bonusFirst, !rules.bonusFirst] {
      for (index, lot) in lots.enumerated() where lot.isBonus == takesBonus && left > 0 {
        let taken = min(left, lot.remaining - held(ofLot: index))
        guard taken > 0 else { continue }
        parts.append(Part(lot: index, amount: taken))
        left -= taken
      }
    }
    guard left == 0 else { throw Refused("insufficient_funds") }
    return parts
  }

  private mutating func take(_ parts: [Part], as entry: String, kind: String) -> Movement {
    var movement = Movement(kind: kind)
    for part in parts {
      lots[part.lot].remaining -= part.amount
      movement.amount += part.amount
      if lots[part.lot].isBonus {
        movement.bonus += part.amount
      } else {
        movement.principal += part.amount
      }
    }
    sales[entry] = Sale(parts: parts)
    return movement
  }
}

extension CardModel {
  private func liveHold(_ id: String) throws(Refused) -> [Part] {
    guard let parts = holds[id] else { throw Refused("hold_not_live") }
    return parts
  }

  private mutating func end(_ hold: String, as ending: String) {
    holds[hold] = nil
    endedHolds[hold] = ending
  }

  private mutating func capture(
    _ id: String, _ amount: Int64?, as entry: String
  ) throws(Refused) -> Movement {
    let parts = try liveHold(id)
    let all = parts.reduce(0) { $0 + $1.amount }
    var left = amount ?? all
    guard left <= all else { throw Refused("capture_exceeds_hold") }
    var taken: [Part] = []
    for part in parts where left > 0 {
      taken.append(Part(lot: part.lot, amount: min(left, part.amount)))
      left -= min(left, part.amount)
    }
    end(id, as: "captured")
    return take(taken, as: entry, kind: "capture")
  }

  private mutating func release(_ id: String) throws(Refused) -> Movement {
    let parts = try liveHold(id)
    end(id, as: "released")
    return Movement(kind: "release", amount: parts.reduce(0) { $0 + $1.amount })
  }

  private mutating func refund(_ original: String, _ amount: Int64?) throws(Refused) -> Movement {
    guard let sale = sales[original] else { throw Refused("not_refundable") }
    if sale.isReversed { throw Refused("already_reversed") }
    let left = sale.amount - sale.refunded
    if left == 0 { throw Refused("already_refunded") }
    let given = amount ?? left
    guard given <= left else { throw Refused("refund_exceeds_debit") }
    var movement = Movement(kind: "refund")
    giveBack(given, of: sale, &movement)
    sales[original]?.refunded += given
    return movement
  }

  /// The last taken goes back first, behind what went back before.
  private mutating func giveBack(_ amount: Int64, of sale: Sale, _ movement: inout Movement) {
    var passed = sale.refunded
    var left = amount
    for part in sale.parts.reversed() where left > 0 {
      let gone = min(passed, part.amount)
      passed -= gone
      let given = min(left, part.amount - gone)
      left -= given
      lots[part.lot].remaining += given
      movement.amount += given
      if lots[part.lot].isBonus { movement.bonus += given } else { movement.principal += given }
    }
  }

  private mutating func reverse(_ original: String) throws(Refused) -> Movement {
    var movement = Movement(kind: "reverse")
    if let sale = sales[original] {
      if sale.isReversed { throw Refused("already_reversed") }
      if sale.refunded > 0 { throw Refused("already_refunded") }
      giveBack(sale.amount, of: sale, &movement)
      sales[original]?.isReversed = true
      return movement
    }
    guard let isReversed = topUps[original] else { throw Refused("not_reversible") }
    if isReversed { throw Refused("already_reversed") }
    let own = lots.indices.filter { lots[$0].topUp == original }
    guard own.allSatisfy({ lots[$0].remaining == lots[$0].granted }) else {
      throw Refused("already_spent")
    }
    guard own.allSatisfy({ held(ofLot: $0) == 0 }) else { throw Refused("value_held") }
    for index in own {
      if lots[index].isBonus {
        movement.bonus += lots[index].remaining
      } else {
        movement.principal += lots[index].remaining
      }
      lots[index].remaining = 0
    }
    movement.amount = movement.principal
    movement.undoesTopUp = true
    topUps[original] = true
    return movement
  }
}
