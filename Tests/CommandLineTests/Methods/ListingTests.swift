// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// Listings against brute force over all entries (T11): none missing, none extra, none twice.
@Suite struct ListingTests {
  /// A few hundred entries of all sorts over ten days, three stores and six cards.
  private func history(_ random: inout SplitMix64) throws -> Shop {
    let shop = try Shop()
    var debits: [String] = []
    for card in 0..<6 {
      try shop.open(
        "C\(card)", topUp: 50_000,
        ["store_id": .string("S\(card % 3)"), "holder": ["phone": .string("13\(card / 2)")]])
    }
    for step in 0..<220 {
      let card = "C\(random.below(6))"
      let who: JSONTree = [
        "store_id": .string("S\(random.below(3))"),
        "terminal_id": random.below(3) == 0 ? nil : .string("T\(random.below(2))"),
        "operator_id": random.below(3) == 0 ? nil : .string("O\(random.below(2))"),
      ]
      switch random.below(8) {
      case 0: expectResult(try shop.topUp(card, 100 + step, "cash", who))
      case 1: expectResult(try shop.hold(card, 1, seconds: 10, who))
      case 2 where !debits.isEmpty:
        _ = try shop.refund(debits[random.below(debits.count)], 1, who)
      default:
        debits.append(try shop.debit(card, 1 + random.below(20), who).string("/entry/entry_id"))
      }
      // Several entries share an instant.
      if random.below(4) == 0 { try shop.advance(seconds: random.below(9000)) }
    }
    return shop
  }

  /// All of a listing, page by page.
  private func all(
    _ shop: Shop, _ method: String, _ params: JSONTree, limit: Int, member: String = "entries"
  ) throws -> [JSONTree] {
    var found: [JSONTree] = []
    var cursor: JSONTree = nil
    for _ in 0..<2000 {
      let page = expectResult(
        try shop.ask(method, params.merging(["limit": .number(limit), "cursor": cursor])))
      let part = page["/\(member)"]?.elements ?? []
      #expect(part.count <= limit)
      found += part
      cursor = page["/next_cursor"] ?? nil
      if cursor == .null { return found }
    }
    throw HarnessFailure("the listing does not end")
  }

  @Test func `random filters and pages agree with brute force`() throws {
    let seed: UInt64 = 0x5C21_0011
    var random = SplitMix64(seed: seed)
    let shop = try history(&random)
    let entries = try all(shop, "entry.list", [:], limit: 500)
    let numbers = entries.map { $0["seq"]?.integer ?? -1 }
    #expect(numbers == numbers.sorted(by: >), "newest first")
    #expect(Set(numbers).count == numbers.count)
    #expect(Int64(numbers.count) == (try shop.ask("system.info").int("/entries")))
    let instants = entries.compactMap { $0["at"]?.string }
    for query in 0..<150 {
      var filter: JSONTree = [:]
      func add(_ name: String, _ value: JSONTree) {
        filter = filter.merging(.object([.init(name, value)]))
      }
      if random.below(3) == 0 { add("store_id", .string("S\(random.below(4))")) }
      if random.below(4) == 0 { add("terminal_id", .string("T\(random.below(2))")) }
      if random.below(4) == 0 { add("operator_id", .string("O\(random.below(2))")) }
      if random.below(3) == 0 {
        add("kind", .string(["debit", "topup", "authorize", "refund", "close"][random.below(5)]))
      }
      if random.below(3) == 0 { add("from", .string(instants[random.below(instants.count)])) }
      if random.below(3) == 0 { add("to", .string(instants[random.below(instants.count)])) }
      if random.below(5) == 0 { add("business_date", .string("2026-03-0\(2 + random.below(6))")) }
      let card = random.below(2) == 0 ? "C\(random.below(6))" : nil
      let id = try card.map { try shop.account($0).string("/account_id") }
      if let card { add("card_no", .string(card)) }
      let expected = entries.filter { matches($0, filter, account: id) }
      let limit = [1, 2, 3, 7, 20, 100, 500][random.below(7)]
      let found = try all(shop, "entry.list", filter, limit: limit)
      #expect(
        found.map { $0["seq"] } == expected.map { $0["seq"] },
        "seed \(seed), query \(query): \(filter.text) by \(limit)")
      if found.map({ $0["seq"] }) != expected.map({ $0["seq"] }) { return }
    }
    for card in 0..<6 {
      let id = try shop.account("C\(card)").string("/account_id")
      let expected = entries.filter { $0["account_id"] == .string(id) }
      let found = try all(shop, "account.statement", ["card_no": .string("C\(card)")], limit: 7)
      #expect(found == expected)
    }
    try shop.close()
  }

  private func matches(_ entry: JSONTree, _ filter: JSONTree, account: String?) -> Bool {
    for name in ["store_id", "terminal_id", "operator_id", "kind", "business_date"] {
      if let wanted = filter[name], entry[name] != wanted { return false }
    }
    let at = entry["at"]?.string ?? ""
    if let from = filter["from"]?.string, at < from { return false }
    if let to = filter["to"]?.string, at >= to { return false }
    return account == nil || entry["account_id"] == account.map { .string($0) }
  }

  @Test func `another card's cursor is refused, not answered with an empty page`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] {
      try shop.open(card, topUp: 1000)
      for _ in 0..<5 { expectResult(try shop.debit(card, 1)) }
    }
    for method in ["account.statement", "entry.list"] {
      let first = try shop.ask(method, ["card_no": "C1", "limit": 2])
      let cursor = try #require(first["/next_cursor"])
      let next = expectResult(try shop.ask(method, ["card_no": "C1", "cursor": cursor]))
      #expect(next["/entries"]?.elements.count == 5)
      expectInvalid(try shop.ask(method, ["card_no": "C2", "cursor": cursor]), "/cursor")
    }
    try shop.close()
  }

  @Test func `pages are stable while entries are added`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    for _ in 0..<10 { expectResult(try shop.debit("C1", 1)) }
    let first = try shop.ask("account.statement", ["card_no": "C1", "limit": 4])
    for _ in 0..<5 { expectResult(try shop.debit("C1", 1)) }
    // The opening, its top-up and ten debits.
    var numbers = first["/entries"]?.elements.compactMap { $0["seq"]?.integer } ?? []
    var cursor = first["/next_cursor"] ?? nil
    while cursor != .null {
      let page = try shop.ask(
        "account.statement", ["card_no": "C1", "limit": 4, "cursor": cursor])
      numbers += page["/entries"]?.elements.compactMap { $0["seq"]?.integer } ?? []
      cursor = page["/next_cursor"] ?? nil
    }
    #expect(numbers.count == 12 && numbers == numbers.sorted(by: >))
    #expect(Set(numbers).count == 12)
  }

  @Test func `cards are found by number and by their holder`() throws {
    let shop = try Shop()
    for number in 0..<12 {
      try shop.open(
        "C\(number)",
        [
          "holder": [
            "phone": .string("1380000\(number % 3)"), "name": .string("Li \(number % 2)"),
            "document_no": .string("D\(number)"),
          ]
        ])
    }
    try shop.open("bare")
    func numbers(_ params: JSONTree, limit: Int = 100) throws -> Set<String> {
      let found = try all(shop, "account.find", params, limit: limit, member: "accounts")
      let numbers = found.compactMap { $0["card_no"]?.string }
      #expect(Set(numbers).count == numbers.count, "none twice")
      return Set(numbers)
    }
    #expect(try numbers(["card_no": "C7"]) == ["C7"])
    #expect(try numbers(["card_no": "C99"]) == [])
    for limit in [1, 2, 3, 500] {
      #expect(try numbers(["phone": "13800001"], limit: limit) == ["C1", "C4", "C7", "C10"])
    }
    #expect(try numbers(["phone": "13800001", "name": "Li 0"]) == ["C4", "C10"])
    #expect(try numbers(["document_no": "D5"]) == ["C5"])
    #expect(try numbers(["phone": "1380000"]) == [])
    #expect(try numbers(["card_no": "C7", "phone": "13800001"]) == ["C7"])
    #expect(try numbers(["card_no": "C7", "phone": "13800002"]) == [])
    // A replaced card is found by its new number, still by its holder.
    expectResult(try shop.card("account.replace_card", "C7", ["new_card_no": "N7"]))
    #expect(try numbers(["phone": "13800001"]) == ["C1", "C4", "N7", "C10"])
    #expect(try numbers(["card_no": "C7"]) == [])
    try shop.crash()
    #expect(try numbers(["phone": "13800001"]) == ["C1", "C4", "N7", "C10"])
    expectRefusal(try shop.ask("account.find"), "invalid_params")
  }

  @Test func `an entry shows what later ones did to it`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    func status(_ id: String) throws -> JSONTree? {
      try shop.ask("entry.get", ["entry_id": .string(id)])["/status"]
    }
    let debit = try shop.debit("C1", 10).string("/entry/entry_id")
    let first = try status(debit)
    expectResult(try shop.refund(debit, 4))
    let second = try status(debit)
    expectResult(try shop.refund(debit))
    let third = try status(debit)
    let other = try shop.debit("C1", 10).string("/entry/entry_id")
    expectResult(try shop.reverse(other))
    let fourth = try status(other)
    #expect(Set([first, second, third, fourth].compactMap { $0?.string }).count == 4)
    #expect(fourth == "reversed")
  }
}
