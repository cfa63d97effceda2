// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Requests in, answers out.
extension PlainShop {
  static let reads: Set<String> = [
    "account.get", "entry.get", "entry.lookup", "topup.quote",
    "coupon.verify", "coupon.get", "checkout.quote", "campaign.get",
  ]

  static func isMutation(_ method: String) -> Bool { !reads.contains(method) }

  /// What the request is answered, and done with it.
  mutating func serve(_ request: PlainRequest) -> PlainAnswer {
    if let spoilt = request.spoilt { return .invalid(spoilt) }
    if request.method == "clock.advance" { return advanceClock(request) }
    lapse()
    do throws(PlainRefusal) {
      try judgePINFormat(request)
      if case .object(let members)? = request.params["program"], members["surprise"] != nil {
        throw PlainRefusal("program_invalid", "/program/surprise")
      }
      guard Self.isMutation(request.method) else { return .result(try read(request)) }
      try screen(request)
      guard let key = request.key else { return .invalid("/idempotency_key") }
      if let use = uses[key] { return .result(try repeated(use, request)) }
      if blocked.contains(key) { throw PlainRefusal("original_reversed", "/idempotency_key") }
      let answer = try change(request)
      let entry = entries.count - 1
      uses[key] = Use(request: request, answer: answer, card: entries[entry].card, entry: entry)
      return .result(answer.with("replayed", .absent))
    } catch {
      return error.answer
    }
  }

  private mutating func advanceClock(_ request: PlainRequest) -> PlainAnswer {
    now += (request.params["seconds"]?.number ?? 0) * 1000
    return .result([
      "now": .text(PlainTime.instant(now)), "business_date": .text(PlainTime.date(day)),
    ])
  }

  private mutating func change(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    switch request.method {
    case "account.open": return try open(request)
    case "account.freeze", "account.unfreeze", "account.report_lost":
      return try changeStatus(request)
    case "account.replace_card": return try replaceCard(request)
    case "account.close": return try close(request)
    case "pin.set": return try setPIN(request)
    case "pin.change": return try changePIN(request)
    case "pin.reset": return try resetPIN(request)
    case "pin.verify": return try verifyPIN(request)
    case "topup.create": return try topUp(request)
    case "topup.clear": return try clear(request)
    case "topup.bounce": return try bounce(request)
    case "debit.create": return try debit(request)
    case "debit.authorize": return try authorize(request)
    case "debit.capture": return try capture(request)
    case "debit.release": return try release(request)
    case "debit.refund": return try refund(request)
    case "entry.reverse": return try reverse(request)
    case "program.set": return setProgram(request)
    default: return try changeCoupons(request)
    }
  }

  private mutating func setProgram(_ request: PlainRequest) -> Plain {
    rules = PlainRules(request.params["program"] ?? [:])
    version += 1
    record(newEntry("program_set", nil, request))
    return ["program_version": .number(version)]
  }

  private mutating func changeStatus(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let card = try card(request)
    if request.method == "account.unfreeze" {
      if cards[card].status == "active" { throw PlainRefusal("not_frozen") }
      if cards[card].status != "frozen" { try judgeStatus(card) }
      cards[card].status = "active"
      return plainly("unfreeze", card, request)
    }
    try judgeStatus(card)
    let freezes = request.method == "account.freeze"
    cards[card].status = freezes ? "frozen" : "lost"
    return plainly(freezes ? "freeze" : "report_lost", card, request)
  }

  private mutating func read(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    switch request.method {
    case "account.get": return account(try card(request))
    case "topup.quote": return try quote(request)
    case "entry.get":
      guard let number = request.params["entry_id"]?.name.flatMap({ Self.number($0) }),
        entries.indices.contains(number)
      else { throw PlainRefusal("not_found", "/entry_id") }
      return entry(number)
    case "entry.lookup":
      guard let use = uses[request.params["original_idempotency_key"]?.text ?? ""] else {
        throw PlainRefusal("not_found", "/original_idempotency_key")
      }
      return entry(use.entry)
    default: return try readCoupons(request)
    }
  }
}
