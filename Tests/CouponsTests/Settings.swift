// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// How much these tests do and from which seed: what the environment says, else these sizes.
enum Settings {
  /// Carts priced by both the engine and the plain oracle.
  static let oracleCarts = number("SCRIP_COUPON_ORACLE_CARTS", 1500)
  /// Carts whose best combination is compared with all permitted ones.
  static let bruteCarts = number("SCRIP_COUPON_BRUTE_CARTS", 300)
  /// The most coupons of such a cart; all their subsets are priced.
  static let bruteCoupons = number("SCRIP_COUPON_BRUTE_COUPONS", 7)
  /// Carts whose bounds are compared with what sets really come to.
  static let boundCarts = number("SCRIP_COUPON_BOUND_CARTS", 150)
  /// Carts of 64 coupons and 200 lines; 0 measures nothing.
  static let benchCarts = number("SCRIP_COUPON_BENCH_CARTS", 0)
  /// The first seed; `SCRIP_SEED` names another.
  static let seed = UInt64(number("SCRIP_SEED", 1))

  private static func number(_ name: String, _ normal: Int) -> Int {
    guard let text = getenv(name), let value = Int(String(cString: text)), value >= 0 else {
      return normal
    }
    return value
  }
}
