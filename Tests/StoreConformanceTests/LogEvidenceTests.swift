// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Store
import StoreSQLite
import StoredValue
import Testing

/// A log that has lost durable groups is told from one whose last group a power cut has taken.
@Suite struct LogEvidenceTests {
  private static let frame = 4120

  /// A ledger as a kill leaves it, with all of its journal in the log, and no state.
  private func killed(groups: Int, debits: Int = 1) throws -> Fixture {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a", key: "open") }
    for group in 0..<groups {
      try Shop(store).group { shop in
        for number in 0..<debits { try shop.debit(id, 1, key: "k\(group)-\(number)") }
      }
    }
    let killed = try Fixture(copying: fixture)
    for name in ["state.db", "state.db-wal", "state.db-shm"] {
      unlink(killed.directory.file(name))
    }
    return killed
  }

  private func log(_ fixture: Fixture) throws -> [UInt8] {
    try bytes(of: fixture.directory.file("journal.db-wal"))
  }

  private func put(_ log: [UInt8], in fixture: Fixture) throws -> Fixture {
    let copy = try Fixture(copying: fixture)
    try write(log, to: copy.directory.file("journal.db-wal"))
    return copy
  }

  /// Why a ledger with a damaged journal is not served; nil when it is.
  private func refusal(of fixture: Fixture) -> String? {
    do throws(StoreError) {
      _ = try fixture.open()
      return nil
    } catch {
      guard case .damaged(.some, let reason) = error else { return nil }
      return reason
    }
  }

  /// The places of the frames that end groups.
  private func ends(_ log: [UInt8]) -> [Int] {
    stride(from: 32, to: log.count, by: Self.frame).filter { place in
      log[place + 4..<place + 8].contains { $0 != 0 }
    }
  }

  @Test func `a log damaged before its last two groups is refused, and the first lost entry named`()
    throws
  {
    let fixture = try killed(groups: 12)
    let log = try log(fixture)
    let ends = ends(log)
    #expect(ends.count > 10)
    let last = ends[ends.count - 2]
    for place in stride(from: 32, to: last, by: 997) {
      var damaged = log
      damaged[place] ^= 0x10
      let copy = try put(damaged, in: fixture)
      let reason = refusal(of: copy)
      #expect(reason?.contains("log") == true, "byte \(place) of \(log.count): \(reason ?? "")")
      let view = try SQLiteInspection(directory: copy.directory.path)
      #expect(try view.integrityProblems().contains { $0.contains("its log is damaged") })
      let target = try TemporaryDirectory()
      #expect(throws: StoreError.self) {
        try SQLiteStore.copyJournal(from: copy.directory.path, to: target.path)
      }
    }
  }

  @Test func `a log with a damaged head is refused`() throws {
    let fixture = try killed(groups: 3)
    for place in [0, 3, 12, 17, 21, 25, 31] {
      var damaged = try log(fixture)
      damaged[place] ^= 1
      #expect(refusal(of: try put(damaged, in: fixture)) != nil, "byte \(place)")
    }
  }

  @Test func `a loss that is accepted by a rebuild is gone for good`() throws {
    let fixture = try killed(groups: 8)
    var damaged = try log(fixture)
    damaged[ends(damaged)[3] + 100] ^= 1
    let copy = try put(damaged, in: fixture)
    #expect(refusal(of: copy) != nil)
    let head = try SQLiteStore.rebuild(directory: copy.directory.path, chain: copy.house.chain)
    #expect(head > EntryID(1) && head < EntryID(9))
    let store = try copy.open()
    #expect(store.working.head == head)
    try Shop(store).group { shop in try shop.debit(try Shop.account(1), 1, key: "later") }
    try store.close()
    #expect(try copy.open().working.head == head.next)
  }

  /// What was not synced when the power went: any end of the log, and any part of its last group.
  @Test func `whatever a power cut leaves is served`() throws {
    let fixture = try killed(groups: 6, debits: 60)
    let log = try log(fixture)
    let ends = ends(log)
    let last = ends[ends.count - 2] + Self.frame
    #expect(log.count - last > 2 * Self.frame, "the last group has only one frame")
    for size in stride(from: 0, through: log.count, by: 1531) {
      _ = try put(Array(log.prefix(size)), in: fixture).open()
    }
    for first in stride(from: last, to: log.count, by: Self.frame) {
      for second in stride(from: first, to: log.count, by: Self.frame) {
        var torn = log
        for place in [first, second + 512] {
          for index in place..<min(place + 512, torn.count) { torn[index] = 0 }
        }
        let store = try put(torn, in: fixture).open()
        #expect(store.working.head.sequence >= 2)
      }
    }
  }
}
