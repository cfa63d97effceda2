// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore

/// What a program says of coupons (contract §3, coupons).
extension Fields {
  func couponRules() throws(ProgramProblem) -> CouponRules {
    var rules = CouponRules()
    guard
      let coupons = try section(
        "coupons", allowing: ["max_per_checkout", "application_order", "partial_return"])
    else { return rules }
    if let most = try coupons["max_per_checkout"]?.integer(in: 1...100) {
      rules.maximumPerCheckout = Int(most)
    }
    if let order = coupons["application_order"] {
      let kinds = try order.distinct(atMost: CouponKind.allCases.count) {
        item throws(ProgramProblem) -> CouponKind in try item.choice()
      }
      guard kinds.count == CouponKind.allCases.count else {
        throw order.problem("must name item, percent, threshold and cash, each once")
      }
      rules.applicationOrder = kinds
    }
    rules.partialReturn = try coupons["partial_return"]?.choice() ?? rules.partialReturn
    return rules
  }
}
