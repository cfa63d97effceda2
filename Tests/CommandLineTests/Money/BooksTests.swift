// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// Any order of top-ups, debits, refunds, reversals and closes keeps the books (T72, T73, T77).
///
/// Twenty requests at a time go in one write, and an own account of every answer is kept.
@Suite struct BooksTests {
  static let bonusPrograms: [(name: String, program: JSONTree)] = [
    (
      "best, bonus first",
      program("best", order: "bonus_first", release: nil, close: "principal")
    ),
    (
      "all, principal first, released in parts",
      program("all", order: "principal_first", release: 700, close: "principal")
    ),
    (
      "all, proportional, released in parts",
      program("all", order: "proportional", release: 1300, close: "none")
    ),
  ]

  private static func program(
    _ combination: String, order: String, release: Int?, close: String
  ) -> JSONTree {
    let release: JSONTree = release.map { .number($0) } ?? nil
    return [
      "topup": [
        "bonus_combination": .string(combination), "pending_tenders": ["cheque"],
        "bonus_rules": [
          [
            "id": "a", "min_amount": 300, "grant": ["type": "fixed", "amount": 37],
            "release_basis_points": release,
          ],
          [
            "id": "b", "grant": ["type": "rate", "basis_points": 1111, "max": 150],
            "release_basis_points": release,
          ],
          ["id": "c", "grant": ["type": "per", "every": 250, "amount": 20]],
        ],
      ],
      "debit": ["order": .string(order)], "close": ["refund_method": .string(close)],
    ]
  }

  @Test(arguments: bonusPrograms.indices)
  func `random sequences agree with an own account of every answer`(index: Int) throws {
    let seed = 0x5C21_7200 + UInt64(index)
    let (name, program) = Self.bonusPrograms[index]
    let shop = try Shop(program)
    var traffic = RandomTraffic(seed: seed, cards: 6)
    for card in traffic.cards { try shop.open(card) }
    for round in 0..<40 {
      let requests = traffic.next(20, key: shop.key)
      for (request, answer) in zip(requests, try shop.engine.pipeline(requests)) {
        let problems = traffic.take(request, answer)
        #expect(problems.isEmpty, "\(name), seed \(seed), round \(round): \(problems)")
      }
      if round % 10 == 9 { try expectBooks(shop, traffic, "\(name), seed \(seed), round \(round)") }
      if round == 19 { try shop.crash() }
    }
    try closeAll(shop, traffic, index == 0 || index == 1 ? "principal" : "none")
    try shop.close()
  }

  /// Closes every card, and expects no more cash to come out than went in, and no bonus.
  private func closeAll(_ shop: Shop, _ traffic: RandomTraffic, _ method: String) throws {
    for hold in traffic.holds { expectResult(try shop.release(hold)) }
    for cheque in traffic.pending {
      expectResult(try shop.change("topup.bounce", ["entry_id": .string(cheque)]))
    }
    var payouts: Int64 = 0
    for card in traffic.cards {
      let left = traffic.balances[card] ?? .init()
      let close = expectResult(try shop.card("account.close", card))
      #expect(close.int("/payout") == (method == "none" ? 0 : left.principal))
      #expect(close.int("/forfeited_bonus") == left.bonus)
      payouts += close.int("/payout") ?? 0
    }
    #expect(payouts <= traffic.cashIn, "cash out is at most cash in")
    let sheet = try shop.ask("ledger.trial_balance")
    for account in sheet["/accounts"]?.elements ?? []
    where ["card_principal", "card_bonus"].contains(account["name"]?.string) {
      #expect(account["debit"] == account["credit"], "nothing is left on cards")
    }
  }

  /// Expects every card, and the trial balance, to be what the answers add up to.
  private func expectBooks(_ shop: Shop, _ traffic: RandomTraffic, _ when: String) throws {
    var principal: Int64 = 0
    var bonus: Int64 = 0
    for card in traffic.cards {
      let account = try shop.account(card)
      let own = traffic.balances[card] ?? .init()
      let said = RandomTraffic.Balance(
        principal: account.int("/balance/principal") ?? -1,
        bonus: account.int("/balance/bonus") ?? -1, pending: account.int("/balance/pending") ?? -1,
        held: account.int("/balance/held") ?? -1)
      #expect(said == own, "\(when), \(card)")
      let lots = account["/lots"]?.elements ?? []
      for kind in ["principal", "bonus"] {
        let sum = lots.filter { $0["kind"] == .string(kind) && $0["pending"] == false }
          .reduce(0) { $0 + ($1["remaining"]?.integer ?? 0) }
        #expect(sum == account.int("/balance/\(kind)"), "\(when), \(card): \(kind) lots")
      }
      principal += own.principal
      bonus += own.bonus
    }
    let sheet = try shop.ask("ledger.trial_balance")
    #expect(sheet["/total"] == 0)
    var net: [String: Int64] = [:]
    for account in sheet["/accounts"]?.elements ?? [] {
      net[account["name"]?.string ?? ""] =
        (account["credit"]?.integer ?? 0) - (account["debit"]?.integer ?? 0)
    }
    #expect(net["card_principal"] ?? 0 == principal, "\(when): card_principal")
    #expect(net["card_bonus"] ?? 0 == bonus, "\(when): card_bonus")
    #expect(net.values.reduce(0, +) == 0, "\(when): postings sum to zero")
  }

  @Test func `when everything is given back, every lot is as it was`() throws {
    let seed: UInt64 = 0x5C21_7300
    var random = SplitMix64(seed: seed)
    for (name, program) in Self.bonusPrograms {
      let shop = try Shop(program)
      try shop.open("C1")
      for amount in [1000, 250, 777, 3000] { expectResult(try shop.topUp("C1", amount)) }
      let before = try shop.account("C1")
      var debits: [(id: String, amount: Int)] = []
      for _ in 0..<25 {
        let amount = 1 + random.below(150)
        debits.append((try shop.debit("C1", amount).string("/entry/entry_id"), amount))
      }
      for debit in debits.shuffled(using: &random) {
        var left = debit.amount
        while left > 0 {
          // Split at random; the last part is all that is left.
          let part = 1 + random.below(left)
          let isLast = part == left
          expectResult(try shop.refund(debit.id, isLast ? nil : part))
          left -= part
        }
        expectRefusal(try shop.refund(debit.id, 1), "already_refunded")
      }
      let after = try shop.account("C1")
      #expect(after["/lots"] == before["/lots"], "\(name), seed \(seed)")
      #expect(after["/balance"] == before["/balance"], "\(name), seed \(seed)")
      try shop.close()
    }
  }

  @Test func `two engines on one ledger keep one hot card right`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 100)
    let other = try shop.ledger.serve()
    var ids: [[Int64]] = [[], []]
    for number in 0..<300 {
      for (index, engine) in [shop.engine, other].enumerated() {
        ids[index].append(
          try engine.start(
            "debit.create",
            [
              "idempotency_key": .string("e\(index).\(number)"), "card_no": "C1", "amount": 1,
            ]))
      }
    }
    var paid = 0
    for (index, engine) in [shop.engine, other].enumerated() {
      for id in ids[index] {
        let answer = try engine.answer(to: id)
        if answer.isResult { paid += 1 } else { expectRefusal(answer, "insufficient_funds") }
      }
    }
    #expect(paid == 100)
    #expect(try shop.balance("C1") == 0)
    #expect(try other.request("account.get", ["card_no": "C1"]).int("/balance/available") == 0)
    try other.finish()
    try shop.close()
  }
}
