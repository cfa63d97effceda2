// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Why a coupon is not used; the raw value is what stands on the wire (contract §5 and §9).
///
/// In order of precedence: the first that holds is the one named.
package enum CouponRefusal: String, Error, Sendable, CaseIterable {
  /// The list names the coupon a second time.
  case duplicate
  /// Its time is over.
  case expired
  /// Its campaign has not begun.
  case notYetValid = "not_yet_valid"
  /// None of its weekday and time windows is open.
  case outsideWindow = "outside_window"
  /// The campaign takes this day out.
  case blackout
  case alreadyRedeemed = "already_redeemed"
  case reserved
  case void
  case paused
  /// The campaign is for other stores.
  case wrongStore = "wrong_store"
  /// The coupon belongs to another account, or asks for a level that the account has not.
  case wrongAccount = "wrong_account"
  /// It does not go with the coupons that are taken.
  case notCombinable = "not_combinable"
  /// As many coupons are taken as the program allows.
  case checkoutLimit = "checkout_limit"
  /// What its lines have left at its turn is below its minimum.
  case belowMinimum = "below_minimum"
  /// It comes to nothing: none of its lines has anything left for it.
  case noEligibleItems = "no_eligible_items"
  /// A cap of its campaign leaves no room for it.
  case capReached = "cap_reached"
}
