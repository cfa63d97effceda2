// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Writes the requests of a shop by chance: most can be served, some cannot.
///
/// Looks into the model for what there is, so that ids are real ones and amounts lie at the edges.
struct RequestWriter {
  let shop: PlainShop
  /// The ids that were seen so far: nothing else can be asked for.
  let names: Names
  /// What was sent before, whatever became of it.
  let history: [PlainRequest]
  /// The key of a request that is new.
  let freshKey: String
  var dice: Dice

  static let stores = ["s1", "s2", "s3"]
  static let levels = ["gold", "silver"]
  private static let pins = ["1234", "0000", "98765", "123456"]

  /// The methods by how often they come, stored value first.
  private static let money = [
    "debit.create", "debit.create", "debit.create", "debit.create", "debit.create",
    "topup.create", "topup.create", "topup.create", "account.open", "account.open",
    "debit.authorize", "debit.authorize", "debit.capture", "debit.capture", "debit.release",
    "debit.refund", "debit.refund", "debit.refund", "entry.reverse", "entry.reverse",
    "topup.clear", "topup.bounce", "topup.quote", "program.set", "account.freeze",
    "account.unfreeze", "account.unfreeze", "account.report_lost", "account.replace_card",
    "account.replace_card", "account.close", "pin.set", "pin.change", "pin.reset", "pin.verify",
    "account.get", "entry.get", "entry.lookup", "debit.create",
    "debit.create", "debit.create", "topup.create", "topup.create", "debit.authorize",
    "debit.refund", "topup.clear", "pin.verify",
  ]

  /// The next request.
  mutating func next(coupons: Bool) -> PlainRequest {
    if !history.isEmpty, dice.once(in: 12) { return repetition() }
    let isCoupon = coupons && dice.once(in: 2)
    let method = isCoupon ? dice.pick(Self.couponMethods) : moneyMethod()
    var request = PlainRequest(method, isCoupon ? couponParams(method) : params(method))
    if PlainShop.isMutation(method) {
      request.params["idempotency_key"] = .text(freshKey)
      if dice.once(in: 3) { request.params["store_id"] = .text(dice.pick(Self.stores)) }
      if dice.once(in: 6) { request.params["terminal_id"] = .text(dice.pick(["t1", "t2"])) }
      if dice.once(in: 8) { request.params["operator_id"] = .text(dice.pick(["o1", "o2"])) }
      if dice.once(in: 8) { request.params["reason"] = "by chance" }
    }
    if dice.once(in: 16) { request.params["x_note"] = .number(dice.below(9)) }
    if dice.once(in: 24) { spoil(&request) }
    return request
  }

  /// A method that has something to work on, mostly.
  private mutating func moneyMethod() -> String {
    let method = dice.pick(Self.money)
    let needed: [String: [String]] = [
      "debit.capture": ["authorize"], "debit.release": ["authorize"],
      "debit.refund": ["debit", "capture"], "topup.clear": ["topup"], "topup.bounce": ["topup"],
    ]
    let isServed = shop.cards.contains { $0.status == "active" }
    if !isServed, !dice.once(in: 3) { return "account.open" }
    guard let kinds = needed[method], !dice.once(in: 8) else { return method }
    let isThere = shop.entries.suffix(60).contains { entry in
      kinds.contains(entry.kind)
        && (kinds != ["topup"] || (entry.principal == 0 && entry.fate == nil))
    }
    return isThere ? method : kinds == ["authorize"] ? "debit.authorize" : "topup.create"
  }

  /// A request that was sent before: the same again, or with something changed.
  private mutating func repetition() -> PlainRequest {
    let earlier = history[history.count - 1 - dice.below(min(history.count, 40))]
    guard earlier.key != nil, dice.once(in: 3) else { return earlier }
    var changed = earlier
    switch dice.below(5) {
    case 0: changed.params["amount"] = earlier.params["amount"] == nil ? nil : .number(amount())
    case 1: changed.params["store_id"] = .text(dice.pick(Self.stores))
    case 2:
      for member in ["pin", "current_pin", "new_pin"] where earlier.params[member] != nil {
        changed.params[member] = .text(dice.pick(Self.pins))
      }
    case 3:
      changed.params["operator_id"] = .null
      changed.params["x_more"] = true
    default:
      changed = PlainRequest(
        dice.pick(["account.freeze", "debit.create"]), params("debit.create"))
      if changed.method == "account.freeze" {
        changed.params = changed.params.filter { ["card_no", "account_id"].contains($0.key) }
      }
      changed.params["idempotency_key"] = earlier.params["idempotency_key"]
    }
    return changed
  }

  /// Breaks one member so that the params no longer fit.
  private mutating func spoil(_ request: inout PlainRequest) {
    switch dice.below(4) {
    case 0:
      request.params["surprise"] = 1
      request.spoilt = "/surprise"
    case 1 where request.params["amount"] != nil:
      request.params["amount"] = dice.pick([0, -5, "5", true, .number(1_000_000_000_001)])
      request.spoilt = "/amount"
    case 2 where request.key != nil:
      request.params["idempotency_key"] = dice.pick([.null, "", 7])
      request.spoilt = "/idempotency_key"
    default: break
    }
  }

  // MARK: What there is

  /// A card, named in one of the two ways; now and then one that is not there.
  mutating func account() -> [String: Plain] {
    guard !shop.cards.isEmpty, !dice.once(in: 40) else { return ["card_no": "nobody"] }
    var card = dice.below(shop.cards.count)
    // A card that serves rather than one that does not.
    for _ in 0..<3 where shop.cards[card].status != "active" && !dice.once(in: 4) {
      card = dice.below(shop.cards.count)
    }
    return name(card)
  }

  mutating func name(_ card: Int) -> [String: Plain] {
    dice.once(in: 4)
      ? ["account_id": .name("account:\(card)")] : ["card_no": .text(shop.cards[card].number)]
  }

  /// The card that a request names, if it is there.
  func card(_ params: [String: Plain]) -> Int? {
    try? shop.card(PlainRequest("", params))
  }

  /// An entry of one of these kinds, a late one rather than an early; now and then any other.
  mutating func entry(_ kinds: String...) -> Plain {
    let isAny = dice.once(in: 16)
    var found: [Int] = []
    for number in shop.entries.indices.reversed() where found.count < 30 {
      guard isAny || kinds.contains(shop.entries[number].kind) else { continue }
      if names.id(of: "entry:\(number)") != nil { found.append(number) }
    }
    if found.isEmpty || dice.once(in: 60) { return .name("entry:999999") }
    return .name("entry:\(dice.pick(found))")
  }

  private mutating func hold() -> Plain {
    var found: [Int] = []
    for number in shop.entries.indices.reversed() where found.count < 8 {
      if shop.entries[number].kind == "authorize" { found.append(number) }
    }
    if found.isEmpty || dice.once(in: 30) { return "hld_0" }
    return .name("hold:\(dice.pick(found))")
  }

  /// Mostly small; given something to lie near, often at its edge.
  mutating func amount(near edge: Int? = nil) -> Int {
    if let edge, edge > 0, !dice.once(in: 3) {
      switch dice.below(6) {
      case 0: return edge
      case 1: return min(edge + 1, 1_000_000_000_000)
      case 2: return max(1, edge - 1)
      case 3: return max(1, edge / 2)
      default: return 1 + dice.below(edge)
      }
    }
    if dice.once(in: 60) { return 1_000_000_000_000 - dice.below(2) }
    return dice.once(in: 4) ? 1 + dice.below(20) : 1 + dice.below(3_000)
  }

  private mutating func number() -> Plain { .text("C\(dice.below(30))") }

  /// The card's PIN, another, or none.
  private mutating func pin(of card: Int?) -> Plain {
    guard let card, let pin = shop.cards[card].pin else {
      return dice.once(in: 10) ? .text(dice.pick(Self.pins)) : .null
    }
    switch dice.below(8) {
    case 0: return .text(dice.pick(Self.pins))
    case 1: return .null
    case 2 where dice.once(in: 6): return .text(dice.pick(["123", "12a4", "1234567890123", ""]))
    default: return .text(pin)
    }
  }

  private mutating func newPIN() -> Plain {
    dice.once(in: 12)
      ? .text(dice.pick(["12", "1234567890123", "12 4"])) : .text(dice.pick(Self.pins))
  }

  private mutating func tender() -> Plain {
    dice.once(in: 5) ? "cheque" : dice.pick(["cash", "card"])
  }

  // MARK: Params

  private mutating func params(_ method: String) -> [String: Plain] {
    switch method {
    case "account.open": return opening()
    case "debit.create", "debit.authorize": return spending(method)
    case "topup.create", "topup.quote":
      var params = account()
      params["amount"] = .number(amount(near: shop.rules.topUpMost))
      if method == "topup.create" { params["tender"] = tender() }
      return params
    case "debit.capture", "debit.release":
      let hold = hold()
      var params: [String: Plain] = ["hold_id": hold]
      if method == "debit.capture", dice.once(in: 2) {
        let number = hold.name.flatMap { PlainShop.number($0) }
        params["amount"] = .number(amount(near: number.map { shop.entries[$0].amount }))
      }
      return params
    case "debit.refund":
      let entry = entry("debit", "capture", "debit", "checkout")
      var params: [String: Plain] = ["entry_id": entry]
      if dice.once(in: 2), let number = entry.name.flatMap({ PlainShop.number($0) }) {
        let left = number < shop.entries.count ? leftOf(number) : 5
        params["amount"] = .number(amount(near: left))
      }
      return params
    case "topup.clear", "topup.bounce":
      // One that is still pending, where there is one.
      for number in shop.entries.indices.reversed().prefix(60) where !dice.once(in: 5) {
        let entry = shop.entries[number]
        if entry.kind == "topup", entry.principal == 0, entry.fate == nil {
          return ["entry_id": .name("entry:\(number)")]
        }
      }
      return ["entry_id": entry("topup")]
    case "entry.reverse": return reversal()
    case "program.set":
      var writer = ProgramWriter(shop: shop, dice: dice)
      defer { dice = writer.dice }
      return ["program": writer.program()]
    case "entry.get": return ["entry_id": entry("topup", "debit", "authorize")]
    case "entry.lookup": return ["original_idempotency_key": usedKey()]
    case "pin.set", "pin.change", "pin.reset", "pin.verify": return pinParams(method)
    case "account.replace_card":
      let lost = shop.cards.firstIndex { $0.status == "lost" }
      var params = dice.once(in: 2) ? account() : lost.map { name($0) } ?? account()
      params["new_card_no"] = number()
      if dice.once(in: 3) { params["new_pin"] = newPIN() }
      return params
    case "account.unfreeze":
      return shop.cards.firstIndex { $0.status == "frozen" }.map { name($0) } ?? account()
    default: return account()
    }
  }

  func leftOf(_ entry: Int) -> Int {
    shop.entries[entry].parts.reduce(0) { $0 + $1.amount - $1.back }
  }

  private mutating func opening() -> [String: Plain] {
    var params: [String: Plain] = ["card_no": number()]
    if dice.once(in: 2) { params["registered"] = .bool(dice.once(in: 2)) }
    if dice.once(in: 3) { params["level"] = .text(dice.pick(Self.levels)) }
    if dice.once(in: 3) { params["pin"] = newPIN() }
    if dice.once(in: 8) { params["holder"] = ["name": "Chance", "phone": "1"] }
    if !dice.once(in: 4) {
      let amount = amount(near: shop.rules.topUpMost)
      params["topup"] = ["amount": .number(amount), "tender": tender()]
      if dice.once(in: 3) {
        let gate = shop.rules.gate ?? 5_000
        params["same_day_spend"] = .number(
          dice.once(in: 2) ? dice.below(2_000) : min(amount, 1_000_000) * gate / 10_000)
      }
    } else if dice.once(in: 6) {
      params["same_day_spend"] = 7
    }
    return params
  }

  private mutating func spending(_ method: String) -> [String: Plain] {
    var params = account()
    let card = card(params)
    params["amount"] = .number(amount(near: card.map { shop.spendable($0) }))
    params["pin"] = pin(of: card)
    if method == "debit.authorize" {
      params["expires_in"] = .number(dice.pick([1, 60, 600, 90_000, 400_000]))
    } else if dice.once(in: 4) {
      params["allow_partial"] = true
    }
    return params
  }

  private mutating func reversal() -> [String: Plain] {
    if dice.once(in: 3) {
      return [
        "original_idempotency_key": dice.once(in: 6) ? .text("lost\(dice.below(6))") : usedKey()
      ]
    }
    return ["entry_id": entry("topup", "debit", "capture")]
  }

  private mutating func usedKey() -> Plain {
    let keys = history.suffix(40).compactMap(\.key)
    return keys.isEmpty || dice.once(in: 20)
      ? .text("lost\(dice.below(6))") : .text(dice.pick(keys))
  }

  private mutating func pinParams(_ method: String) -> [String: Plain] {
    var params = account()
    let card = card(params)
    switch method {
    case "pin.set":
      params["pin"] = newPIN()
      if dice.once(in: 3) { params["override_reason"] = "asked" }
    case "pin.change":
      params["current_pin"] = pin(of: card)
      if params["current_pin"] == .null { params["current_pin"] = "1234" }
      params["new_pin"] = newPIN()
    case "pin.reset":
      params["new_pin"] = newPIN()
      params["proof"] = "passport"
    default:
      params["pin"] = pin(of: card)
      if params["pin"] == .null { params["pin"] = "1234" }
    }
    return params
  }
}
