// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue
import Testing

@testable import Anomalies
@testable import Store

/// The records that have changed since the last slice, beside plain dictionaries.
@Suite struct UnfoldedTests {
  /// What the records are to be.
  private struct Model {
    var accounts: [AccountID: Account] = [:]
    var watch: [WatchedSubject: SubjectRecord] = [:]

    mutating func lay(_ newer: Model) {
      accounts.merge(newer.accounts) { $1 }
      watch.merge(newer.watch) { $1 }
    }
  }

  /// Accounts in several states each, so that they are due at different times.
  private let states: [AccountID: [Account]]
  private let subjects: [WatchedSubject]

  init() throws {
    let identity = LedgerIdentity(
      id: "0", currency: "CNY", timezone: "Asia/Shanghai", dayStartMinutes: 0, isTest: true)
    var shop = Shop(try MemoryStore(identity: identity))
    var rule = BonusRule(id: "r", grant: .fixed(Amount(100)))
    rule.expiresAfterDays = 3
    shop.rules.topUp.bonusRules = [rule]
    var states: [AccountID: [Account]] = [:]
    for number in 1...8 as ClosedRange<UInt64> {
      let id = try Shop.account(number)
      shop.now = Instant(milliseconds: shop.now.milliseconds + 10_000_000)
      try shop.open(id, card: "card \(number)".replacing(" ", with: "-"))
      states[id] = [try shop.find(id)]
      for _ in 1...3 {
        try shop.topUp(id, Int64(number) * 100)
        states[id]?.append(try shop.find(id))
      }
      for amount in 1...3 as ClosedRange<Int64> {
        try shop.debit(id, amount)
        states[id]?.append(try shop.find(id))
      }
    }
    self.states = states
    subjects = states.keys.map { .account($0) } + [.store("s"), .terminal("t")]
  }

  private func record(_ random: inout SplitMix64) -> SubjectRecord {
    var record = SubjectRecord()
    record.lastEntry = EntryID(Int64(random.below(1000)))
    guard random.below(2) == 0 else { return record }
    let end = Instant(milliseconds: Int64(random.below(10_000)))
    record.live = [
      LiveAlert(
        alert: 1, id: AlertID(entry: EntryID(1), rule: 7), end: end, count: 2,
        reported: Int64(1 + random.below(2)), toldAt: end, updates: 0, observed: 0,
        newest: EntryID(1))
    ]
    return record
  }

  /// Records that have come about at random, and what they are.
  private func made(_ random: inout SplitMix64, steps: Int) -> (records: Unfolded, model: Model) {
    var (records, model) = (Unfolded(), Model())
    var writer = ByteWriter()
    let ids = states.keys.sorted()
    for _ in 0..<steps {
      if random.below(3) == 0 {
        let (subject, record) = (subjects[random.below(subjects.count)], record(&random))
        records.keep(record, of: subject)
        model.watch[subject] = record
        continue
      }
      let id = ids[random.below(ids.count)]
      guard let account = states[id]?[random.below(7)] else { continue }
      let watch = random.below(2) == 0 ? record(&random) : nil
      records.keep(account, watch: watch, using: &writer)
      model.accounts[id] = account
      if let watch { model.watch[.account(id)] = watch }
    }
    return (records, model)
  }

  private func compare(_ records: Unfolded, _ model: Model) throws {
    #expect(records.accounts.ids == model.accounts.keys.sorted())
    #expect(records.accounts.count == model.accounts.count)
    for id in states.keys { #expect(records.accounts.account(id) == model.accounts[id]) }
    for subject in subjects { #expect(records.record(of: subject) == model.watch[subject]) }
    for case .account(let id) in records.subjects.keys {
      #expect(!records.accounts.holds(id), "what is remembered of an account stands in its row")
    }
    let moments = model.accounts.values.compactMap(\.nextDue) + [Instant(milliseconds: 5000)]
    for moment in moments {
      #expect(
        records.accounts.due(by: moment).sorted()
          == model.accounts.values.filter { $0.nextDue.map { $0 <= moment } ?? false }.map(\.id)
          .sorted())
      #expect(
        records.accounts.firstDue(after: moment)
          == model.accounts.values.compactMap(\.nextDue).filter { $0 > moment }.min())
      #expect(
        Set(records.subjectsDue(by: moment))
          == Set(model.watch.filter { $0.value.due.map { $0 <= moment } ?? false }.keys))
      #expect(
        records.firstAlertEnd(after: moment)
          == model.watch.values.compactMap(\.due).filter { $0 > moment }.min())
    }
    try compareRows(records, model)
  }

  /// What goes into the store, and into the cache of accounts afterwards.
  private func compareRows(_ records: Unfolded, _ model: Model) throws {
    let rows = records.accounts.rows(of: records.accounts.ids)
    #expect(rows.places.map(\.id) == model.accounts.keys.sorted())
    for place in rows.places {
      let row = rows.row(at: place.offset)
      #expect(Array(row.account) == model.accounts[place.id]?.encoded())
      let watch = model.watch[.account(place.id)]
      #expect(row.watch.flatMap { $0 }.map { Array($0) } == watch?.encoded())
      #expect((row.watch == nil) == (watch == nil), "what has not changed must be looked up")
      let record = try #require(records.accounts.find(place.id))
      #expect(record.due == model.accounts[place.id]?.nextDue)
      #expect(record.watchDue == watch?.due)
    }
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func `records are what was kept last, also laid over older ones`(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    var (records, model) = made(&random, steps: 1 + random.below(30))
    try compare(records, model)
    let (newer, laid) = made(&random, steps: random.below(30))
    records.merge(newer)
    model.lay(laid)
    try compare(records, model)
  }

  @Test func `rows that were replaced are cleared away`() throws {
    let (id, versions) = try #require(states.first)
    var records = Unfolded()
    var writer = ByteWriter()
    var random = SplitMix64(seed: 3)
    let other = try #require(states.first { $0.key != id }?.value.first)
    records.keep(other, watch: record(&random), using: &writer)
    let kept = try #require(records.accounts.find(other.id)?.watch.map { Array($0) })
    for count in 0..<20_000 {
      records.keep(versions[count % versions.count], watch: nil, using: &writer)
    }
    let size = records.accounts.byteCount
    #expect(size < 2 << 20, "\(size) bytes for two accounts")
    #expect(records.accounts.account(id) == versions[19_999 % versions.count])
    #expect(records.accounts.account(other.id) == other)
    #expect(records.accounts.find(other.id)?.watch.map { Array($0) } == kept)
  }

  /// A part of an array that is held while something is added to it has all of it copied.
  @Test func `rows stay where they are while others are added`() throws {
    var random = SplitMix64(seed: 4)
    var writer = ByteWriter()
    let ids = states.keys.sorted()
    var (records, newer) = (Unfolded(), Unfolded())
    for id in ids {
      let account = try #require(states[id]?.first)
      records.keep(account, watch: record(&random), using: &writer)
      newer.keep(account, watch: nil, using: &writer)
    }
    var (moves, address) = (0, records.accounts.address)
    for step in 0..<1500 {
      let id = ids[step % ids.count]
      switch step % 3 {
      case 0: records.keep(record(&random), of: .account(id))
      case 1:
        records.keep(try #require(states[id]?.last), watch: nil, using: &writer)
      default: records.merge(newer)
      }
      if records.accounts.address != address { moves += 1 }
      address = records.accounts.address
    }
    // As they grow, and where those that were replaced are cleared away.
    #expect(moves < 40)
  }
}
