// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

/// What is due to lapse, on every store.
@Suite struct DueTests {
  /// A shop whose bonus is good for three days.
  private func shop(on store: any LedgerStore) -> Shop {
    var shop = Shop(store)
    var rule = BonusRule(id: "r", grant: .fixed(Amount(100)))
    rule.expiresAfterDays = 3
    shop.rules.topUp.bonusRules = [rule]
    return shop
  }

  @Test(arguments: Kind.allCases, [false, true])
  func `accounts are due from the first instant after their lot has expired`(
    kind: Kind, folds: Bool
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = shop(on: store)
    let ids = try [3, 1, 2].map { try Shop.account($0) }
    try shop.group { shop in
      for id in ids { try shop.open(id, card: id.text) }
    }
    if folds { store.foldAll() }
    let expiry = try #require(try store.working.account(ids[0])?.lots[1].expiresAt)
    let before = Instant(milliseconds: expiry.milliseconds - 1)
    #expect(try store.working.accountsDue(by: before, limit: 9) == [])
    #expect(try store.working.accountsDue(by: expiry, limit: 9).map(\.value) == [1, 2, 3])
    #expect(try store.working.accountsDue(by: expiry, limit: 2).count == 2)

    var later = shop
    later.now = expiry
    let lapsed = try later.group { shop in try shop.lapse(ids[1]) }
    #expect(lapsed.map(\.kind) == [.expire])
    if folds { store.foldAll() }
    #expect(try store.working.accountsDue(by: expiry, limit: 9).map(\.value) == [2, 3])
    try later.group { shop in
      for id in [ids[0], ids[2]] { try shop.lapse(id) }
    }
    #expect(try store.working.accountsDue(by: expiry, limit: 9) == [])
    if folds { store.foldAll() }
    #expect(try store.working.accountsDue(by: .latest, limit: 9) == [])
    withExtendedLifetime(fixture) {}
  }
}
