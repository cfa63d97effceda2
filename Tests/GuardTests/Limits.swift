// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The most that a debit may cost, in counts that are the same on every machine.
///
/// Who makes a debit cheaper lowers them; who raises one says why in spec/performance.md.
enum Limits {
  /// Syncs of the journal for each group of requests that were served together.
  static let syncsPerGroup = 1.0
  /// Pages of 4 KiB written to the journal's log for each debit, 64 served together.
  static let pagesPerDebit64 = 0.11
  /// The same for debits served one by one.
  static let pagesPerDebit1 = 1.2
  /// Instructions for each debit of 64, folding included, in the release build.
  static let instructionsPerDebit64 = 100_500.0
}
