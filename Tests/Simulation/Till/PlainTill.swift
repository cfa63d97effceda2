// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What the model knows of campaigns, coupons and checkouts (spec/coupons.md, coupon-life.md).
struct PlainTill: Sendable {
  struct Campaign: Sendable {
    /// The entry that created it.
    var entry: Int
    /// Its terms as they were written.
    var terms: Plain
    var isPaused = false
  }

  struct Coupon: Sendable {
    var campaign: Int
    /// The card it is bound to.
    var owner: Int?
    var issuedAt: Int
    /// The first instant at which it is no longer good.
    var end: Int?
    /// The top-up that gave it.
    var topUp: Int?
    /// Its id, once it was seen: coupons of a kind take effect in the order of these.
    var id = ""
    var voidAt: Int?
    /// The entry that reserved it last, and until when.
    var reservation: (entry: Int, until: Int)?
    /// The use that stands.
    var use: Int?
  }

  struct Use: Sendable {
    var coupon: Int
    var entry: Int
    /// Which use of its entry it is.
    var index: Int
    var at: Int
    var day: Int
    var store: Plain
    var terminal: Plain
    /// Under whom the caps count it.
    var card: Int?
    var discount: Int?
    var isUndone = false

    var name: String { "redemption:\(entry):\(index)" }
  }

  /// What caps leave.
  struct Room: Sendable {
    /// Uses by anybody, and by the one account.
    var uses = Int.max
    var ownUses = Int.max
    var budget = Int.max

    /// Whether nothing can be used whatever it would take off.
    var isNone: Bool { uses <= 0 || ownUses <= 0 || budget <= 0 }
  }

  struct Checkout: Sendable {
    var entry: Int
    var lines: [PlainCart.Line]
    /// What was paid for each line.
    var paid: [Int]
    var payable: Int
    var storedValue: Int
    /// The coupons that were applied, in order, with their uses.
    var coupons: [Int]
    var uses: [Int]
    var rules: PlainRules
    var returned: [Int]
    var refunded = 0
    var toCard = 0

    var isWhole: Bool { returned == lines.map(\.quantity) }
  }

  var campaigns: [Campaign] = []
  var coupons: [Coupon] = []
  var uses: [Use] = []
  var checkouts: [Checkout] = []
  /// How many coupons have got their id.
  var known = 0

  func standing(ofCheckout entry: Int) -> String {
    guard let checkout = checkouts.first(where: { $0.entry == entry }) else { return "posted" }
    if checkout.isWhole { return "refunded" }
    return checkout.returned.allSatisfy { $0 == 0 } ? "posted" : "partly_refunded"
  }

  /// Coupons of a campaign that are issued and not void, of one card or of all.
  func issued(_ campaign: Int, to card: Int? = nil) -> Int {
    coupons.count {
      $0.campaign == campaign && $0.voidAt == nil && (card == nil || $0.owner == card)
    }
  }

  /// Uses of a campaign that stand.
  func uses(_ campaign: Int, by card: Int? = nil, on day: Int? = nil) -> [Use] {
    uses.filter {
      !$0.isUndone && coupons[$0.coupon].campaign == campaign && (card == nil || $0.card == card)
        && (day == nil || $0.day == day)
    }
  }
}

extension PlainShop {
  /// Takes note of the ids that answers have shown.
  mutating func learn(_ names: Names) {
    while till.known < till.coupons.count, let id = names.id(of: "coupon:\(till.known)") {
      till.coupons[till.known].id = id
      till.known += 1
    }
  }

  // MARK: Caps

  func caps(_ campaign: Int) -> Plain { till.campaigns[campaign].terms["caps"] ?? [:] }

  /// How many more coupons may be issued; nil: as many as one likes.
  func room(toIssue campaign: Int, to card: Int?) -> Int? {
    var room: [Int] = []
    if let total = caps(campaign)["total"]?.number { room.append(total - till.issued(campaign)) }
    if let card, let most = caps(campaign)["per_account"]?.number {
      room.append(most - till.issued(campaign, to: card))
    }
    return room.min().map { max(0, $0) }
  }

  /// What the caps leave for uses of a campaign that count under a card.
  func room(toUse campaign: Int, by card: Int?) -> PlainTill.Room {
    let caps = caps(campaign)
    func left(_ cap: String, by card: Int? = nil, on day: Int? = nil) -> Int {
      caps[cap]?.number.map { $0 - till.uses(campaign, by: card, on: day).count } ?? .max
    }
    var room = PlainTill.Room()
    room.uses = min(left("total"), left("redemptions_per_day", on: day))
    if let card {
      room.ownUses = min(
        left("per_account", by: card), left("per_account_per_day", by: card, on: day))
    }
    if let budget = caps["budget"]?.number {
      room.budget = budget - till.uses(campaign).reduce(0) { $0 + ($1.discount ?? 0) }
    }
    return room
  }

  // MARK: Issuing

  /// The end of a coupon that is issued now.
  func end(of campaign: Int) -> Int? {
    let validity = till.campaigns[campaign].terms["validity"]
    let until = validity?["until"]?.text.flatMap { PlainTime.milliseconds($0) }
    // Midnight after so many days that follow the day of issue, by Shanghai's calendar.
    let last = validity?["days_after_issue"]?.number.map {
      (wallDay + $0 + 1) * 86_400_000 - 8 * 3_600_000
    }
    return [until, last].compactMap { $0 }.min()
  }

  /// The civil date in Shanghai, as days since 1970.
  var wallDay: Int { (now + 8 * 3_600_000) / 86_400_000 }

  /// Makes coupons; answers them as an issue shows them.
  mutating func make(_ count: Int, of campaign: Int, for card: Int?, topUp: Int? = nil) -> [Plain] {
    let end = end(of: campaign)
    return (0..<count).map { _ in
      let number = till.coupons.count
      till.coupons.append(
        PlainTill.Coupon(campaign: campaign, owner: card, issuedAt: now, end: end, topUp: topUp))
      return [
        "coupon_id": .name("coupon:\(number)"), "campaign_id": .name("campaign:\(campaign)"),
        "payload": .name("payload:\(number)"),
        "valid_until": .optional(end.map { PlainTime.instant($0) }),
      ]
    }
  }

  /// The coupons that bonus rules give; a campaign that is paused, over or at its cap gives fewer.
  mutating func giveCoupons(_ rules: [PlainRules.Bonus], to card: Int, topUp: Int) -> Plain {
    var given: [Plain] = []
    for (name, count) in rules.flatMap(\.coupons) {
      guard let campaign = Self.number(name), !till.campaigns[campaign].isPaused else { continue }
      if let end = end(of: campaign), end <= now { continue }
      let room = room(toIssue: campaign, to: card) ?? .max
      given += make(min(count, room), of: campaign, for: card, topUp: topUp)
    }
    return .list(given)
  }

  /// What `giveCoupons` would give, and what not and why.
  func promise(
    _ rules: [PlainRules.Bonus], to card: Int
  ) -> (given: [Plain], withheld: [Plain]) {
    var (given, withheld): ([Plain], [Plain]) = ([], [])
    var promised: [Int: Int] = [:]
    for (name, count) in rules.flatMap(\.coupons) {
      guard let campaign = Self.number(name) else { continue }
      var (room, reason) = (room(toIssue: campaign, to: card) ?? .max, "cap_reached")
      room -= promised[campaign] ?? 0
      if till.campaigns[campaign].isPaused { (room, reason) = (0, "paused") }
      if let end = end(of: campaign), end <= now { (room, reason) = (0, "expired") }
      let coming = min(count, max(0, room))
      promised[campaign, default: 0] += coming
      if coming > 0 {
        given.append(["campaign_id": .name(name), "count": .number(coming)])
      }
      if coming < count {
        withheld.append(
          [
            "campaign_id": .name(name), "count": .number(count - coming), "why_not": .text(reason),
          ])
      }
    }
    return (given, withheld)
  }

  /// A top-up is undone: its coupons go, but for those that were used, which are answered.
  mutating func takeCouponsBack(ofTopUp entry: Int) -> [Plain] {
    var kept: [Plain] = []
    for number in till.coupons.indices where till.coupons[number].topUp == entry {
      if till.coupons[number].use != nil {
        kept.append(.name("coupon:\(number)"))
      } else if till.coupons[number].voidAt == nil {
        till.coupons[number].voidAt = now
      }
    }
    return kept
  }

  /// A coupon comes free again, or goes at once where the top-up that gave it is undone; whether it
  /// can be used.
  mutating func free(_ use: Int) -> Bool {
    let coupon = till.uses[use].coupon
    till.uses[use].isUndone = true
    till.coupons[coupon].use = nil
    till.coupons[coupon].reservation = nil
    if let topUp = till.coupons[coupon].topUp, entries[topUp].fate == "reversed" {
      till.coupons[coupon].voidAt = now
      return false
    }
    return true
  }
}
