// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser

/// `scrip coupon`: what people do with single coupons.
struct CouponCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coupon", abstract: "Draws coupons as QR codes.", subcommands: [CouponQR.self])
}
