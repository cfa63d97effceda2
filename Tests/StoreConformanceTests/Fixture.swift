// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Secrets
import Store
import Synchronization
import Testing

@testable import StoreSQLite

/// Which store a test runs against.
enum Kind: String, CaseIterable, CustomTestStringConvertible {
  case memory
  case sqlite
  #if PostgreSQL
    case postgresql
  #endif

  var testDescription: String { rawValue }

  /// Those that can be tested here: a server must be named by `SCRIP_TEST_STORE`.
  static var allCases: [Kind] {
    #if PostgreSQL
      return ServerFixture.target == nil ? [.memory, .sqlite] : [.memory, .sqlite, .postgresql]
    #else
      return [.memory, .sqlite]
    #endif
  }
}

/// The keys of all ledgers in these tests, and the identity of most.
struct House: Sendable {
  let ring = KeyRing.fresh(at: 0)
  var identity = LedgerIdentity(
    id: "0123456789abcdef0123456789abcdef", currency: "CNY", timezone: "Asia/Shanghai",
    dayStartMinutes: 240, isTest: true)

  var chain: HashChain { HashChain(ring) }
}

/// What a store has told, one line each.
final class Notices: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  var all: [String] { lines.withLock { $0 } }
}

/// A ledger in a temporary directory.
final class Fixture {
  let house: House
  let directory: TemporaryDirectory
  let notices = Notices()
  var options = SQLiteStore.Options()

  init(house: House = House()) throws {
    self.house = house
    directory = try TemporaryDirectory()
    configure()
    try SQLiteStore.create(
      directory: directory.path, identity: house.identity, chain: house.chain)
  }

  /// The ledger as a process killed now would leave it.
  init(copying other: Fixture) throws {
    house = other.house
    directory = try other.directory.copy()
    configure()
  }

  /// Sizes so small that every threshold is passed in a test.
  private func configure() {
    let notices = notices
    options.foldThreshold = 16
    options.quietMilliseconds = 0
    options.rebuildSlice = 64
    options.notice = { notices.add($0) }
  }

  func open() throws(StoreError) -> SQLiteStore {
    try SQLiteStore(directory: directory.path, chain: house.chain, options: options)
  }

  /// A store of the kind, new and empty, with what it lives in.
  static func make(_ kind: Kind) throws -> (store: any LedgerStore, fixture: Fixture?) {
    switch kind {
    case .memory: return (try MemoryStore(identity: House().identity), nil)
    case .sqlite:
      let fixture = try Fixture()
      return (try fixture.open(), fixture)
    #if PostgreSQL
      case .postgresql: return (try ServerFixture().open(), nil)
    #endif
    }
  }
}

extension LedgerStore {
  /// Has the store fold all there is; one in memory has nowhere to fold it to.
  func foldAll() {
    guard self is SQLiteStore else { return }
    for _ in 0..<5000 where working.unfoldedCount > 0 {
      maintain()
      usleep(1000)
    }
    #expect(working.unfoldedCount == 0, "folding does not come to an end")
  }
}
