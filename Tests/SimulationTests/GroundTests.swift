// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import LedgerCore
import Secrets
import Simulation
import Store
import StoreSQLite
import Testing

#if PostgreSQL
  import StorePostgreSQL
#endif

/// The same programs as in memory, on the stores that ledgers are served from: whatever is asked,
/// the engine answers as the model foretells (T10).
@Suite struct GroundTests {
  /// A ledger in a directory, which folds early, keeps no account in memory and copies its logs
  /// often.
  private final class DirectoryGround: Ground {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    func make(_ identity: LedgerIdentity, _ chain: HashChain) throws(StoreError) {
      try SQLiteStore.create(directory: directory.path, identity: identity, chain: chain)
    }

    func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore {
      if forgetting {
        for name in ["state.db", "state.db-wal", "state.db-shm"] { unlink(directory.file(name)) }
      }
      var options = SQLiteStore.Options()
      options.foldThreshold = 3
      options.tailLimit = 40
      options.cachedBytes = 0
      options.stateLogPages = 20
      options.journalLogPages = 40
      return try SQLiteStore(directory: directory.path, chain: chain, options: options)
    }
  }

  private func play(_ seed: UInt64, on ground: any Ground) throws {
    var simulation = try Simulation(
      Simulation.program(seed: seed, operations: Settings.operations), on: ground)
    do {
      try simulation.run()
    } catch let failure as Simulation.Failure {
      Issue.record("seed \(seed) (SCRIP_SIMULATION_SEED): \(failure)")
    }
  }

  @Test(arguments: Settings.groundSeeds)
  func `on a disk the engine answers as the model foretells, whatever is asked`(
    seed: UInt64
  ) throws {
    try play(seed, on: try DirectoryGround())
  }

  #if PostgreSQL
    /// A ledger in a schema of its own.
    private final class ServerGround: Ground {
      private let directory: TemporaryDirectory
      private let place: String

      init() throws {
        directory = try TemporaryDirectory()
        place = try #require(ServerLedgers.place(of: directory.path))
      }

      func make(_ identity: LedgerIdentity, _ chain: HashChain) throws(StoreError) {
        try PostgreSQLStore.create(place, identity: identity, chain: chain)
      }

      func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore {
        try PostgreSQLStore(place, chain: chain)
      }
    }

    @Test(
      .enabled(if: ServerLedgers.target != nil, "SCRIP_TEST_STORE names no server"),
      arguments: Settings.groundSeeds)
    func `on a server the engine answers as the model foretells, whatever is asked`(
      seed: UInt64
    ) throws {
      try play(seed, on: try ServerGround())
    }
  #endif
}
