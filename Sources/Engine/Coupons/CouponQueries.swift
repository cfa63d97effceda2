// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import Secrets
package import Store
import StoredValue

/// What `coupon.verify` finds.
package enum CouponVerdict: Sendable {
  /// It can be used now; the worth where a price was asked.
  case good(CouponFacts, CouponWorth)
  /// It cannot, for this reason.
  case bad(CouponFacts, CouponRefusal)
  /// The card that was named serves nothing now.
  case barred(CouponFacts, RefusalCode)
  /// It is no coupon of this ledger.
  case unread(RefusalCode)
}

extension Engine {
  var coupons: CouponDesk {
    let working = working
    return CouponDesk(working: working, now: now(in: working), office: office)
  }

  /// Whether a coupon can be used now, here and by whom; nothing changes.
  ///
  /// A forged or damaged payload is told by its form and tag alone.
  package func verify(
    _ name: CouponName, price: PriceAsked, store: String?, account: AccountName?,
    holding reservations: Set<ReservationID>
  ) throws(Interruption) -> CouponVerdict {
    let coupons = coupons
    let serial: CouponSerial
    do {
      serial = try coupons.serial(of: name)
    } catch {
      return .unread(error.code)
    }
    let owner: Account? = if let account { try working.find(account) } else { nil }
    return try reading { () throws(StoreError) in
      guard let facts = try coupons.facts(serial) else { return .unread(.notFound) }
      do throws(Refusal) {
        try owner?.judge(.active)
      } catch {
        return .barred(facts, error.code)
      }
      let occasion = coupons.occasion(store: store, account: owner)
      let barrier = coupons.barrier(to: facts, on: occasion, holding: reservations)
      let worth = try coupons.worth(
        of: facts, for: price, account: owner?.id, barrier: barrier)
      switch worth {
      case .success(let worth): return .good(facts, worth)
      case .failure(let reason): return .bad(facts, reason)
      }
    }
  }

  /// The refusal of a payload that can never have been, and never will be, a coupon of this ledger;
  /// nil for all others.
  ///
  /// Takes no look into the ledger.
  package func screen(_ payload: String) -> Refusal? {
    switch tokens.signer.read(payload) {
    case .success, .failure(.unknownKey): nil
    case .failure(let problem): Refusal(problem.code, field: "/payload")
    }
  }

  /// A coupon with its campaign; refuses what is no coupon of this ledger.
  package func coupon(_ name: CouponName) throws(Interruption) -> CouponFacts {
    try coupons.facts(name)
  }

  /// The payload of a coupon, as it is printed.
  package func payload(of coupon: Coupon) -> String { coupons.payload(of: coupon) }

  /// The payloads of coupons just issued, in their order.
  package func payloads(of issue: Change.Issue) -> [String] {
    let coupons = coupons
    return issue.coupons.map { serial in
      coupons.payload(of: serial, end: issue.end, keyID: issue.keyID)
    }
  }

  /// A campaign with its terms; `not_found` when there is none.
  package func campaign(
    _ number: CampaignNumber
  ) throws(Interruption) -> (campaign: Campaign, terms: CampaignTerms) {
    guard let campaign = try reading({ () throws(StoreError) in try working.campaign(number) })
    else { throw .refused(Refusal(.notFound, field: "/campaign_id")) }
    return (campaign, try terms(of: campaign))
  }

  package func terms(of campaign: Campaign) throws(Interruption) -> CampaignTerms {
    try reading { () throws(StoreError) in try tokens.book.terms(of: campaign) }
  }

  /// Campaigns before `cursor`, the newest first.
  package func campaigns(
    before cursor: CampaignNumber?, limit: Int
  ) throws(Interruption) -> [Campaign] {
    try reading { () throws(StoreError) in try working.campaigns(before: cursor, limit: limit) }
  }

  /// Coupons of the selection after `cursor`, in order of their ids.
  package func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(Interruption) -> [CouponFacts] {
    let coupons = coupons
    return try reading { () throws(StoreError) in
      var found: [CouponFacts] = []
      for coupon in try working.coupons(selection, after: cursor, limit: limit) {
        found.append(try coupons.facts(of: coupon))
      }
      return found
    }
  }

  /// What a cart would cost now; changes nothing.
  package func quote(
    _ request: CheckoutRequest, store: String?
  ) throws(Interruption) -> PricedCheckout {
    let account: Account? = if let name = request.account { try working.find(name) } else { nil }
    if account?.status == .closed { throw .refused(Refusal(.accountClosed)) }
    let coupons = coupons
    return try reading { () throws(StoreError) in
      try coupons.price(request, store: store, account: account)
    }
  }
}
