// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Seeds
import StoredValue
import Testing

/// Random days at a till, in step with the plain model (T72, T73; INV-1 to INV-18).
///
/// `SCRIP_PROPERTY_SIZE` sets the number of sequences (300), `SCRIP_PROPERTY_FIRST` the first of
/// them (1); `SCRIP_PROPERTY_SEED` plays one alone.
@Suite struct PropertyTests {
  private static let shards = 4

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  private static func seeds(shard: Int) -> [Int] {
    if let seed = number("SCRIP_PROPERTY_SEED") { return shard == 0 ? [seed] : [] }
    let first = number("SCRIP_PROPERTY_FIRST") ?? 1
    let size = number("SCRIP_PROPERTY_SIZE") ?? 300
    return (first..<first + size).filter { $0 % shards == shard }
  }

  @Test(arguments: 0..<shards)
  func `whatever is asked in whatever order, the till and the plain model agree`(shard: Int) {
    let seeds = Self.seeds(shard: shard)
    var seen: [String: Int] = [:]
    for seed in seeds {
      var random = SplitMix64(seed: UInt64(seed))
      var step = 0
      var last: Operation?
      do {
        var play = try Self.start(seed, &random)
        while step < 120 {
          let operation = try play.next(&random)
          (step, last) = (step + 1, operation)
          try play.perform(operation)
        }
        last = nil
        try play.unwind(&random)
        try play.checkRefunds()
        try play.checkTotals()
        seen.merge(play.seen, uniquingKeysWith: +)
      } catch {
        let place = last.map { "step \(step), \($0)" } ?? "unwinding"
        Issue.record("seed \(seed), \(place): \(error)")
        return
      }
    }
    print("counted T72: \(seeds.count) sequences, \(seeds.first ?? 0) to \(seeds.last ?? 0)")
    // Enough of everything, or the agreement would say little.
    if seeds.count >= 50 {
      for name in Self.outcomes { #expect(seen[name, default: 0] >= 3, "\(name)") }
    }
  }

  /// Every kind of entry that answers a request, and every refusal that the core knows.
  private static let outcomes = [
    "open", "topup", "topup_clear", "topup_bounce", "debit", "authorize", "capture", "release",
    "refund", "reverse", "close", "freeze", "unfreeze", "report_lost", "replace_card", "pin_set",
    "pin_change", "pin_reset", "pin_verify", "account_closed", "account_lost", "account_frozen",
    "not_frozen", "lost_card_forfeit", "card_in_use", "purchase_gate", "holder_required",
    "pin_already_set", "pin_required", "pin_not_set", "pin_locked", "pin_incorrect",
    "not_pending", "not_reversible", "not_refundable", "already_reversed", "already_refunded",
    "refund_exceeds_debit", "already_spent", "value_held", "hold_not_live",
    "capture_exceeds_hold", "holds_open", "topup_pending", "limit_exceeded", "first_day_limit",
    "insufficient_funds", "idempotency_conflict",
  ]

  /// Three cards of a random program; one that is refused its top-up is opened bare.
  private static func start(_ seed: Int, _ random: inout SplitMix64) throws -> Play {
    let method = ["principal", "principal", "none", "paid_ratio"][seed % 4]
    var play = try Play(rules: .random(refundMethod: method, &random))
    for slot in 0..<3 {
      try play.perform(play.open(slot, &random))
      if play.hand.count <= slot {
        try play.perform(
          .open(
            slot: slot, number: "bare\(slot)", registered: false, hasHolder: false, level: nil,
            pin: false, topUp: nil, sameDaySpend: nil))
      }
    }
    return play
  }
}

extension Play {
  /// Gives back everything on the cards that are still open, and sees that nothing of it is left.
  fileprivate mutating func unwind(_ random: inout SplitMix64) throws {
    for card in hand where model.cards[card].status != "closed" {
      let requests = model.requests.indices.filter { model.requests[$0].card == card }
      for request in requests where model.requests[request].kind == "authorize" {
        try perform(.release(card, request: request))
      }
      for request in requests.reversed() {
        switch model.requests[request].kind {
        case "topup": try perform(.bounce(card, request: request))
        case "debit", "capture": try giveBack(card, request, &random)
        default: break
        }
      }
      let account = try till.account(accounts[card]).lapsed(at: till.now)
      guard account.used.isZero, account.lots.allSatisfy({ $0.spent.isZero || !$0.stands }) else {
        throw Broken("not all came back: \(account)")
      }
      for request in requests where model.requests[request].kind == "topup" {
        try perform(.reverse(card, request: request))
      }
      try checkEmpty(card)
    }
  }

  /// Reverses a debit, or refunds what is left of it in random parts.
  private mutating func giveBack(
    _ card: Int, _ request: Int, _ random: inout SplitMix64
  ) throws {
    if random.once(in: 3) { try perform(.reverse(card, request: request)) }
    while !model.requests[request].isReversed {
      let left = model.requests[request].parts.reduce(into: 0) { $0 += $1.amount - $1.back }
      guard left > 0 else { return }
      let part = random.once(in: 2) ? left : random.below(left) + 1
      try perform(.refund(card, request: request, amount: part))
    }
  }

  /// After the reversals the card is worth nothing, and all its cash has left the till again.
  private func checkEmpty(_ card: Int) throws {
    let view = try till.view(accounts[card])
    guard view.lots.isEmpty, try till.account(accounts[card]).paid.isZero else {
      throw Broken("not empty: \(view)")
    }
    var cash: Int64 = 0
    for entry in till.journal where entry.account == accounts[card] {
      for posting in entry.postings where posting.account.name.hasPrefix("cash:") {
        cash += posting.amount
      }
    }
    guard cash == 0 else { throw Broken("T73: \(cash) of cash stayed") }
  }
}
