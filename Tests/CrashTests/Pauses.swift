// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds

extension SplitMix64 {
  /// Seconds, uniform up to a number of milliseconds.
  mutating func seconds(upToMilliseconds most: Int) -> Double {
    Double.random(in: 0...Double(most), using: &self) / 1000
  }
}
