// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Requests about campaigns and single coupons (spec/coupon-life.md).
extension PlainShop {
  /// What is told of a code by its form alone, before the key is looked at.
  func screen(_ request: PlainRequest) throws(PlainRefusal) {
    if request.method.hasPrefix("coupon."), case .text? = request.params["payload"] {
      throw PlainRefusal("malformed", "/payload")
    }
  }

  mutating func changeCoupons(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    switch request.method {
    case "campaign.create": return createCampaign(request)
    case "campaign.pause", "campaign.resume": return try pause(request)
    case "coupon.issue": return try issue(request)
    case "coupon.reserve": return try reserve(request)
    case "coupon.release": return try releaseCoupon(request)
    case "coupon.redeem": return try redeem(request)
    case "coupon.unredeem": return try unredeem(request)
    case "coupon.void": return try void(request)
    case "checkout.commit": return try commit(request)
    default: return try takeBack(request)
    }
  }

  func readCoupons(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    switch request.method {
    case "campaign.get": return self.campaign(try campaign(request))
    case "coupon.get":
      try screen(request)
      return self.coupon(try coupon(request).number)
    case "coupon.verify": return try verify(request)
    default:
      let card = try optionalCard(request)
      if let card, cards[card].status == "closed" { throw PlainRefusal("account_closed") }
      return show(price(request, card))
    }
  }

  // MARK: What a request names

  func optionalCard(_ request: PlainRequest) throws(PlainRefusal) -> Int? {
    if request.params["card_no"] == nil, request.params["account_id"] == nil { return nil }
    return try card(request)
  }

  private func campaign(_ request: PlainRequest) throws(PlainRefusal) -> Int {
    guard let number = request.params["campaign_id"]?.name.flatMap({ Self.number($0) }),
      till.campaigns.indices.contains(number)
    else { throw PlainRefusal("not_found", "/campaign_id") }
    return number
  }

  private func coupon(
    _ request: PlainRequest
  ) throws(PlainRefusal) -> (number: Int, field: String) {
    let member = request.params["payload"] == nil ? "coupon_id" : "payload"
    guard let number = request.params[member]?.name.flatMap({ Self.number($0) }),
      till.coupons.indices.contains(number)
    else { throw PlainRefusal("not_found", "/" + member) }
    return (number, "/" + member)
  }

  // MARK: Campaigns and issue

  private mutating func createCampaign(_ request: PlainRequest) -> Plain {
    let common = ["idempotency_key", "store_id", "terminal_id", "operator_id", "reason"]
    let terms = request.params.filter { !common.contains($0.key) && !$0.key.hasPrefix("x_") }
    till.campaigns.append(PlainTill.Campaign(entry: entries.count, terms: .object(terms)))
    record(newEntry("campaign_create", nil, request))
    let number = till.campaigns.count - 1
    return ["campaign_id": .name("campaign:\(number)"), "campaign": self.campaign(number)]
  }

  private func campaign(_ number: Int) -> Plain {
    let campaign = till.campaigns[number]
    let uses = till.uses(number)
    return [
      "campaign_id": .name("campaign:\(number)"), "name": campaign.terms["name"] ?? .null,
      "kind": campaign.terms["kind"] ?? .null, "status": campaign.isPaused ? "paused" : "active",
      "created_at": .text(
        PlainTime.instant(
          entries.indices.contains(campaign.entry)
            ? entries[campaign.entry].at : now)),
      "issued": .number(till.issued(number)), "redeemed": .number(uses.count),
      "discount_given": .number(uses.reduce(0) { $0 + ($1.discount ?? 0) }),
    ]
  }

  private mutating func pause(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let number = try campaign(request)
    let pauses = request.method == "campaign.pause"
    if till.campaigns[number].isPaused == pauses {
      throw PlainRefusal(pauses ? "already_paused" : "not_paused", "/campaign_id")
    }
    till.campaigns[number].isPaused = pauses
    record(newEntry(pauses ? "campaign_pause" : "campaign_resume", nil, request))
    return [
      "campaign_id": .name("campaign:\(number)"), "status": pauses ? "paused" : "active",
    ]
  }

  private mutating func issue(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let campaign = try campaign(request)
    let card = try optionalCard(request)
    if let card, cards[card].status == "closed" { throw PlainRefusal("account_closed") }
    if let end = end(of: campaign), end <= now { throw PlainRefusal("expired", "/campaign_id") }
    if till.campaigns[campaign].isPaused { throw PlainRefusal("paused", "/campaign_id") }
    let count = request.params["count"]?.number ?? 1
    if let room = room(toIssue: campaign, to: card), room < count {
      throw PlainRefusal("cap_reached", "/count", ["left": .number(room)])
    }
    let coupons = make(count, of: campaign, for: card)
    record(newEntry("coupon_issue", card, request))
    return [
      "campaign_id": .name("campaign:\(campaign)"), "coupons": .list(coupons),
      "account": card.map { account($0) } ?? .absent,
    ]
  }

  // MARK: Judging

  /// Why a coupon cannot be used here and now whatever is in the cart.
  func barrier(
    _ number: Int, _ card: Int?, store: String?, holding held: [Plain] = []
  ) -> String? {
    let coupon = till.coupons[number]
    let terms = till.campaigns[coupon.campaign].terms
    if let reason = timeBarrier(terms["validity"], coupon.end) { return reason }
    if coupon.use != nil { return "already_redeemed" }
    if coupon.voidAt != nil { return "void" }
    if let (entry, until) = coupon.reservation, now < until,
      !held.contains(.name("reservation:\(entry)"))
    {
      return "reserved"
    }
    if till.campaigns[coupon.campaign].isPaused { return "paused" }
    let stores = terms["scope"]?["store_ids"].texts ?? []
    if !stores.isEmpty, store.map({ stores.contains($0) }) != true { return "wrong_store" }
    if let card, let owner = coupon.owner, card != owner { return "wrong_account" }
    let levels = terms["scope"]?["levels"].texts ?? []
    if !levels.isEmpty, card.flatMap({ cards[$0].level }).map({ levels.contains($0) }) != true {
      return "wrong_account"
    }
    return nil
  }

  private func timeBarrier(_ validity: Plain?, _ end: Int?) -> String? {
    if let end, now >= end { return "expired" }
    guard let validity else { return nil }
    if let from = validity["from"]?.text, now < PlainTime.milliseconds(from) ?? 0 {
      return "not_yet_valid"
    }
    if let windows = validity["windows"]?.list, !windows.contains(where: { isOpen($0) }) {
      return "outside_window"
    }
    return validity["blackout_dates"].texts.contains(PlainTime.date(wallDay)) ? "blackout" : nil
  }

  /// Whether the window is open by the clock on the wall.
  private func isOpen(_ window: Plain) -> Bool {
    let weekdays = (window["weekdays"]?.list ?? []).compactMap(\.number)
    let from = PlainTime.ofDay(window["from"]?.text ?? "")
    let to = PlainTime.ofDay(window["to"]?.text ?? "")
    let time = (now + 8 * 3_600_000) % 86_400_000
    let today = weekdays.contains(PlainTime.weekday(wallDay))
    let yesterday = weekdays.contains(PlainTime.weekday(wallDay - 1))
    if from < to { return today && time >= from && time < to }
    return (today && time >= from) || (yesterday && time < to)
  }

  func candidate(
    _ number: Int, _ card: Int?, barrier: String?
  ) -> PlainCart.Candidate {
    let coupon = till.coupons[number]
    let whose = coupon.owner ?? card
    return PlainCart.Candidate(
      coupon: number, id: coupon.id, terms: till.campaigns[coupon.campaign].terms,
      end: coupon.end, barrier: barrier, campaign: coupon.campaign, whose: whose,
      room: room(toUse: coupon.campaign, by: whose))
  }

  /// What the use of one coupon comes to: the reason where it cannot be used.
  private func worth(
    _ number: Int, _ card: Int?, _ request: PlainRequest
  ) -> (reason: String?, cart: PlainCart?, priced: PlainCart.Priced?) {
    let held = [request.params["reservation_id"]].compactMap { $0 }
    let store = request.params["store_id"]?.text
    if let barrier = barrier(number, card, store: store, holding: held) {
      return (barrier, nil, nil)
    }
    let candidate = candidate(number, card, barrier: nil)
    var cart = request.params["cart"].map { PlainCart($0) }
    if let amount = request.params["amount"]?.number { cart = PlainCart(amount: amount) }
    guard let cart else {
      let isFull = candidate.room.isNone
      return (isFull ? "cap_reached" : nil, nil, nil)
    }
    let priced = cart.price([candidate], rules)
    return (priced.refused.first?.reason, cart, priced)
  }

  private func show(
    _ cart: PlainCart?, _ priced: PlainCart.Priced?
  ) -> [String: Plain] {
    guard let cart, let priced, let applied = priced.applied.first else {
      return ["discount": .null, "payable": .null, "lines": .null]
    }
    return [
      "discount": .number(applied.discount), "payable": .number(priced.payable),
      "lines": shares(cart, applied),
    ]
  }

  func shares(_ cart: PlainCart, _ applied: PlainCart.Applied) -> Plain {
    .list(
      cart.lines.indices.filter { applied.shares[$0] > 0 }.map { line in
        [
          "line_id": cart.lines[line].id.isEmpty ? .any : .text(cart.lines[line].id),
          "discount": .number(applied.shares[line]),
        ]
      })
  }

  // MARK: Use

  private func verify(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    if case .text? = request.params["payload"] { return ["valid": false, "reason": "malformed"] }
    let card = try optionalCard(request)
    guard let number = try? coupon(request).number else {
      return ["valid": false, "reason": "not_found"]
    }
    let coupon = till.coupons[number]
    let terms = till.campaigns[coupon.campaign].terms
    let (judged, cart, priced) = worth(number, card, request)
    let bar = card.map { cards[$0].status }.flatMap { $0 == "active" ? nil : "account_" + $0 }
    let reason = bar ?? judged
    let standing: [String: Plain] = [
      "valid": .bool(reason == nil), "reason": reason.map { .text($0) } ?? .absent,
      "coupon_id": .name("coupon:\(number)"), "campaign_id": .name("campaign:\(coupon.campaign)"),
      "name": terms["name"] ?? .null, "kind": terms["kind"] ?? .null,
      "account_id": coupon.owner.map { .name("account:\($0)") } ?? .null,
      "valid_until": .optional(coupon.end.map { PlainTime.instant($0) }),
    ]
    if let reason { return .object(standing).merging(bar == nil ? details(reason, number) : [:]) }
    return .object(standing).merging(show(cart, priced))
  }

  private mutating func redeem(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (number, field) = try coupon(request)
    let card = try optionalCard(request)
    if let card { try judgeStatus(card) }
    let (reason, cart, priced) = worth(number, card, request)
    if let reason { throw PlainRefusal(reason, field, details(reason, number)) }
    let caps = caps(till.coupons[number].campaign)
    if cart == nil, caps["budget"]?.number != nil {
      throw PlainRefusal("price_required", "/amount")
    }
    let use = use(number, card, index: 0, priced?.applied.first?.discount, request)
    var entry = newEntry("coupon_redeem", card, request)
    entry.amount = till.uses[use].discount ?? 0
    let made = record(entry)
    return Plain.object(show(cart, priced)).merging([
      "valid": true, "redemption_id": .name(till.uses[use].name),
      "coupon_id": .name("coupon:\(number)"),
      "campaign_id": .name("campaign:\(till.coupons[number].campaign)"),
      "entry": self.entry(made, fresh: true), "account": card.map { account($0) } ?? .absent,
    ])
  }

  /// Puts a coupon to use by the entry that is recorded next; answers the number of the use.
  mutating func use(
    _ number: Int, _ card: Int?, index: Int, _ discount: Int?, _ request: PlainRequest
  ) -> Int {
    till.uses.append(
      PlainTill.Use(
        coupon: number, entry: entries.count, index: index, at: now, day: day,
        store: request.params["store_id"] ?? .null,
        terminal: request.params["terminal_id"] ?? .null,
        card: till.coupons[number].owner ?? card, discount: discount))
    till.coupons[number].use = till.uses.count - 1
    return till.uses.count - 1
  }

  private mutating func unredeem(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    guard let name = request.params["redemption_id"]?.name,
      let use = till.uses.firstIndex(where: { $0.name == name })
    else { throw PlainRefusal("not_found", "/redemption_id") }
    let made = till.uses[use].entry
    if entries[made].kind == "checkout" {
      throw PlainRefusal(
        "checkout_redemption", "/redemption_id", ["checkout_id": .name("checkout:\(made)")])
    }
    if till.uses[use].isUndone { throw PlainRefusal("already_unredeemed", "/redemption_id") }
    _ = free(use)
    var entry = newEntry("coupon_unredeem", nil, request)
    entry.amount = till.uses[use].discount ?? 0
    entry.links = ["unredeems": .name("entry:\(made)")]
    let number = record(entry)
    return [
      "coupon_id": .name("coupon:\(till.uses[use].coupon)"), "redemption_id": .name(name),
      "entry": self.entry(number, fresh: true), "account": .absent,
    ]
  }

  private mutating func void(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (number, field) = try coupon(request)
    for (isSo, reason) in [
      (till.coupons[number].use != nil, "already_redeemed"),
      (till.coupons[number].voidAt != nil, "void"),
    ] where isSo {
      throw PlainRefusal(reason, field, details(reason, number))
    }
    till.coupons[number].voidAt = now
    record(newEntry("coupon_void", nil, request))
    return ["coupon_id": .name("coupon:\(number)")]
  }

  private mutating func reserve(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let (number, field) = try coupon(request)
    let card = try optionalCard(request)
    if let reason = barrier(number, card, store: request.params["store_id"]?.text) {
      throw PlainRefusal(reason, field, details(reason, number))
    }
    let until = now + (request.params["seconds"]?.number ?? 0) * 1000
    till.coupons[number].reservation = (entries.count, until)
    let entry = record(newEntry("coupon_reserve", nil, request))
    return [
      "reservation_id": .name("reservation:\(entry)"), "coupon_id": .name("coupon:\(number)"),
      "expires_at": .text(PlainTime.instant(until)),
    ]
  }

  private mutating func releaseCoupon(_ request: PlainRequest) throws(PlainRefusal) -> Plain {
    let field = "/reservation_id"
    guard let entry = request.params["reservation_id"]?.name.flatMap({ Self.number($0) }),
      entries.indices.contains(entry), entries[entry].kind == "coupon_reserve"
    else { throw PlainRefusal("not_found", field) }
    guard
      let coupon = till.coupons.firstIndex(where: {
        $0.reservation?.entry == entry && $0.use == nil && $0.voidAt == nil
      }), now < till.coupons[coupon].reservation?.until ?? 0
    else { throw PlainRefusal("reservation_not_live", field) }
    till.coupons[coupon].reservation = nil
    record(newEntry("coupon_release", nil, request))
    return ["coupon_id": .name("coupon:\(coupon)")]
  }

  /// The coupon as it stands now.
  private func coupon(_ number: Int) -> Plain {
    let coupon = till.coupons[number]
    let terms = till.campaigns[coupon.campaign].terms
    let isReserved =
      (coupon.reservation?.until ?? 0) > now && coupon.use == nil
      && coupon.voidAt == nil
    var status = isReserved ? "reserved" : "issued"
    if let end = coupon.end, now >= end { status = "expired" }
    if coupon.use != nil { status = "redeemed" }
    if coupon.voidAt != nil { status = "void" }
    return [
      "coupon_id": .name("coupon:\(number)"), "campaign_id": .name("campaign:\(coupon.campaign)"),
      "name": terms["name"] ?? .null, "kind": terms["kind"] ?? .null, "status": .text(status),
      "account_id": coupon.owner.map { .name("account:\($0)") } ?? .null,
      "issued_at": .text(PlainTime.instant(coupon.issuedAt)),
      "valid_until": .optional(coupon.end.map { PlainTime.instant($0) }),
      "reserved_until": isReserved
        ? .text(PlainTime.instant(coupon.reservation?.until ?? 0)) : .null,
      "topup_entry_id": coupon.topUp.map { .name("entry:\($0)") } ?? .null,
      "redemption": coupon.use.map { redemption(till.uses[$0]) } ?? .null,
    ]
  }

  private func redemption(_ use: PlainTill.Use) -> Plain {
    [
      "redemption_id": .name(use.name), "at": .text(PlainTime.instant(use.at)),
      "store_id": use.store, "terminal_id": use.terminal,
      "account_id": use.card.map { .name("account:\($0)") } ?? .null,
      "discount": .optional(use.discount),
      "checkout_id": entries[use.entry].kind == "checkout" ? .name("checkout:\(use.entry)") : .null,
    ]
  }
}
