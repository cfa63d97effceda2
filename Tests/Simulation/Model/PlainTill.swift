// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What the model knows of campaigns, coupons and checkouts.
struct PlainTill: Sendable {
  struct Campaign: Sendable {
    var entry: Int
  }

  var campaigns: [Campaign] = []

  func standing(ofCheckout entry: Int) -> String { "posted" }
}

extension PlainShop {
  mutating func giveCoupons(_ rules: [PlainRules.Bonus], to card: Int, topUp: Int) -> Plain { [] }
  mutating func takeCouponsBack(ofTopUp entry: Int) -> [Plain] { [] }
  mutating func screen(_ request: PlainRequest) throws(PlainRefusal) {}
  mutating func changeCoupons(_ request: PlainRequest) throws(PlainRefusal) -> Plain { [:] }
  func readCoupons(_ request: PlainRequest) throws(PlainRefusal) -> Plain { [:] }
}

extension RequestWriter {
  static let couponMethods = ["campaign.create"]
  mutating func couponParams(_ method: String) -> [String: Plain] { [:] }
}
