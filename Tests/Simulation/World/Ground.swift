// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
package import Secrets
package import Store

/// Where a simulated ledger is kept: it outlives the processes that serve it.
package protocol Ground: AnyObject {
  /// Makes an empty ledger; once.
  func make(_ identity: LedgerIdentity, _ chain: HashChain) throws(StoreError)

  /// The store of the next process; `forgetting` without what was folded, where that can be made
  /// anew.
  func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore
}

/// Tables in memory, with a store that fails when it is told to.
final class MemoryGround: Ground {
  private let tables = FoldedTables()
  /// How many entries the store folds at a time; 0 for none ever.
  private let slice: Int
  private var identity: LedgerIdentity?
  private var store: SimulatedStore?

  init(slice: Int) { self.slice = slice }

  func make(_ identity: LedgerIdentity, _ chain: HashChain) { self.identity = identity }

  func open(_ chain: HashChain, forgetting: Bool) throws(StoreError) -> any LedgerStore {
    guard let identity else { preconditionFailure("a ledger is made before it is opened") }
    if forgetting { tables.forget() }
    let opened = try SimulatedStore(
      identity: identity, tables: tables, people: store?.people ?? [:], slice: slice)
    store = opened
    return opened
  }
}
