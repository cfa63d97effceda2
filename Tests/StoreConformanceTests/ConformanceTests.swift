// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

/// What every store does alike.
@Suite struct ConformanceTests {
  private let person = Person(
    salt: Array(0..<16), particulars: [.name: "Li Lei", .phone: "13800000001"])

  @Test(arguments: Kind.allCases)
  func `what a group appended can be read back once it has ended`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    let shop = Shop(store)
    let id = try Shop.account(7)
    let entries = try shop.group { shop in
      try shop.open(id, card: "6200001", key: "k1")
        + shop.debit(id, 1_234, key: "k2")
        + shop.setProgram(#"{"preset":null}"#, key: "k3")
    }
    #expect(entries.map(\.id.sequence) == [1, 2, 3, 4])
    #expect(try store.entries(from: EntryID(1), limit: 100) == entries)
    #expect(store.working.head == EntryID(4))
    #expect(store.working.point.programVersion == 1)
    let account = try #require(try store.working.account(id))
    #expect(account.lots.map(\.remaining) == [Amount(48_766)])
    #expect(account.lastEntry == EntryID(3))
    withExtendedLifetime(fixture) {}
  }
}
