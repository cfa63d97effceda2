// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// How much is played; `SCRIP_SIMULATIONS` and the like raise it.
enum Settings {
  static let seeds = first...(first + UInt64(number("SCRIP_SIMULATIONS") ?? 60) - 1)
  /// On disks and servers, where a program takes longer.
  static let groundSeeds = first...(first + UInt64(number("SCRIP_GROUND_SIMULATIONS") ?? 8) - 1)
  static let operations = number("SCRIP_SIMULATION_STEPS") ?? 300
  static let listings = number("SCRIP_LISTINGS") ?? 400
  private static let first = UInt64(number("SCRIP_SIMULATION_SEED") ?? 1)

  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }
}
