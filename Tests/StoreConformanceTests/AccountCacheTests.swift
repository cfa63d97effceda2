// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore
import Seeds
import StoreSQLite
import StoredValue
import Testing

@testable import Store

/// The accounts that a working set keeps as bytes.
@Suite struct AccountCacheTests {
  /// What a cache answers, in comparable form.
  private struct Content: Equatable {
    let account: [UInt8]
    let watch: [UInt8]??

    init(_ account: [UInt8], _ watch: [UInt8]??) {
      self.account = account
      self.watch = watch
    }

    init?(_ found: AccountRows.Found?) {
      guard let found else { return nil }
      account = Array(found.account)
      watch = found.watch.map { $0.map { Array($0) } }
    }
  }

  private static func content(
    _ random: inout SplitMix64, upTo limit: Int
  ) -> (Content, AccountRows.Watch) {
    var bytes: [UInt8] = (0..<(1 + random.below(limit))).map { _ in UInt8(random.below(256)) }
    let account = bytes
    bytes.reverse()
    switch random.below(4) {
    case 0: return (Content(account, .none), .unknown)
    case 1: return (Content(account, .some(nil)), .nothing)
    default: return (Content(account, bytes), .record(bytes))
    }
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `a cache answers with the last row of an account or with none`(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    let cache = AccountCache(limit: 64 << 10)
    var due: [AccountID: Content] = [:]
    // With few accounts all of them fit; with many most do not.
    let ids = try (1...(seed.isMultiple(of: 2) ? 100 : 1000)).map { try Shop.account(UInt64($0)) }
    var hits = 0
    for _ in 0..<6000 {
      let id = ids[random.below(ids.count)]
      if random.below(100) == 0 { _ = cache.touch(ids) }
      switch random.below(20) {
      case 0:
        cache.remove(id)
        due[id] = nil
      case 1:
        var rows = AccountRows()
        for _ in 0..<random.below(40) {
          let id = ids[random.below(ids.count)]
          guard rows.places.allSatisfy({ $0.id != id }) else { continue }
          let (content, watch) = Self.content(&random, upTo: 200)
          rows.append(id, content.account, watch: watch)
          due[id] = content
        }
        cache.adopt(rows, at: rows.places)
      case 2..<8:
        let (content, watch) = Self.content(&random, upTo: 200)
        cache.keep(id, content.account, watch: watch)
        due[id] = content
      default:
        guard let found = Content(cache.find(id)) else { continue }
        #expect(found == due[id])
        hits += 1
      }
    }
    #expect(hits > 500)
    for id in ids { if let found = Content(cache.find(id)) { #expect(found == due[id]) } }
    // 100 accounts take 20 KiB of the 64: none of them was pushed out.
    if ids.count == 100 { for id in ids { #expect(Content(cache.find(id)) == due[id]) } }
  }

  @Test func `to touch an account reads a byte of each line that its row lies in`() throws {
    let cache = AccountCache(limit: 64 << 10)
    let (known, other) = (try Shop.account(1), try Shop.account(2))
    let account = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    cache.keep(known, account, watch: .record([9, 8, 7]))
    var row = AccountRows()
    row.append(known, account, watch: .record([9, 8, 7]))
    let sum = stride(from: 0, to: row.bytes.count, by: 64).reduce(UInt8(0)) { $0 &+ row.bytes[$1] }
    #expect(sum != 0)
    #expect(cache.touch([known]) == sum)
    #expect(cache.touch([other]) == 0 && cache.touch([]) == 0)
    #expect(cache.touch([known, other, known]) == sum &+ sum)
    cache.remove(known)
    #expect(cache.touch([known]) == 0)
  }

  @Test func `what is kept stays within the limit, whatever comes`() throws {
    var random = SplitMix64(seed: 5)
    let cache = AccountCache(limit: 64 << 10)
    for number in 1...5000 {
      let (content, watch) = Self.content(&random, upTo: 300)
      cache.keep(try Shop.account(UInt64(number)), content.account, watch: watch)
      #expect(cache.byteCount <= 64 << 10)
    }
    let kept = try (1...5000).count { cache.find(try Shop.account(UInt64($0))) != nil }
    #expect((100..<400).contains(kept), "\(kept)")
  }

  /// What rules remember once they have seen everything up to an entry.
  private static func record(upTo entry: UInt8) throws -> SubjectRecord {
    try SubjectRecord(encoded: [1, entry, 0, 0])
  }

  @Test func `what rules remember is the newest, whether its account changed with it or not`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    let (id, other) = (try Shop.account(1), try Shop.account(2))
    try Shop(store).group { shop in
      try shop.open(id, card: "a")
      store.working.keep(try Self.record(upTo: 2), of: .account(id))
    }
    store.foldAll()
    #expect(try store.working.record(of: .account(id)) == Self.record(upTo: 2))
    // As the end of an alert changes it: without the account.
    try Shop(store).group { shop in
      try shop.open(other, card: "b")
      store.working.keep(try Self.record(upTo: 4), of: .account(id))
      store.working.keep(try Self.record(upTo: 4), of: .account(other))
    }
    store.foldAll()
    #expect(try store.working.record(of: .account(id)) == Self.record(upTo: 4))
    // And the account without it.
    try Shop(store).group { shop in try shop.debit(id, 1) }
    store.foldAll()
    _ = try store.working.record(of: .account(other))
    #expect(try store.working.record(of: .account(id)) == Self.record(upTo: 4))
    #expect(try store.working.account(id)?.lastEntry == store.working.head)
  }
}
