// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How much is measured.
struct BenchSettings {
  var cards = 100_000
  var history = 1_000_000
  var rounds = 5
  var seconds = 3.0
}
