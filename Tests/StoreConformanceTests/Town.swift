// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Store
import StoredValue

/// A seeded stream of what may happen in a shop, the same for every store it is played on.
struct Town {
  var random: SplitMix64
  private(set) var names = Content.Names()
  private var spent: [Entry] = []
  private var topUps: [Entry] = []
  private var number = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Forgets what happened since `before`, because its group was abandoned; goes on differently.
  mutating func forget(since before: Town) {
    let (random, number) = (random, number)
    self = before
    (self.random, self.number) = (random, number)
  }

  /// One thing that happens, in a group under way; refusals are part of life.
  mutating func happen(in shop: Shop) throws {
    number += 1
    let key = "key-\(number)"
    names.keys.append(key)
    do {
      switch random.below(20) {
      case 0...3: try open(in: shop, key: key)
      case 4...12:
        if let id = names.accounts.randomElement(using: &random) {
          spent += try shop.debit(id, Int64(1 + random.below(3000)), key: key)
        }
      case 13, 14:
        if let id = names.accounts.randomElement(using: &random) {
          topUps += try shop.topUp(id, Int64(100 * (1 + random.below(900))), key: key)
        }
      case 15:
        if let original = spent.randomElement(using: &random) {
          try shop.refund(original, random.below(2) == 0 ? 1 : nil, key: key)
        }
      case 16:
        if let original = (spent + topUps).randomElement(using: &random) {
          try shop.reverse(original, key: key)
        }
      case 17:
        guard let id = names.accounts.randomElement(using: &random) else { return }
        names.cards.append("new-\(number)")
        try shop.replaceCard(id, "new-\(number)", key: key)
      case 18:
        if let id = names.accounts.randomElement(using: &random) {
          try shop.authorize(id, 500, seconds: Int64(1 + random.below(5000)), key: key)
        }
      default: try administer(in: shop, key: key)
      }
    } catch is Shop.Refused {}
  }

  private mutating func open(in shop: Shop, key: String) throws {
    let id = try Shop.account(random.next() | 1)
    names.accounts.append(id)
    names.cards.append("card-\(number)")
    var person: Person?
    if random.below(3) == 0 {
      person = Person(
        salt: (0..<16).map { _ in UInt8(random.below(256)) },
        particulars: [.name: "顾客 \(number)", .phone: "138\(random.below(10))"])
    }
    topUps += try shop.open(id, card: "card-\(number)", key: key, person: person)
      .filter { $0.kind == .topUp }
  }

  private mutating func administer(in shop: Shop, key: String) throws {
    switch random.below(3) {
    case 0: try shop.setProgram(#"{"x_version":\#(number)}"#, key: key)
    case 1:
      names.keys.append("lost-\(number)")
      try shop.block("lost-\(number)", key: key)
    default:
      if let id = names.accounts.randomElement(using: &random) { try shop.lapse(id) }
    }
  }
}
