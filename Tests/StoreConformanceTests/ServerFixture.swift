// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Glibc
  import LedgerCore
  import PostgreSQL
  import Store
  import StorePostgreSQL

  /// A ledger in a schema of its own, on the server that `SCRIP_TEST_STORE` names.
  struct ServerFixture {
    static let target = getenv("SCRIP_TEST_STORE").map { String(cString: $0) }

    let house = House()
    let place: String
    /// The name of its schema, and of the sessions on it.
    let schema: String
    let notices = Notices()

    init() throws {
      schema = "s" + String(UInt64.random(in: .min ... .max), radix: 36)
      place = "\(Self.target ?? "")?options=-csearch_path%3D\(schema)&application_name=\(schema)"
      try PostgreSQLStore.create(place, identity: house.identity, chain: house.chain)
    }

    func open() throws(StoreError) -> PostgreSQLStore {
      var options = PostgreSQLStore.Options()
      let notices = notices
      options.notice = { notices.add($0) }
      return try PostgreSQLStore(place, chain: house.chain, options: options)
    }

    /// A session of a stranger's on the ledger's schema.
    func connect() throws -> Connection { try Connection(place) }
  }

#endif
