// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue
import Testing

/// Card holders, on every store.
@Suite struct PeopleTests {
  @Test(arguments: Kind.allCases)
  func `a holder's particulars come back as they were given`(kind: Kind) throws {
    let (store, fixture) = try Fixture.make(kind)
    var particulars: [Person.Particular: String] = [:]
    for particular in Person.Particular.allCases {
      particulars[particular] = "'\(particular.rawValue)'; -- 韩梅梅 \u{1F600}"
    }
    let whole = Person(salt: Array(0..<16), particulars: particulars)
    let bare = Person(salt: [], particulars: [.note: ""])
    let (one, two) = (try Shop.account(1), try Shop.account(2))
    try Shop(store).group { shop in
      try shop.open(one, card: "a", person: whole)
      try shop.open(two, card: "b", person: bare)
      #expect(try store.person(of: one) == whole)
    }
    #expect(try store.person(of: one) == whole)
    #expect(try store.person(of: two) == bare)
    #expect(try store.person(of: try Shop.account(3)) == nil)
    withExtendedLifetime(fixture) {}
  }

  @Test(arguments: Kind.allCases)
  func `holders are found by exact particulars, in order of account, page by page`(
    kind: Kind
  ) throws {
    let (store, fixture) = try Fixture.make(kind)
    let ids = try [9, 4, 7, 1, 6].map { try Shop.account($0) }
    try Shop(store).group { shop in
      for (index, id) in ids.enumerated() {
        let phone = index == 4 ? "1381" : "138"
        try shop.open(
          id, card: "card-\(index)",
          person: Person(
            salt: [1],
            particulars: [.name: index < 2 ? "Li" : "Wu", .phone: phone, .documentNumber: "X1"]))
      }
    }
    func find(
      _ particulars: [Person.Particular: String], after: AccountID? = nil, _ limit: Int = 9
    ) throws -> [Int64] {
      try store.accounts(holding: particulars, after: after, limit: limit).map(\.value)
    }
    #expect(try find([.phone: "138"]) == [1, 4, 7, 9])
    #expect(try find([.phone: "138", .name: "Li"]) == [4, 9])
    #expect(try find([.phone: "138", .name: "li"]) == [])
    #expect(try find([.documentNumber: "X1"], 2) == [1, 4])
    #expect(try find([.documentNumber: "X1"], after: try Shop.account(4), 2) == [6, 7])
    #expect(try find([.phone: "13"]) == [])
    #expect(try find([.email: "x"]) == [])
    withExtendedLifetime(fixture) {}
  }
}
