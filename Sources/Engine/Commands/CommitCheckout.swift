// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Store
import StoredValue

/// Uses coupons and pays from the card in one step, as `checkout.commit` asks.
package struct CommitCheckout: Command {
  package static let method = RequestMethod.checkoutCommit
  package let checkout: CheckoutRequest
  package let expectedPayable: Amount?
  package let storedValue: Amount
  package let pin: PIN?

  package init(
    checkout: CheckoutRequest, expectedPayable: Amount?, storedValue: Amount, pin: PIN?
  ) {
    self.checkout = checkout
    self.expectedPayable = expectedPayable
    self.storedValue = storedValue
    self.pin = pin
  }

  package var subject: Subject { checkout.account.map { .account($0) } ?? .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let account = try desk.account(checkout.account)
    let coupons = desk.coupons
    let priced = try reading { () throws(StoreError) in
      try coupons.price(checkout, store: desk.ticket.origin.store, account: account)
    }
    let problem = problem(with: priced)
    let changes = changes(priced, account: account?.id, rules: coupons.rules)
    guard let account else {
      if let problem { throw .refused(problem) }
      return try desk.entry(
        .checkout, changes, postings: .discount(priced.quote.discount))
    }
    let evidence = try desk.evidence(pin, for: account)
    let context = try desk.context(for: account.id, after: evidence)
    return Decided(
      account.checkOut(paying: storedValue, pin: evidence, in: context) { draft throws(Refusal) in
        if let problem { throw problem }
        for change in changes { draft.record(change) }
        for posting in [Posting].discount(priced.quote.discount) { draft.postLeg(posting) }
      })
  }

  private func problem(with priced: PricedCheckout) -> Refusal? {
    let payable = priced.quote.payable
    if let expectedPayable, expectedPayable != payable {
      return Refusal(
        .payableChanged, field: "/expected_payable",
        details: [.init("payable", payable), .init("expected", expectedPayable)])
    }
    guard storedValue <= payable else {
      return Refusal(
        .storedValueExceedsPayable, field: "/stored_value",
        details: [.init("payable", payable), .init("requested", storedValue)])
    }
    return nil
  }

  private func changes(
    _ priced: PricedCheckout, account: AccountID?, rules: CouponRules
  ) -> [Change] {
    var changes = priced.quote.applied.enumerated().map { index, applied in
      guard let facts = priced.facts[applied.coupon] else {
        preconditionFailure("a coupon that was priced was looked at")
      }
      return Change.couponRedeemed(
        Change.Redemption(
          coupon: facts.coupon.serial, campaign: facts.campaign.number,
          account: facts.coupon.owner ?? account, index: UInt8(index),
          discount: applied.discount, shares: applied.recorded))
    }
    let record = CheckoutRecord(
      cart: checkout.cart, rules: rules, refused: priced.refused, isOptimal: priced.isOptimal)
    changes.append(
      .checkedOut(
        Change.Checkout(
          cart: record.encoded(), subtotal: priced.quote.subtotal, payable: priced.quote.payable,
          storedValue: storedValue)))
    return changes
  }
}
