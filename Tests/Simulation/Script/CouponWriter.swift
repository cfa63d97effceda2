// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Requests about coupons by chance.
extension RequestWriter {
  static let couponMethods = [
    "campaign.create", "campaign.create", "campaign.pause", "campaign.resume", "campaign.resume",
    "campaign.get", "coupon.issue", "coupon.issue", "coupon.issue", "coupon.issue",
    "coupon.verify", "coupon.verify", "coupon.redeem", "coupon.redeem", "coupon.redeem",
    "coupon.unredeem", "coupon.void", "coupon.reserve", "coupon.reserve", "coupon.release",
    "coupon.get", "checkout.quote", "checkout.quote", "checkout.quote", "checkout.commit",
    "checkout.commit", "checkout.commit", "checkout.commit", "checkout.refund",
    "checkout.refund", "checkout.refund",
  ]
  private static let articles: [(sku: String, category: String?, price: Int)] = [
    ("tea", "drink", 980), ("cake", "food", 1_990), ("cup", nil, 640), ("nut", "food", 333),
  ]

  mutating func couponParams(_ method: String) -> [String: Plain] {
    switch method {
    case "campaign.create":
      var writer = CampaignWriter(shop: shop, dice: dice)
      defer { dice = writer.dice }
      return writer.terms()
    case "campaign.pause", "campaign.resume", "campaign.get": return ["campaign_id": campaign()]
    case "coupon.issue":
      var params: [String: Plain] = ["campaign_id": campaign()]
      if dice.once(in: 2) { params["count"] = .number(1 + dice.below(3)) }
      return dice.once(in: 4) ? params : params.merging(account()) { $1 }
    case "coupon.release":
      return ["reservation_id": made("coupon_reserve", "reservation") ?? "rsv_0"]
    case "coupon.unredeem":
      let uses = shop.till.uses.suffix(8).filter { names.id(of: $0.name) != nil }
      return ["redemption_id": uses.isEmpty ? "rdm_0" : .name(dice.pick(Array(uses)).name)]
    case "checkout.quote", "checkout.commit": return checkout(method)
    case "checkout.refund": return goods()
    default: return single(method)
    }
  }

  private mutating func campaign() -> Plain {
    let count = shop.till.campaigns.count
    if count == 0 || dice.once(in: 40) { return "cmp_0" }
    return .name("campaign:\(count - 1 - dice.below(min(count, 6)))")
  }

  /// A thing that a late entry of this kind made.
  private mutating func made(_ kind: String, _ thing: String) -> Plain? {
    var found: [Int] = []
    for number in shop.entries.indices.reversed() where found.count < 6 {
      if shop.entries[number].kind == kind, names.id(of: "\(thing):\(number)") != nil {
        found.append(number)
      }
    }
    return found.isEmpty ? nil : .name("\(thing):\(dice.pick(found))")
  }

  /// A coupon whose id was seen, a late one rather than an early; by its id or its payload.
  private mutating func coupon(of card: Int? = nil, inList: Bool = false) -> Plain {
    var found: [Int] = []
    for number in shop.till.coupons.indices.reversed() where found.count < 10 {
      guard number < shop.till.known else { continue }
      if card == nil || shop.till.coupons[number].owner == card { found.append(number) }
    }
    if found.isEmpty || dice.once(in: 40) { return inList ? "garbage" : "cpn_0" }
    let number = dice.pick(found)
    return .name(inList && dice.once(in: 3) ? "payload:\(number)" : "coupon:\(number)")
  }

  /// A request about one coupon.
  private mutating func single(_ method: String) -> [String: Plain] {
    let takesAccount = !["coupon.get", "coupon.void"].contains(method)
    var params: [String: Plain] = takesAccount && dice.once(in: 2) ? account() : [:]
    let named = coupon(of: dice.once(in: 2) ? card(params) : nil)
    if let name = named.name, dice.once(in: 3) {
      params["payload"] = .name("payload:" + name.dropFirst(7))
    } else if dice.once(in: 30) {
      params["payload"] = "SVT1GARBAGE"
    } else {
      params["coupon_id"] = named
    }
    if method == "coupon.reserve" { params["seconds"] = .number(dice.pick([1, 60, 900, 86_400])) }
    if method == "coupon.verify" || method == "coupon.redeem" {
      if dice.once(in: 3) {
        params["amount"] = .number(amount())
      } else if !dice.once(in: 4) {
        params["cart"] = cart()
      }
      if dice.once(in: 4), let name = made("coupon_reserve", "reservation") {
        params["reservation_id"] = name
      }
      if method == "coupon.verify", dice.once(in: 2) {
        params["store_id"] = .text(dice.pick(Self.stores))
      }
    }
    return params
  }

  private mutating func cart() -> Plain {
    var lines: [Plain] = []
    for number in 0...dice.below(4) {
      let article = dice.pick(Self.articles)
      var line: Plain = [
        "line_id": .text("l\(number)"), "sku": .text(article.sku),
        "quantity": .number(1 + dice.below(4)),
        "unit_price": .number(dice.once(in: 3) ? 1 + dice.below(3_000) : article.price),
      ]
      if let category = article.category { line = line.with("category", .text(category)) }
      if dice.once(in: 5) { line = line.with("full_price", false) }
      lines.append(line)
    }
    return ["lines": .list(lines)]
  }

  private mutating func checkout(_ method: String) -> [String: Plain] {
    var params: [String: Plain] = dice.once(in: 4) ? [:] : account()
    let card = card(params)
    params["cart"] = cart()
    let own = shop.till.coupons.count { $0.owner == card && $0.use == nil && $0.voidAt == nil }
    if own <= 6, dice.once(in: 3) {
      params["coupons"] = "auto"
    } else if !dice.once(in: 6) {
      let count = dice.below(5)
      params["coupons"] = .list(
        (0..<count).map { _ in coupon(of: dice.once(in: 4) ? nil : card, inList: true) })
    }
    if dice.once(in: 4), let name = made("coupon_reserve", "reservation") {
      params["reservation_ids"] = .list([name])
    }
    if dice.once(in: 3) { params["store_id"] = .text(dice.pick(Self.stores)) }
    guard method == "checkout.commit" else { return params }
    let payable = shop.price(PlainRequest(method, params), card).priced.payable
    if dice.once(in: 2) {
      params["expected_payable"] = .number(dice.once(in: 6) ? payable + 1 : payable)
    }
    if let card, !dice.once(in: 4) {
      let most = min(payable, shop.spendable(card))
      params["stored_value"] = .number(
        dice.once(in: 6) ? payable + dice.below(2) : dice.once(in: 2) ? most : dice.below(most + 1))
      params["pin"] = .optional(shop.cards[card].pin)
    }
    return params
  }

  private mutating func goods() -> [String: Plain] {
    let seen = shop.till.checkouts.suffix(6).filter { names.id(of: "checkout:\($0.entry)") != nil }
    guard !seen.isEmpty, !dice.once(in: 30) else { return ["checkout_id": "chk_0", "all": true] }
    let checkout = dice.pick(Array(seen))
    var params: [String: Plain] = ["checkout_id": .name("checkout:\(checkout.entry)")]
    if dice.once(in: 4) {
      params["all"] = true
      return params
    }
    var lines: [Plain] = []
    for line in checkout.lines where lines.isEmpty || dice.once(in: 2) {
      if dice.once(in: 3) {
        lines.append(.text(line.id))
      } else {
        let count = 1 + dice.below(line.quantity + (dice.once(in: 6) ? 1 : 0))
        lines.append(["line_id": .text(line.id), "quantity": .number(count)])
      }
    }
    if dice.once(in: 20) { lines.append("nothing") }
    params["lines"] = .list(lines)
    return params
  }
}

/// Writes the terms of campaigns by chance, such as the spec does not refuse.
struct CampaignWriter {
  let shop: PlainShop
  var dice: Dice

  mutating func terms() -> [String: Plain] {
    var terms: [String: Plain] = ["name": .text("campaign \(shop.till.campaigns.count)")]
    let kind = dice.pick(["percent", "cash", "threshold", "item"])
    terms["kind"] = .text(kind)
    switch kind {
    case "percent":
      terms["off_basis_points"] = .number(dice.pick([1_200, 500, 10_000, 1 + dice.below(9_999)]))
      if dice.once(in: 4) { terms["max_discount"] = .number(50 + dice.below(900)) }
    case "cash": terms["amount"] = .number(1 + dice.below(2_000))
    case "threshold": threshold(&terms)
    default:
      terms["sku"] = .text(dice.pick(["tea", "cake", "cup"]))
      terms["quantity"] = .number(1 + dice.below(3))
    }
    if dice.once(in: 3) { terms["validity"] = validity() }
    if dice.once(in: 3) { terms["scope"] = scope(isItem: kind == "item") }
    if dice.once(in: 5) { terms["min_spend"] = .number(1 + dice.below(4_000)) }
    if !dice.once(in: 4) { terms["stacking"] = stacking() }
    if dice.once(in: 2) { terms["caps"] = caps() }
    return terms
  }

  private mutating func threshold(_ terms: inout [String: Plain]) {
    let least = 500 + dice.below(2_000)
    var steps: [Plain] = [["min": .number(least), "off": .number(1 + dice.below(least))]]
    if dice.once(in: 3) {
      terms["repeat"] = true
    } else if dice.once(in: 2) {
      let next = least + 1 + dice.below(2_000)
      steps.append(["min": .number(next), "off": .number(1 + dice.below(least))])
    }
    terms["steps"] = .list(steps)
    if dice.once(in: 4) { terms["max_discount"] = .number(50 + dice.below(900)) }
  }

  private mutating func validity() -> Plain {
    var validity: [String: Plain] = [:]
    if dice.once(in: 4) {
      validity["from"] = .text(PlainTime.instant(shop.now + dice.below(100_000) * 1000))
    }
    if dice.once(in: 4) {
      validity["until"] = .text(
        PlainTime.instant(shop.now + (200_000 + dice.below(400_000)) * 1000))
    }
    if dice.once(in: 3) { validity["days_after_issue"] = .number(dice.below(3)) }
    if dice.once(in: 4) {
      let (from, to) = dice.pick([
        ("09:00", "17:00"), ("22:00", "02:00"), ("00:00", "24:00"), ("16:30", "09:15"),
      ])
      validity["windows"] = [
        [
          "weekdays": dice.pick([[1, 2, 3], [4, 5, 6, 7], [1, 2, 3, 4, 5, 6, 7]]),
          "from": .text(from), "to": .text(to),
        ]
      ]
    }
    if dice.once(in: 5) {
      validity["blackout_dates"] = .list([.text(PlainTime.date(shop.wallDay + dice.below(3)))])
    }
    return .object(validity)
  }

  private mutating func scope(isItem: Bool) -> Plain {
    var scope: [String: Plain] = [:]
    if !isItem {
      switch dice.below(4) {
      case 0: scope["include_skus"] = ["tea", "nut"]
      case 1: scope["include_categories"] = ["food"]
      case 2:
        scope["include_categories"] = ["drink"]
        scope["exclude_skus"] = ["cake"]
      default: scope["exclude_categories"] = ["food"]
      }
    }
    if dice.once(in: 4) { scope["full_price_only"] = true }
    if dice.once(in: 4) { scope["store_ids"] = ["s1", "s2"] }
    if dice.once(in: 6) { scope["levels"] = ["gold"] }
    return .object(scope)
  }

  private mutating func stacking() -> Plain {
    var stacking: Plain = [
      "class": .text(dice.pick(["a", "b", "c"])),
      "with": dice.pick([["*"], ["*"], ["a", "b"], ["b", "c"], ["a"]]),
    ]
    if dice.once(in: 3) { stacking = stacking.with("max_per_class", .number(1 + dice.below(3))) }
    return stacking
  }

  /// The narrower a cap the smaller: one above a wider one is refused.
  private mutating func caps() -> Plain {
    var caps: [String: Plain] = [:]
    if dice.once(in: 3) { caps["per_account_per_day"] = .number(1 + dice.below(2)) }
    if dice.once(in: 3) { caps["per_account"] = .number(2 + dice.below(3)) }
    if dice.once(in: 3) { caps["redemptions_per_day"] = .number(4 + dice.below(2)) }
    if dice.once(in: 3) { caps["total"] = .number(6 + dice.below(8)) }
    if dice.once(in: 3) { caps["budget"] = .number(500 + dice.below(6_000)) }
    return .object(caps)
  }
}
