// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The PIN (spec/pin.md).
extension PlainShop {
  func isLocked(_ card: Int) -> Bool { cards[card].lock.map { $0 > now } ?? false }

  func attemptsLeft(_ card: Int) -> Int {
    if isLocked(card) { return 0 }
    return max(0, rules.attempts - (cards[card].lock == nil ? cards[card].failures : 0))
  }

  /// Judges the PIN given; `amount` is nil where the PIN is what it is all about.
  mutating func checkPIN(
    _ card: Int, amount: Int?, given: String?, field: String = "/pin"
  ) throws(PlainRefusal) {
    if given == nil, let amount {
      if amount <= rules.pinFreeLimit { return }
      if cards[card].pin != nil { throw PlainRefusal("pin_required", "/pin") }
      if rules.pinRequired { throw PlainRefusal("pin_not_set") }
      return
    }
    if cards[card].pin == nil { throw PlainRefusal("pin_not_set") }
    if isLocked(card) { throw locked(card) }
    if given == cards[card].pin { return forgetFailures(card) }
    countFailure(card)
    throw PlainRefusal("pin_incorrect", field, ["attempts_left": .number(attemptsLeft(card))])
  }

  func locked(_ card: Int) -> PlainRefusal {
    guard let lock = cards[card].lock, lock != .max else { return PlainRefusal("pin_locked") }
    return PlainRefusal("pin_locked", nil, ["locked_until": .text(PlainTime.instant(lock))])
  }

  private mutating func countFailure(_ card: Int) {
    if cards[card].lock != nil { forgetFailures(card) }
    cards[card].failures += 1
    if cards[card].failures >= rules.attempts {
      cards[card].lock = rules.lockSeconds.map { now + $0 * 1000 } ?? .max
    }
  }

  mutating func forgetFailures(_ card: Int) {
    cards[card].failures = 0
    cards[card].lock = nil
    cards[card].probed = []
  }

  private mutating func give(_ pin: Plain?, to card: Int) {
    cards[card].pin = pin?.text
    forgetFailures(card)
  }

  /// Records what has no other outcome than the account as it is then.
  mutating func plainly(_ kind: String, _ card: Int, _ request: PlainRequest) -> Plain {
    var entry = newEntry(kind, card, request)
    // What proved or overrode stands in the reason as well.
    if request.params["proof"] != nil || request.params["override_reason"] != nil {
      entry.reason = .any
    }
    record(entry)
    return ["account": account(card)]
  }

  mutating func setPIN(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    if cards[card].pin != nil, request.params["override_reason"]?.text == nil {
      throw PlainRefusal("pin_already_set", "/pin")
    }
    give(request.params["pin"], to: card)
    return plainly("pin_set", card, request)
  }

  mutating func changePIN(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    try checkPIN(
      card, amount: nil, given: request.params["current_pin"]?.text, field: "/current_pin")
    give(request.params["new_pin"], to: card)
    return plainly("pin_change", card, request)
  }

  mutating func resetPIN(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    if cards[card].pin == nil { throw PlainRefusal("pin_not_set") }
    give(request.params["new_pin"], to: card)
    return plainly("pin_reset", card, request)
  }

  mutating func verifyPIN(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    try judgeStatus(card)
    try checkPIN(card, amount: nil, given: request.params["pin"]?.text)
    return plainly("pin_verify", card, request)
  }

  mutating func replaceCard(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    let status = cards[card].status
    if status == "closed" || status == "frozen" { throw PlainRefusal("account_" + status) }
    if status == "lost", rules.forfeits { throw PlainRefusal("lost_card_forfeit") }
    let number = request.params["new_card_no"]?.text ?? ""
    if numbers.contains(number) { throw PlainRefusal("card_in_use", "/new_card_no") }
    numbers.insert(number)
    cards[card].number = number
    cards[card].status = "active"
    if let pin = request.params["new_pin"] { give(pin, to: card) }
    return plainly("replace_card", card, request)
  }

  /// `pin_format`: judged with the params, before the card is looked at.
  func judgePINFormat(_ request: PlainRequest) throws(PlainRefusal) {
    let isNew = ["pin.set", "account.open"].contains(request.method)
    for member in ["current_pin", "new_pin", "pin"] {
      guard let pin = request.params[member]?.text else { continue }
      let setsIt = member == "new_pin" || (member == "pin" && isNew)
      let shortest = setsIt ? rules.pinShortest : 4
      let longest = setsIt ? rules.pinLongest : 12
      let digits = pin.unicodeScalars.allSatisfy { $0.value >= 0x30 && $0.value <= 0x39 }
      if digits, pin.count >= 4, pin.count <= 12, pin.count >= shortest, pin.count <= longest {
        continue
      }
      throw PlainRefusal("pin_format", "/" + member)
    }
  }

  /// A used key comes again: the first answer, or what differs; a wrong PIN is counted.
  mutating func repeated(_ use: Use, _ request: PlainRequest) throws(PlainRefusal) -> Plain {
    if use.request.method != request.method {
      throw PlainRefusal("idempotency_conflict", "/method")
    }
    let secrets = ["pin", "new_pin", "current_pin"]
    let givesPIN = secrets.contains { request.params[$0]?.text != nil }
    if givesPIN, let card = use.card, isLocked(card), cards[card].probed.contains(use.entry) {
      throw locked(card)
    }
    let (mine, theirs) = (Self.comparable(request), Self.comparable(use.request))
    let names = Set(mine.keys).union(theirs.keys).filter { mine[$0] != theirs[$0] }.sorted()
    guard let first = names.first else { return use.answer.with("replayed", true) }
    let conflict = PlainRefusal(
      "idempotency_conflict", "/" + first, ["entry_id": .name("entry:\(use.entry)")])
    if givesPIN, let card = use.card, names.contains(where: { secrets.contains($0) }) {
      probe(card, use.entry)
    }
    throw conflict
  }

  private mutating func probe(_ card: Int, _ entry: Int) {
    if cards[card].pin == nil { return }
    if !isLocked(card) { countFailure(card) }
    cards[card].probed.insert(entry)
  }

  /// What a repetition is compared by.
  private static func comparable(_ request: PlainRequest) -> [String: Plain] {
    request.params.filter {
      $0.key != "idempotency_key" && !$0.key.hasPrefix("x_") && $0.value != .null
    }
  }
}
