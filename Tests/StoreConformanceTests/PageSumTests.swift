// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Store
import StoredValue
import Testing

@testable import StoreSQLite

/// The checksums in the pages of state.db: not even a row that is gone goes unnoticed.
@Suite struct PageSumTests {
  /// Of so many bytes of a file one is changed at a time; 1 tries each of them.
  private static let stride: Int = {
    guard let text = getenv("SCRIP_FLIPPED_BYTE_STRIDE"), let value = Int(String(cString: text))
    else { return 61 }
    return max(1, value)
  }()

  /// A ledger with so many keys that their table has several pages, ended well.
  private func ledger() throws -> Fixture {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a", key: "open") }
    for group in 0..<10 {
      try Shop(store).group { shop in
        for number in 0..<80 { try shop.debit(id, 1, key: "k\(group * 80 + number)") }
      }
    }
    try store.close()
    return fixture
  }

  /// Reads every page of a state as it is read when it is served; false when one is refused.
  private func isWhole(_ path: String) throws -> Bool {
    do throws(SQLiteError) {
      let connection = try Connection(path: path, mode: .readOnly, pageSums: true)
      return try connection.text("PRAGMA integrity_check") == "ok"
    } catch {
      #expect(error.code == .ioerrData, "\(error)")
      return false
    }
  }

  @Test func `any bit changed in any page of the state is noticed when the page is read`() throws {
    let path = try ledger().directory
    let state = path.file("state.db")
    let size = try #require(status(of: state)?.size)
    #expect(try isWhole(state))
    var tried = 0
    for place in Swift.stride(from: 100, to: size, by: Self.stride) {
      let bit = UInt8(1 << (place % 8))
      try flip(state, place, bit)
      #expect(try !isWhole(state), "byte \(place)")
      try flip(state, place, bit)
      tried += 1
    }
    #expect(try isWhole(state))
    print("\(tried) bytes of \(size) changed one at a time, each noticed")
  }

  @Test func `a key whose row has gone is used all the same`() throws {
    let fixture = try ledger()
    let path = fixture.directory.file("state.db")
    let hash = keyHash(try Shop.key("k77"))
    // The row as it stands on its page: a record of two integers.
    let bytes = try bytes(of: path)
    let stored = (0..<8).map { UInt8(truncatingIfNeeded: hash >> (56 - 8 * $0)) }
    let place = try #require(
      bytes.indices.first { bytes[$0...].starts(with: stored) }, "the hash is not in the file")
    for bit in 0..<8 {
      let killed = try Fixture(copying: fixture)
      try flip(killed.directory.file("state.db"), place + 7, 1 << UInt8(bit))
      let store = try killed.open()
      // Damage is told once; the next group finds a state made anew.
      let first = try? Content.standing(store.working, "k77")
      #expect(first == nil || first == "used by 80", "bit \(bit)")
      try store.begin(writing: false)
      try store.end()
      #expect(try Content.standing(store.working, "k77") == "used by 80", "bit \(bit)")
      #expect(!killed.notices.all.isEmpty)
    }
  }

  @Test func `a state of a version without sums is made anew`() throws {
    let fixture = try ledger()
    let path = fixture.directory.file("state.db")
    do {
      let connection = try Connection(path: path, mode: .readWrite)
      try connection.execute("PRAGMA user_version = 3; VACUUM")
      _ = try connection.checkpoint(.truncate)
    }
    let store = try fixture.open()
    #expect(try Content.standing(store.working, "k77") == "used by 80")
    #expect(fixture.notices.all.count == 1)
  }

  @Test func `a log that was copied and is damaged does not put old pages before new ones`() throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    let id = try Shop.account(1)
    try Shop(store).group { shop in try shop.open(id, card: "a", key: "open") }
    // Enough keys that their table is divided anew now and then.
    for group in 0..<20 {
      try Shop(store).group { shop in
        for number in 0..<30 { try shop.debit(id, 1, key: "k\(group * 30 + number)") }
      }
      store.foldAll()
    }
    let state = fixture.directory.file("state.db")
    let copier = try Connection(path: state, mode: .readWrite, pageSums: true)
    _ = try copier.integer("SELECT count(*) FROM meta")
    let (frames, copied) = try copier.checkpoint(.passive)
    #expect(frames == copied && frames > 40)
    let killed = try Fixture(copying: fixture)
    let log = killed.directory.file("state.db-wal")
    let size = try #require(status(of: log)?.size)
    var refused = 0
    for place in Swift.stride(from: 32, to: size, by: 20 * 1048) {
      let damaged = try Fixture(copying: killed)
      try flip(damaged.directory.file("state.db-wal"), place + 500, 1)
      let again = try damaged.open()
      #expect(try again.working.account(id) == store.working.account(id), "frame at \(place)")
      let lost = try (0..<600).count { number in
        try Content.standing(again.working, "k\(number)") != "used by \(number + 3)"
      }
      #expect(lost == 0, "frame at \(place): \(lost) used keys look unused")
      refused += damaged.notices.all.contains { $0.contains("lost what was copied") } ? 1 : 0
    }
    #expect(refused > 0)
  }

  private func flip(_ path: String, _ place: Int, _ bits: UInt8) throws {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallFailure(errno: errno) }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    #expect(pread(descriptor, &byte, 1, off_t(place)) == 1)
    byte ^= bits
    #expect(pwrite(descriptor, &byte, 1, off_t(place)) == 1)
  }
}
