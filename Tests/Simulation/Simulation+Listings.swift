// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Listings against all rows there are (T11): nothing missing, nothing extra, nothing twice.
extension Simulation {
  /// Asks so many random questions of what a program has left behind.
  package mutating func checkListings(_ count: Int, seed: UInt64) throws {
    let rows = try pages("entry.list", [:], "entries", limit: 500)
    let numbers = rows.compactMap { $0["seq"]?.integer }
    guard numbers == Array((1...Int64(ledger.journalLength)).reversed()) else {
      throw failure("the listing of all entries is not the journal", nil)
    }
    for number in 0..<count {
      var dice = Dice(SplitMix64.bytes(64, seed: seed &+ UInt64(number))[...])
      switch dice.below(8) {
      case 0: try checkCoupons(&dice)
      case 1: try checkCampaigns(&dice)
      case 2: try checkHolders(&dice)
      default: try checkEntries(rows, &dice)
      }
    }
  }

  /// All parts of a listing, one after another.
  private mutating func pages(
    _ method: String, _ params: [String: Plain], _ member: String, limit: Int
  ) throws -> [JSONTree] {
    var request = PlainRequest(method, params)
    request.params["limit"] = .number(limit)
    var all: [JSONTree] = []
    while true {
      let answer = try answer(to: request)
      guard let page = answer["result"]?[member], let next = answer["result"]?["next_cursor"]
      else { throw failure("no listing: \(answer.canonicalText)", request) }
      guard page.elements.count <= limit else { throw failure("more than asked for", request) }
      all += page.elements
      guard let cursor = next.text else { return all }
      request.params["cursor"] = .text(cursor)
    }
  }

  private func require(
    _ found: [JSONTree], _ wanted: [JSONTree], _ request: PlainRequest
  ) throws {
    guard found == wanted else {
      throw failure("\(found.count) rows are listed, \(wanted.count) are there", request)
    }
  }

  /// Every subset of filters comes up; most values are those of some row.
  private mutating func checkEntries(_ rows: [JSONTree], _ dice: inout Dice) throws {
    var params: [String: Plain] = [:]
    var wanted = rows
    let chosen = dice.below(256)
    let row = rows.isEmpty ? JSONTree.null : rows[dice.below(rows.count)]
    let texts = ["store_id", "terminal_id", "operator_id", "kind", "business_date"]
    for (bit, name) in texts.enumerated() where chosen >> bit & 1 == 1 {
      let other = ["kind": "close", "business_date": "2026-03-03"][name] ?? "s2"
      let value = dice.once(in: 6) ? other : row[name]?.text ?? other
      params[name] = .text(value)
      wanted = wanted.filter { $0[name]?.text == value }
    }
    if chosen >> 5 & 1 == 1, !shop.cards.isEmpty {
      let card = dice.below(shop.cards.count)
      guard let id = names.id(of: "account:\(card)") else { return }
      params["account_id"] = .text(id)
      wanted = wanted.filter { $0["account_id"]?.text == id }
    }
    // Instants of rows, so that `from` includes and `to` excludes them.
    if chosen >> 6 & 1 == 1, let from = row["at"]?.text {
      params["from"] = .text(from)
      wanted = wanted.filter { $0["at"]?.text ?? "" >= from }
    }
    if chosen >> 7 & 1 == 1, let to = rows[dice.below(rows.count)]["at"]?.text {
      params["to"] = .text(to)
      wanted = wanted.filter { $0["at"]?.text ?? "" < to }
    }
    let found = try pages("entry.list", params, "entries", limit: limit(&dice))
    try require(found, wanted, PlainRequest("entry.list", params))
    guard case .text(let account)? = params["account_id"], dice.once(in: 3) else { return }
    let own = ["account_id": Plain.text(account)]
    let statement = try pages("account.statement", own, "entries", limit: limit(&dice))
    try require(
      statement, rows.filter { $0["account_id"]?.text == account },
      PlainRequest("account.statement", own))
  }

  private func limit(_ dice: inout Dice) -> Int {
    dice.once(in: 3) ? 1 + dice.below(3) : 1 + dice.below(60)
  }

  private mutating func checkCoupons(_ dice: inout Dice) throws {
    var params: [String: Plain] = [:]
    var wanted = shop.till.coupons
    if dice.once(in: 2), !shop.till.campaigns.isEmpty {
      let campaign = dice.below(shop.till.campaigns.count)
      params["campaign_id"] = .name("campaign:\(campaign)")
      wanted = wanted.filter { $0.campaign == campaign }
    } else {
      guard !shop.cards.isEmpty else { return }
      let card = dice.below(shop.cards.count)
      params["account_id"] = .name("account:\(card)")
      wanted = wanted.filter { $0.owner == card }
      if dice.once(in: 2) {
        params["open"] = true
        wanted = wanted.filter { $0.use == nil && $0.voidAt == nil }
      }
    }
    let found = try pages("coupon.list", params, "coupons", limit: 1 + dice.below(20))
    try require(
      found.map { $0["coupon_id"] ?? nil }, wanted.map(\.id).sorted().map { .string($0) },
      PlainRequest("coupon.list", params))
  }

  private mutating func checkCampaigns(_ dice: inout Dice) throws {
    let found = try pages("campaign.list", [:], "campaigns", limit: 1 + dice.below(9))
    let wanted = shop.till.campaigns.indices.reversed().map { number in
      JSONTree.string(names.id(of: "campaign:\(number)") ?? "")
    }
    try require(found.map { $0["campaign_id"] ?? nil }, wanted, PlainRequest("campaign.list"))
  }

  private mutating func checkHolders(_ dice: inout Dice) throws {
    let known = dice.once(in: 2)
    let params: [String: Plain] =
      known ? ["phone": "1", "name": "Chance"] : ["phone": "1", "name": "Nobody"]
    let found = try pages("account.find", params, "accounts", limit: 1 + dice.below(9))
    let wanted = shop.cards.indices.filter { known && shop.cards[$0].holder != .null }
      .map { names.id(of: "account:\($0)") ?? "" }
    try require(
      found.map { $0["account_id"] ?? nil }, wanted.sorted().map { .string($0) },
      PlainRequest("account.find", params))
  }
}
