// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue

/// Which operation comes next: any at all, though mostly one that may well be accepted.
extension Play {
  private static let weights: [(weight: Int, name: String)] = [
    (15, "topUp"), (26, "debit"), (10, "authorize"), (7, "capture"), (3, "release"),
    (11, "refund"), (9, "reverse"), (5, "clear"), (2, "bounce"), (2, "freeze"), (4, "unfreeze"),
    (1, "reportLost"), (4, "replace"), (2, "setPIN"), (2, "changePIN"), (3, "resetPIN"),
    (4, "verifyPIN"), (3, "probe"), (1, "close"), (12, "wait"), (2, "walk"), (1, "program"),
    (1, "open"),
  ]
  private static let weightSum = weights.reduce(into: 0) { $0 += $1.weight }

  private static func name(_ random: inout SplitMix64) -> String {
    var rest = random.below(weightSum)
    for (weight, name) in weights {
      if rest < weight { return name }
      rest -= weight
    }
    return ""
  }

  mutating func next(_ random: inout SplitMix64) throws -> Operation {
    let slot = random.below(hand.count)
    let card = hand[slot]
    if let operation = try remedy(card, slot, &random) { return operation }
    switch Self.name(&random) {
    case "topUp": return topUp(card, &random)
    case "debit":
      return .debit(
        card, amount: try amount(card, &random), partial: random.once(in: 4),
        pin: pin(card, &random))
    case "authorize":
      return .authorize(
        card, amount: try amount(card, &random),
        seconds: random.below(random.once(in: 4) ? 4_000 : 300_000) + 1, pin: pin(card, &random))
    case "walk": return .walk(to: [nil, "s1", "s2"][random.below(3)])
    case "program":
      return .program(.random(refundMethod: model.rules.refundMethod, &random))
    case "wait": return .wait(until: try later(&random))
    case "open": return open(slot, &random)
    case "close": return .close(card)
    case let other: return nextOnRequest(other, card, &random) ?? nextOnCard(other, card, &random)
    }
  }

  /// Mostly brings a card back that can do nothing, so that the rest of the day is not refusals.
  private mutating func remedy(
    _ card: Int, _ slot: Int, _ random: inout SplitMix64
  ) throws -> Operation? {
    switch model.cards[card].status {
    case "closed" where !random.once(in: 4): return open(slot, &random)
    case "frozen" where random.once(in: 2): return .unfreeze(card)
    case "lost" where model.rules.isForfeit && random.once(in: 4): return open(slot, &random)
    case "lost" where random.once(in: 2):
      return .replace(card, number: number(&random), newPIN: random.once(in: 3))
    case "active":
      if model.rules.pinRequired, !model.cards[card].hasPIN, random.once(in: 3) {
        return .setPIN(card, override: false)
      }
      if try till.view(accounts[card]).spendable.isZero, random.once(in: 4) {
        return topUp(card, &random)
      }
      return nil
    default: return nil
    }
  }

  private func topUp(_ card: Int, _ random: inout SplitMix64) -> Operation {
    .topUp(
      card, amount: random.below(random.once(in: 3) ? 10_000 : 2_000) + 1,
      tender: random.once(in: 3) ? "cheque" : random.once(in: 2) ? "cash" : "wechat")
  }

  private func nextOnRequest(
    _ name: String, _ card: Int, _ random: inout SplitMix64
  ) -> Operation? {
    let part = random.once(in: 3) ? nil : random.below(random.once(in: 2) ? 200 : 3_000) + 1
    switch name {
    case "capture": return .capture(card, request: hold(card, &random), amount: part)
    case "release": return .release(card, request: hold(card, &random))
    case "refund":
      return .refund(card, request: request(["debit", "capture"], card, &random), amount: part)
    case "reverse":
      let kinds = random.once(in: 3) ? ["topup"] : ["debit", "capture"]
      return .reverse(card, request: request(kinds, card, &random))
    case "clear": return .clear(card, request: pending(card, &random))
    case "bounce": return .bounce(card, request: pending(card, &random))
    case "probe": return .probe(card, request: request(["debit"], card, &random))
    default: return nil
    }
  }

  private func nextOnCard(_ name: String, _ card: Int, _ random: inout SplitMix64) -> Operation {
    switch name {
    case "freeze": .freeze(card)
    case "unfreeze": .unfreeze(card)
    case "reportLost": .reportLost(card)
    case "replace": .replace(card, number: number(&random), newPIN: random.once(in: 3))
    case "setPIN": .setPIN(card, override: random.once(in: 2))
    case "changePIN": .changePIN(card, current: random.once(in: 2) ? "right" : "wrong")
    case "resetPIN": .resetPIN(card)
    default: .verifyPIN(card, given: random.once(in: 2) ? "right" : "wrong")
    }
  }

  func open(_ slot: Int, _ random: inout SplitMix64) -> Operation {
    let amount = random.below(6_000) + 1
    let hasTopUp = !random.once(in: 3)
    return .open(
      slot: slot, number: number(&random), registered: random.once(in: 2),
      hasHolder: random.once(in: 2), level: [nil, "gold", "silver"][random.below(3)],
      pin: random.once(in: 2),
      topUp: hasTopUp ? (amount, random.once(in: 4) ? "cheque" : "cash") : nil,
      sameDaySpend: random.once(in: 2) ? random.below(6_000) : nil)
  }

  /// A card number that is new, or now and then one that was there before.
  private func number(_ random: inout SplitMix64) -> String {
    if random.once(in: 6), let old = model.cards.randomElement(using: &random) { return old.number }
    return "\(1_000 + till.journal.count)"
  }

  /// An amount at, next to, below or far beyond what may be spent.
  private func amount(_ card: Int, _ random: inout SplitMix64) throws -> Int {
    let most = Int(try till.view(accounts[card]).spendable.minorUnits)
    switch random.below(8) {
    case 0: return most + 1
    case 1: return max(1, most)
    case 2: return random.below(12_000) + 1
    default: return random.below(max(1, random.once(in: 2) ? most : most / 5)) + 1
    }
  }

  private func pin(_ card: Int, _ random: inout SplitMix64) -> String? {
    guard model.cards[card].hasPIN else { return random.once(in: 8) ? "wrong" : nil }
    switch random.below(8) {
    case 0: return "wrong"
    case 1: return nil
    case 2: return "right, old"
    default: return "right"
    }
  }

  /// A recent request of this kind on this card; now and then any request at all.
  private func request(_ kinds: [String], _ card: Int, _ random: inout SplitMix64) -> Int {
    if !random.once(in: 10) {
      let fitting = model.requests.indices.suffix(60).filter {
        model.requests[$0].card == card && kinds.contains(model.requests[$0].kind)
          && !(model.requests[$0].isReversed && !random.once(in: 4))
      }
      if let found = fitting.randomElement(using: &random) { return found }
    }
    return random.below(model.requests.count)
  }

  /// A live hold of this card, mostly.
  private func hold(_ card: Int, _ random: inout SplitMix64) -> Int {
    let live = model.cards[card].holds.filter { !$0.isOver && $0.ends > model.now }
    if !random.once(in: 6), let found = live.randomElement(using: &random) { return found.request }
    return request(["authorize"], card, &random)
  }

  /// A pending top-up of this card, mostly.
  private func pending(_ card: Int, _ random: inout SplitMix64) -> Int {
    let lots = model.cards[card].lots.filter { $0.state == "pending" }
    if !random.once(in: 6), let found = lots.randomElement(using: &random) { return found.topUp }
    return request(["topup"], card, &random)
  }

  /// A later time: soon, or at the very millisecond at which something ends or begins.
  private func later(_ random: inout SplitMix64) throws -> Int {
    let midnight = model.start(of: model.day + 1)
    switch random.below(7) {
    case 0: return model.now + 1
    case 1: return model.now + random.below(86_400_000)
    case 2: return midnight
    case 3: return max(model.now, midnight - 1)
    case 4:
      let due = try hand.compactMap { try till.account(accounts[$0]).nextDue }
      return due.randomElement(using: &random).map { max(model.now, Int($0.milliseconds)) }
        ?? model.now
    case 5:
      let ends = hand.flatMap { model.cards[$0].holds.map(\.ends) + [model.cards[$0].lock ?? 0] }
      let next = ends.filter { $0 > model.now && $0 < .max }.min() ?? model.now + 1
      return max(model.now, next - random.below(2))
    default: return model.now + random.below(120_000)
    }
  }
}
