// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Status and PIN requests as the plain model serves them.
extension PlainModel {
  private mutating func accept(_ kind: String, _ card: Int) -> String? {
    requests.append(Request(kind: kind, card: card, day: day))
    lapse()
    return nil
  }

  private func refusal(_ card: Int) -> String? {
    cards[card].status == "active" ? nil : "account_" + cards[card].status
  }

  mutating func freeze(_ card: Int) -> String? {
    if let code = refusal(card) { return code }
    cards[card].status = "frozen"
    return accept("freeze", card)
  }

  mutating func unfreeze(_ card: Int) -> String? {
    if cards[card].status == "active" { return "not_frozen" }
    if cards[card].status != "frozen" { return refusal(card) }
    cards[card].status = "active"
    return accept("unfreeze", card)
  }

  mutating func reportLost(_ card: Int) -> String? {
    if let code = refusal(card) { return code }
    cards[card].status = "lost"
    return accept("report_lost", card)
  }

  mutating func replace(_ card: Int, _ number: String, newPIN: Bool) -> String? {
    let status = cards[card].status
    if status == "closed" || status == "frozen" { return refusal(card) }
    if status == "lost", rules.isForfeit { return "lost_card_forfeit" }
    if !take(number: number) { return "card_in_use" }
    cards[card].number = number
    cards[card].status = "active"
    if newPIN { setPIN(card) }
    return accept("replace", card)
  }

  private mutating func setPIN(_ card: Int) {
    cards[card].hasPIN = true
    forgetFailures(card)
  }

  mutating func setPIN(_ card: Int, override isOverride: Bool) -> String? {
    if let code = refusal(card) { return code }
    if cards[card].hasPIN, !isOverride { return "pin_already_set" }
    setPIN(card)
    return accept("pin", card)
  }

  mutating func changePIN(_ card: Int, current: String) -> String? {
    if let code = refusal(card) ?? checkPIN(card, amount: nil, given: current) { return code }
    setPIN(card)
    return accept("pin", card)
  }

  mutating func resetPIN(_ card: Int) -> String? {
    if let code = refusal(card) { return code }
    if !cards[card].hasPIN { return "pin_not_set" }
    setPIN(card)
    return accept("pin", card)
  }

  mutating func verifyPIN(_ card: Int, _ given: String) -> String? {
    if let code = refusal(card) ?? checkPIN(card, amount: nil, given: given) { return code }
    return accept("pin", card)
  }

  /// The request was repeated under its key with another PIN.
  mutating func probe(_ card: Int, _ request: Int) -> String? {
    let conflict = "idempotency_conflict"
    if !cards[card].hasPIN { return conflict }
    if isLocked(card) {
      return cards[card].probed.insert(request).inserted ? conflict : "pin_locked"
    }
    countFailure(card)
    cards[card].probed.insert(request)
    return conflict
  }
}
