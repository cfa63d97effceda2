// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Secrets

/// What coupons need of secrets and memory: one for each engine.
struct CouponTokens {
  let signer: CouponSigner
  let book: TermsBook
}
