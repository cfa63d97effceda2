// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds

/// Random requests on a few cards, and what the answers to them add up to.
struct RandomTraffic {
  struct Balance: Equatable {
    var principal: Int64 = 0
    var bonus: Int64 = 0
    var pending: Int64 = 0
    var held: Int64 = 0
  }

  let cards: [String]
  private(set) var balances: [String: Balance] = [:]
  private(set) var cashIn: Int64 = 0

  private var random: SplitMix64
  private var topUps: [String] = []
  /// Cheques that have neither cleared nor bounced.
  private(set) var pending: [String] = []
  private var debits: [String] = []
  /// Holds that are live.
  private(set) var holds: [String] = []
  /// What each debit took, and what may still be given back of it.
  private var taken: [String: Int64] = [:]
  private var open: [String: Int64] = [:]
  private var reversed: Set<String> = []
  private var holdAmounts: [String: Int64] = [:]

  init(seed: UInt64, cards: Int) {
    random = SplitMix64(seed: seed)
    self.cards = (0..<cards).map { "C\($0)" }
    for card in self.cards { balances[card] = Balance() }
  }

  /// Requests to send at once; most of them can be served, some cannot.
  mutating func next(_ count: Int, key: () -> String) -> [(method: String, params: JSONTree)] {
    (0..<count).map { _ in
      let (method, params) = one()
      return (method, params.merging(["idempotency_key": .string(key())]))
    }
  }

  private mutating func one() -> (String, JSONTree) {
    let card: JSONTree = ["card_no": .string(cards[random.below(cards.count)])]
    switch random.below(16) {
    case 0...2:
      let tender: JSONTree = random.below(4) == 0 ? "cheque" : "cash"
      return (
        "topup.create", card.merging(["amount": .number(1 + random.below(900)), "tender": tender])
      )
    case 3 where !pending.isEmpty:
      let method = random.below(3) == 0 ? "topup.bounce" : "topup.clear"
      return (method, ["entry_id": .string(pending[random.below(pending.count)])])
    case 4...5 where !debits.isEmpty:
      let id: JSONTree = .string(debits[random.below(debits.count)])
      let amount: JSONTree = random.below(3) == 0 ? nil : .number(1 + random.below(120))
      return ("debit.refund", ["entry_id": id, "amount": amount])
    case 6 where !debits.isEmpty:
      let id: JSONTree = .string(debits[random.below(debits.count)])
      return ("entry.reverse", ["entry_id": id, "reason": "random"])
    case 7 where !topUps.isEmpty:
      let id: JSONTree = .string(topUps[random.below(topUps.count)])
      return ("entry.reverse", ["entry_id": id, "reason": "random"])
    case 8...9:
      return (
        "debit.authorize",
        card.merging(["amount": .number(1 + random.below(200)), "expires_in": 1_000_000])
      )
    case 10 where !holds.isEmpty:
      let id: JSONTree = .string(holds[random.below(holds.count)])
      let amount: JSONTree = random.below(2) == 0 ? nil : .number(1 + random.below(150))
      return ("debit.capture", ["hold_id": id, "amount": amount])
    case 11 where !holds.isEmpty:
      return ("debit.release", ["hold_id": .string(holds[random.below(holds.count)])])
    case 12:
      return (
        "debit.create",
        card.merging(["amount": .number(1 + random.below(900)), "allow_partial": true])
      )
    default: return ("debit.create", card.merging(["amount": .number(1 + random.below(250))]))
    }
  }

  /// Adds an answer up; gives what is wrong with it.
  mutating func take(_ request: (method: String, params: JSONTree), _ answer: Answer) -> [String] {
    guard answer.isResult else {
      let right = expectedRefusals(request)
      return right.contains(answer.refusal ?? "") ? [] : ["not one of \(right): \(answer)"]
    }
    guard let entry = answer["/entry"], let id = entry["entry_id"]?.string,
      let card = answer["/account/card_no"]?.string,
      let amount = entry["amount"]?.integer, let principal = entry["principal"]?.integer,
      let bonus = entry["bonus"]?.integer
    else { return ["no entry: \(answer)"] }
    var problems: [String] = []
    switch request.method {
    case "topup.create", "topup.clear":
      problems = takeTopUp(request, answer, id, card, amount, principal, bonus)
    case "topup.bounce":
      settle(request.params["entry_id"]?.string, card, amount)
    case "debit.create", "debit.capture":
      if principal + bonus != amount { problems.append("the parts are not the whole") }
      if request.method == "debit.capture" { endHold(request, card) }
      add(card, -principal, -bonus)
      debits.append(id)
      (taken[id], open[id]) = (amount, amount)
    case "debit.authorize":
      let hold = answer["/hold_id"]?.string ?? ""
      holds.append(hold)
      holdAmounts[hold] = amount
      balances[card]?.held += amount
    case "debit.release": endHold(request, card)
    case "debit.refund":
      let debit = request.params["entry_id"]?.string ?? ""
      if principal + bonus != amount || amount > open[debit] ?? 0 {
        problems.append("refunds above the debit")
      }
      open[debit, default: 0] -= amount
      add(card, principal, bonus)
    default: problems = takeReversal(request, card, amount, principal, bonus)
    }
    return problems + disagreement(card, answer)
  }

  private mutating func takeTopUp(
    _ request: (method: String, params: JSONTree), _ answer: Answer, _ id: String, _ card: String,
    _ amount: Int64, _ principal: Int64, _ bonus: Int64
  ) -> [String] {
    if request.params["tender"] == "cheque" {
      pending.append(id)
      balances[card]?.pending += amount
      return principal == 0 && bonus == 0 ? [] : ["a cheque is credited"]
    }
    if let cheque = request.params["entry_id"]?.string {
      settle(cheque, card, amount)
      topUps.append(cheque)
    } else {
      topUps.append(id)
    }
    cashIn += amount
    add(card, principal, bonus)
    return principal == amount && answer.int("/bonus/amount") == bonus ? [] : ["credited otherwise"]
  }

  private mutating func takeReversal(
    _ request: (method: String, params: JSONTree), _ card: String, _ amount: Int64,
    _ principal: Int64, _ bonus: Int64
  ) -> [String] {
    let original = request.params["entry_id"]?.string ?? ""
    reversed.insert(original)
    if let left = open[original] {
      open[original] = 0
      add(card, principal, bonus)
      return left == amount && principal + bonus == amount ? [] : ["a debit reversed in part"]
    }
    add(card, -principal, -bonus)
    cashIn -= principal
    return principal == amount ? [] : ["a top-up reversed in part"]
  }

  private mutating func settle(_ cheque: String?, _ card: String, _ amount: Int64) {
    pending.removeAll { $0 == cheque }
    balances[card]?.pending -= amount
  }

  private mutating func endHold(_ request: (method: String, params: JSONTree), _ card: String) {
    let hold = request.params["hold_id"]?.string ?? ""
    holds.removeAll { $0 == hold }
    balances[card]?.held -= holdAmounts.removeValue(forKey: hold) ?? 0
  }

  private mutating func add(_ card: String, _ principal: Int64, _ bonus: Int64) {
    balances[card]?.principal += principal
    balances[card]?.bonus += bonus
  }

  /// The codes by which a request may be refused as things stand; none where it must be served.
  private func expectedRefusals(_ request: (method: String, params: JSONTree)) -> [String] {
    let amount = request.params["amount"]?.integer
    switch request.method {
    case "debit.create", "debit.authorize":
      let own = balances[request.params["card_no"]?.string ?? ""] ?? .init()
      // Whatever is released of the bonus: free principal can always be spent.
      let least = own.principal - own.held
      if request.params["allow_partial"] == true { return least > 0 ? [] : ["insufficient_funds"] }
      return amount ?? 0 <= least ? [] : ["insufficient_funds"]
    case "debit.refund":
      let debit = request.params["entry_id"]?.string ?? ""
      if reversed.contains(debit) { return ["already_reversed"] }
      let left = open[debit] ?? 0
      if left == 0 { return ["already_refunded"] }
      return amount ?? 0 > left ? ["refund_exceeds_debit"] : []
    case "debit.capture", "debit.release":
      guard let held = holdAmounts[request.params["hold_id"]?.string ?? ""] else {
        return ["hold_not_live"]
      }
      return amount ?? 0 > held ? ["capture_exceeds_hold"] : []
    case "topup.clear", "topup.bounce":
      return pending.contains(request.params["entry_id"]?.string ?? "") ? [] : ["not_pending"]
    case "entry.reverse":
      let original = request.params["entry_id"]?.string ?? ""
      if reversed.contains(original) { return ["already_reversed"] }
      guard let taken = taken[original] else { return ["already_spent", "value_held"] }
      return taken == open[original] ? [] : ["already_refunded", "not_reversible"]
    default: return []
    }
  }

  /// Where the account in an answer is not what the answers so far add up to.
  private func disagreement(_ card: String, _ answer: Answer) -> [String] {
    guard let own = balances[card] else { return ["unknown card \(card)"] }
    let said = Balance(
      principal: answer.int("/account/balance/principal") ?? -1,
      bonus: answer.int("/account/balance/bonus") ?? -1,
      pending: answer.int("/account/balance/pending") ?? -1,
      held: answer.int("/account/balance/held") ?? -1)
    if said != own { return ["said \(said), own \(own): \(answer)"] }
    let isNegative = [own.principal, own.bonus, own.pending, own.held].contains { $0 < 0 }
    return isNegative ? ["negative: \(own)"] : []
  }
}
