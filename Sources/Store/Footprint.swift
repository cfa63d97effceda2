// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the requests of the next group name, so that a store may read it all at once.
///
/// Only a hint: what it leaves out is read when it is asked for, what it names in vain costs a
/// little.
package struct Footprint: Sendable {
  package var keys: Set<IdempotencyKey> = []
  package var accounts: Set<AccountID> = []
  package var cards: Set<CardNumber> = []
  package var entries: Set<EntryID> = []
  package var coupons: Set<CouponSerial> = []
  /// Terminals, operators and stores; an account's own record comes with the account.
  package var subjects: Set<WatchedSubject> = []

  package init() {}
}
