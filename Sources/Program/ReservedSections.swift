// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The sections that are read and kept, and that nothing acts on yet.
extension Fields {
  private enum CouponKind: String, CaseIterable {
    case item
    case percent
    case threshold
    case cash
  }

  private enum PartialReturn: String, CaseIterable {
    case share
    case reprice
  }

  func checkCoupons() throws(ProgramProblem) {
    guard
      let coupons = try section(
        "coupons", allowing: ["max_per_checkout", "application_order", "partial_return"])
    else { return }
    _ = try coupons["max_per_checkout"]?.integer(in: 1...100)
    if let order = coupons["application_order"] {
      let kinds = try order.distinct(atMost: CouponKind.allCases.count) {
        item throws(ProgramProblem) -> CouponKind in try item.choice()
      }
      guard kinds.count == CouponKind.allCases.count else {
        throw order.problem("must name item, percent, threshold and cash, each once")
      }
    }
    let _: PartialReturn? = try coupons["partial_return"]?.choice()
  }

  func checkAnomaly() throws(ProgramProblem) {
    guard let anomaly = try section("anomaly", allowing: ["rules"]), let rules = anomaly["rules"]
    else { return }
    guard rules.value.kind == .array, rules.value.count == 0 else {
      throw rules.problem("must be an empty array: anomaly rules are not served by this version")
    }
  }
}
