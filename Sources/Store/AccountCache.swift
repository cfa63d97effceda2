// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

/// Accounts read lately, in two generations: when the young one is full the old one is dropped.
struct AccountCache {
  /// How many accounts one generation keeps.
  private static let capacity = 8192
  private var young: [AccountID: Account] = [:]
  private var old: [AccountID: Account] = [:]

  mutating func find(_ id: AccountID) -> Account? {
    if let account = young[id] { return account }
    guard let account = old[id] else { return nil }
    keep(account)
    return account
  }

  mutating func keep(_ account: Account) {
    if young.count >= Self.capacity {
      old = young
      young = [:]
    }
    young[account.id] = account
  }
}
