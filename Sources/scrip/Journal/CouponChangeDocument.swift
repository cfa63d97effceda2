// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore

extension Change {
  /// A change of campaigns and coupons; traps for any other.
  var couponTree: JSONTree {
    switch self {
    case .campaignCreated(let terms):
      Self.tree(
        "campaign_created",
        ["terms": (try? CampaignTerms.decode(encoded: terms))?.document ?? .null])
    case .campaignPaused(let campaign):
      Self.tree("campaign_paused", ["campaign_id": .string(campaign.text)])
    case .campaignResumed(let campaign):
      Self.tree("campaign_resumed", ["campaign_id": .string(campaign.text)])
    case .couponsIssued(let issue): issue.tree
    case .couponReserved(let coupon, let end):
      Self.tree("coupon_reserved", ["coupon_id": .string(coupon.text), "until": .time(end)])
    case .couponReleased(let coupon):
      Self.tree("coupon_released", ["coupon_id": .string(coupon.text)])
    case .couponRedeemed(let redemption): redemption.tree
    case .couponUnredeemed(let undone): undone.tree
    case .couponVoided(let voiding):
      Self.tree(
        "coupon_voided",
        [
          "coupon_id": .string(voiding.coupon.text),
          "campaign_id": .string(voiding.campaign.text),
          "account_id": .text(voiding.owner?.text),
        ])
    case .couponKept(let coupon): Self.tree("coupon_kept", ["coupon_id": .string(coupon.text)])
    case .checkedOut(let checkout):
      Self.tree(
        "checked_out",
        [
          "subtotal": .amount(checkout.subtotal), "payable": .amount(checkout.payable),
          "stored_value": .amount(checkout.storedValue),
          "record": .string(hexadecimal(checkout.cart)),
        ])
    default: preconditionFailure("not a change of coupons")
    }
  }
}

extension Change.Issue {
  fileprivate var tree: JSONTree {
    Change.tree(
      "coupons_issued",
      [
        "campaign_id": .string(campaign.text), "account_id": .text(owner?.text),
        "coupon_ids": .array(coupons.map { .string($0.text) }), "valid_until": .time(end),
        "key_id": .integer(Int64(keyID)), "topup_entry_id": .text(topUp?.text),
      ])
  }
}

extension Change.Redemption {
  fileprivate var tree: JSONTree {
    Change.tree(
      "coupon_redeemed",
      [
        "coupon_id": .string(coupon.text), "campaign_id": .string(campaign.text),
        "account_id": .text(account?.text), "index": .integer(Int64(index)),
        "discount": .amount(discount),
        "shares": .array(
          shares.map { ["line": .integer(Int64($0.line)), "amount": .amount($0.amount)] }),
      ])
  }
}

extension Change.Unredemption {
  fileprivate var tree: JSONTree {
    Change.tree(
      "coupon_unredeemed",
      [
        "redemption_id": .string(redemption.text), "coupon_id": .string(coupon.text),
        "campaign_id": .string(campaign.text), "account_id": .text(account?.text),
        "discount": .amount(discount), "business_date": .string(date.text),
      ])
  }
}

extension Change.GoodsReturn {
  func tree(on entry: EntryID) -> JSONTree {
    Change.tree(
      "marked",
      [
        "entry_id": .string(entry.text), "mark": "returned", "amount": .amount(amount),
        "to_card": .amount(toCard), "complete": .bool(isWhole),
        "units": .array(
          units.map { ["line": .integer(Int64($0.line)), "quantity": .integer($0.quantity)] }),
      ])
  }
}
