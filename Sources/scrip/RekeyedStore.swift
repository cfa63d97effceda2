// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Secrets
import Store
import StoreSQLite

#if PostgreSQL
  import StorePostgreSQL
#endif

/// A store whose journal takes up newer keys while it is served.
protocol RekeyedStore: LedgerStore {
  /// Links and checks under these keys from now on; between groups, or while one begins.
  func adopt(_ chain: HashChain)

  /// What to ask for newer keys when an entry is linked under one that is not known here.
  var renewal: (() -> HashChain?)? { get set }
}

extension SQLiteStore: RekeyedStore {}

#if PostgreSQL
  extension PostgreSQLStore: RekeyedStore {}
#endif
