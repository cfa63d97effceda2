// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Prints how much a test has really done, in the line that the release gate adds up (`.ci/gate`).
package func counted(_ test: String, _ count: Int, _ what: String) {
  print("counted \(test): \(count) \(what)")
}
