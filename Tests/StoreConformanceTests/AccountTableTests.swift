// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@testable import Store

/// The tables in memory that accounts and keys are found by, beside dictionaries.
@Suite struct AccountTableTests {
  /// Ids as they are given out, ids in a row, and ids that differ in high bits alone.
  private static func id(
    _ number: Int, _ kind: Int, _ random: inout SplitMix64
  ) throws -> AccountID {
    switch kind {
    case 0: try Shop.account(random.next())
    case 1: try Shop.account(UInt64(number + 1))
    default: try Shop.account(UInt64(number + 1) << 40)
    }
  }

  @Test(arguments: 0..<3, [3, 40, 2000])
  func `a table holds what a dictionary does`(kind: Int, accounts: Int) throws {
    var random = SplitMix64(seed: UInt64(kind * 10_000 + accounts))
    let ids = try (0..<accounts).map { try Self.id($0, kind, &random) }
    var table = AccountTable(filler: -1)
    var due: [AccountID: Int] = [:]
    if kind == 1 { table.reserve(accounts) }
    for value in 0..<(10 * accounts) {
      let id = ids[random.below(ids.count)]
      // Now mostly more of them, now mostly fewer, so that it fills and empties again.
      if random.below(10) < (value / accounts % 2 == 0 ? 2 : 7) {
        #expect(table.remove(id) == due.removeValue(forKey: id))
      } else {
        #expect(table.update(value, for: id) == due.updateValue(value, forKey: id))
      }
      #expect(table.count == due.count)
    }
    for id in ids { #expect(table[id] == due[id]) }
    #expect(table.ids == due.keys.sorted())
    var all: [AccountID: Int] = [:]
    table.visit { all[$0] = $1 }
    #expect(all == due)
  }

  @Test(arguments: [1, 5, 3000])
  func `a hash names all entries that used a key with it`(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    var keys = ChangedKeys()
    var due: [Int64: [EntryID]] = [:]
    func note(_ numbers: Range<Int>, in keys: inout ChangedKeys) {
      for number in numbers {
        // One in four shares its hash with others.
        let hash = Int64(random.below(4) == 0 ? random.below(9) : Int(random.next() >> 1))
        keys.add(hash, by: EntryID(Int64(number)))
        due[hash, default: []].append(EntryID(Int64(number)))
      }
    }
    note(1..<count, in: &keys)
    var newer = ChangedKeys(like: keys)
    note(count..<2 * count, in: &newer)
    keys.append(newer)
    #expect(keys.items.map(\.entry) == (1..<2 * count).map { EntryID(Int64($0)) })
    for (hash, entries) in due { #expect(keys.entries(hash) == entries) }
    for _ in 0..<100 {
      let hash = Int64.min + Int64(random.below(1 << 30))
      #expect(keys.entries(hash) == [])
    }
  }
}
