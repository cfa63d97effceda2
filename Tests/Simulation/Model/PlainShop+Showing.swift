// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Accounts and entries as answers show them (contract §3).
extension PlainShop {
  func account(_ card: Int) -> Plain {
    let own = cards[card]
    let (principal, bonus) = (balance(card, bonus: false), balance(card, bonus: true))
    let held = held(card)
    var first = Plain.null
    if let (cap, spent) = firstDay(card) {
      first = [
        "cap": .number(cap), "spent": .number(spent), "remaining": .number(max(0, cap - spent)),
      ]
    }
    let lots = own.lots.filter { $0.left > 0 }
    return [
      "account_id": .name("account:\(card)"), "card_no": .text(own.number),
      "status": .text(own.status), "registered": .bool(own.registered), "holder": own.holder,
      "level": .optional(own.level), "opened_at": .text(PlainTime.instant(own.openedAt)),
      "opened_on": .text(PlainTime.date(own.openedOn)),
      "balance": [
        "principal": .number(principal), "bonus": .number(bonus), "held": .number(held),
        "pending": .number(balance(card, bonus: false, state: "pending")),
        "available": .number(principal + bonus - held), "spendable": .number(spendable(card)),
      ],
      "first_day": first, "lots": .list(lots.map { self.lot($0) }),
      "pin": [
        "set": .bool(own.pin != nil), "attempts_left": .number(attemptsLeft(card)),
        "locked_until": isLocked(card) && own.lock != .max
          ? .text(PlainTime.instant(own.lock ?? 0)) : .null,
      ],
    ]
  }

  private func lot(_ lot: Lot) -> Plain {
    [
      "lot_id": .name(lot.name), "kind": lot.isBonus ? "bonus" : "principal",
      "granted": .number(lot.granted), "remaining": .number(lot.left),
      "release_per_debit": .optional(lot.release),
      "expires_at": .optional(lot.ends.map { PlainTime.instant($0) }),
      "pending": .bool(lot.state == "pending"),
    ]
  }

  /// The entry as it stands now; `fresh` as the request that made it is answered.
  func entry(_ number: Int, fresh: Bool = false) -> Plain {
    let entry = entries[number]
    return Plain.object(entry.who).merging([
      "entry_id": .name("entry:\(number)"), "kind": .text(entry.kind),
      "account_id": entry.card.map { .name("account:\($0)") } ?? .null,
      "amount": .number(entry.amount), "principal": .number(entry.principal),
      "bonus": .number(entry.bonus), "at": .text(PlainTime.instant(entry.at)),
      "business_date": .text(PlainTime.date(entry.day)), "reason": entry.reason,
      "status": .text(status(number, fresh: fresh)), "tender": .optional(entry.tender),
      "hold_id": entry.hold.map { .name("hold:\($0)") } ?? .null,
      "program_version": .number(entry.version), "idempotency_key": .optional(entry.key),
      "links": .object(entry.links),
    ])
  }

  private func status(_ number: Int, fresh: Bool) -> String {
    let entry = entries[number]
    let fate = fresh ? nil : entry.fate
    switch entry.kind {
    case "topup": return fate ?? (entry.principal == 0 ? "pending" : "posted")
    case "debit", "capture":
      if let fate { return fate }
      let back = fresh ? 0 : entry.parts.reduce(0) { $0 + $1.back }
      return back == 0 ? "posted" : back < entry.amount ? "partly_refunded" : "refunded"
    case "authorize": return fate ?? (entry.holdEnds <= now ? "expired" : "live")
    case "checkout" where !fresh: return till.standing(ofCheckout: number)
    default: return "posted"
    }
  }
}

extension Plain {
  /// This object with the members of another laid over it.
  func merging(_ others: [String: Plain]) -> Plain {
    guard case .object(let members) = self else { return self }
    return .object(members.merging(others) { $1 })
  }
}
