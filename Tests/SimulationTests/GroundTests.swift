// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

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
    private let path: String

    init() throws {
      var template = Array("/tmp/scrip-simulation-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw Unmade() }
      path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    struct Unmade: Error {}

    deinit {
      for name in files { unlink(name) }
      rmdir(path)
    }

    private var files: [String] {
      guard let directory = opendir(path) else { return [] }
      defer { closedir(directory) }
      var names: [String] = []
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(path + "/" + name) }
      }
      return names
    }

    func make(_ identity: LedgerIdentity, _ chain: HashChain) throws(StoreError) {
      try SQLiteStore.create(directory: path, identity: identity, chain: chain)
    }

    func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore {
      if forgetting {
        for name in files where name.contains("/state.db") { unlink(name) }
      }
      var options = SQLiteStore.Options()
      options.foldThreshold = 3
      options.tailLimit = 40
      options.cachedBytes = 0
      options.stateLogPages = 20
      options.journalLogPages = 40
      return try SQLiteStore(directory: path, chain: chain, options: options)
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
      static let target = getenv("SCRIP_TEST_STORE").map { String(cString: $0) }
      private let place: String

      init(_ target: String) {
        let name = String(UInt64.random(in: .min ... .max), radix: 36)
        place = "\(target)\(target.contains("?") ? "&" : "?")options=-csearch_path%3Dw\(name)"
      }

      func make(_ identity: LedgerIdentity, _ chain: HashChain) throws(StoreError) {
        try PostgreSQLStore.create(place, identity: identity, chain: chain)
      }

      func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore {
        try PostgreSQLStore(place, chain: chain)
      }
    }

    @Test(
      .enabled(if: ServerGround.target != nil, "SCRIP_TEST_STORE names no server"),
      arguments: Settings.groundSeeds)
    func `on a server the engine answers as the model foretells, whatever is asked`(
      seed: UInt64
    ) throws {
      try play(seed, on: ServerGround(ServerGround.target ?? ""))
    }
  #endif
}
