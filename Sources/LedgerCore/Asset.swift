// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a lot, entry or posting counts.
///
/// Money is the first asset; points or visits may follow.
///
/// Raw values stand in the journal and are never reused.
package enum Asset: UInt8, Sendable, CaseIterable {
  case money = 1
}
