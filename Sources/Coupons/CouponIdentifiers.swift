// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// An issued coupon's name, `cpn_…`; ordered by its bytes (contract §9, Coupon arithmetic).
package struct CouponID: Hashable, Comparable, Sendable {
  package let label: Label

  package init(_ text: String) { label = Label(text) }

  package var text: String { label.text }

  package static func < (left: CouponID, right: CouponID) -> Bool { left.label < right.label }
}

/// A campaign's name, `cmp_…`.
package struct CampaignID: Hashable, Comparable, Sendable {
  package let label: Label

  package init(_ text: String) { label = Label(text) }

  package var text: String { label.text }

  package static func < (left: CampaignID, right: CampaignID) -> Bool { left.label < right.label }
}
