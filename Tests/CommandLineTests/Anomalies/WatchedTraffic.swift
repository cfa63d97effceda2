// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds

/// Random requests that rules look at: with and without PINs, right and wrong, forged codes,
/// checkouts, things taken back, and repetitions of what was asked before.
struct WatchedTraffic {
  typealias Request = (method: String, params: JSONTree)

  /// Cards with the PIN 1234; the others have none.
  static let locked = ["C1", "C2"]
  static let cards = locked + ["C3", "C4"]

  private var random: SplitMix64
  private var keys = 0
  private var debits: [String] = []
  private var holds: [String] = []
  private var mutations: [Request] = []
  private let coupons: [IssuedCoupon]
  /// How many requests a rule declined.
  private(set) var declined = 0

  init(seed: UInt64, coupons: [IssuedCoupon]) {
    random = SplitMix64(seed: seed)
    self.coupons = coupons
  }

  /// Requests to send at once.
  mutating func next() -> [Request] {
    (0..<1 + random.below(6)).map { _ in one() }
  }

  /// What the answers say about later requests.
  mutating func note(_ answers: [Answer], to requests: [Request]) {
    for (answer, request) in zip(answers, requests) {
      if answer.refusal == "declined_by_rule" { declined += 1 }
      if request.method == "debit.create", let id = answer["/entry/entry_id"]?.string {
        debits.append(id)
      }
      if let id = answer["/hold_id"]?.string { holds.append(id) }
    }
  }

  /// Seconds to pass until the next requests; more often than not none.
  mutating func pause() -> Int { random.below(2) == 0 ? 0 : random.below(100) }

  mutating func oneIn(_ count: Int) -> Bool { random.below(count) == 0 }

  private mutating func one() -> Request {
    if let earlier = mutations.randomElement(using: &random), random.below(12) == 0 {
      return earlier
    }
    var (method, params) = any()
    for (name, values) in [
      ("terminal_id", ["t1", "t2", "t3"]), ("operator_id", ["o1", "o2"]),
      ("store_id", ["s1", "s2"]),
    ] {
      guard random.below(5) > 0, method != "coupon.verify" || name != "operator_id" else {
        continue
      }
      let value = values[random.below(values.count)]
      params = params.merging(.object([.init(name, .string(value))]))
    }
    if method == "coupon.verify" { return (method, params) }
    keys += 1
    params = params.merging(["idempotency_key": .string("w\(keys)")])
    mutations.append((method, params))
    return (method, params)
  }

  private mutating func any() -> Request {
    let card = Self.cards[random.below(Self.cards.count)]
    let named: JSONTree = ["card_no": .string(card)]
    let amount: JSONTree = ["amount": .number(1 + random.below(150))]
    switch random.below(20) {
    case 0...1:
      let load: JSONTree = ["amount": .number(50 + random.below(500)), "tender": "cash"]
      return ("topup.create", named.merging(load))
    case 2...8: return ("debit.create", named.merging(amount).merging(pin(of: card)))
    case 9:
      let asked = named.merging(amount).merging(pin(of: card)).merging(["expires_in": 600])
      return ("debit.authorize", asked)
    case 10 where !holds.isEmpty:
      let id: JSONTree = ["hold_id": .string(holds[random.below(holds.count)])]
      return (random.below(3) == 0 ? "debit.release" : "debit.capture", id)
    case 11 where !debits.isEmpty:
      let id: JSONTree = ["entry_id": .string(debits[random.below(debits.count)])]
      return random.below(2) == 0
        ? ("debit.refund", id) : ("entry.reverse", id.merging(["reason": "wrong"]))
    case 12: return ("pin.verify", ["card_no": "C1", "pin": "9999"])
    case 13...15: return ("coupon.verify", ["payload": .string(code())])
    case 16: return ("coupon.redeem", amount.merging(["payload": .string(code())]))
    case 17:
      let bought = cart(line("1", "tea", 20 + random.below(100)))
      return (
        "checkout.commit",
        ["card_no": "C3", "cart": bought, "coupons": [], "stored_value": .number(20)]
      )
    case 18: return (random.below(3) == 0 ? "account.freeze" : "account.unfreeze", named)
    default: return ("account.unfreeze", named)
    }
  }

  /// A good code now and then, else one that is forged, damaged or none.
  private mutating func code() -> String {
    let good = coupons[random.below(coupons.count)].payload
    switch random.below(4) {
    case 0: return good
    case 1: return String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0")
    case 2: return String(good.prefix(20))
    default: return "no code"
    }
  }

  private mutating func pin(of card: String) -> JSONTree {
    guard Self.locked.contains(card) else { return [:] }
    switch random.below(8) {
    case 0...1: return ["pin": "4321"]
    case 2: return [:]
    default: return ["pin": "1234"]
    }
  }
}
