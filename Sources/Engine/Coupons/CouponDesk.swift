// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import Program
import Secrets
import Store
import StoredValue

/// How a request names a coupon.
package enum CouponName: Hashable, Sendable {
  /// A payload as a scanner reads it.
  case payload(String)
  case serial(CouponSerial)
}

/// A coupon with what belongs to it.
package final class CouponFacts: Sendable {
  package let coupon: Coupon
  package let campaign: Campaign
  package let terms: CampaignTerms

  init(coupon: Coupon, campaign: Campaign, terms: CampaignTerms) {
    self.coupon = coupon
    self.campaign = campaign
    self.terms = terms
  }
}

/// Where coupons are looked up and judged, for queries and for decisions alike.
struct CouponDesk {
  let working: WorkingSet
  let now: Instant
  private let office: Office
  /// How many coupons one checkout takes where the program sets no limit; its uses are numbered by
  /// one byte.
  private static let checkoutLimit = 100

  init(working: WorkingSet, now: Instant, office: Office) {
    self.working = working
    self.now = now
    self.office = office
  }

  var calendar: BusinessCalendar { office.calendar }
  var signer: CouponSigner { office.tokens.signer }
  var book: TermsBook { office.tokens.book }
  /// The program's, with a limit where it sets none.
  var rules: CouponRules {
    var rules = office.program.coupons
    rules.maximumPerCheckout = rules.maximumPerCheckout ?? Self.checkoutLimit
    return rules
  }
  var date: BusinessDate { calendar.date(at: now) }

  // MARK: Looking up

  /// The serial that a name stands for; a payload is judged by its form and tag alone.
  func serial(of name: CouponName) throws(Refusal) -> CouponSerial {
    switch name {
    case .serial(let serial): return serial
    case .payload(let text):
      switch signer.read(text) {
      case .success(let token):
        return CouponSerial(high: token.serialHigh, low: token.serialLow)
      case .failure(let problem): throw Refusal(problem.code, field: "/payload")
      }
    }
  }

  /// The coupon of this serial with its campaign; nil when none was issued.
  func facts(_ serial: CouponSerial) throws(StoreError) -> CouponFacts? {
    guard let coupon = try working.coupon(serial) else { return nil }
    return try facts(of: coupon)
  }

  func facts(of coupon: Coupon) throws(StoreError) -> CouponFacts {
    let campaign = try working.campaign(of: coupon)
    return CouponFacts(coupon: coupon, campaign: campaign, terms: try book.terms(of: campaign))
  }

  /// The coupon that a name stands for; refuses what is no coupon of this ledger.
  func facts(_ name: CouponName) throws(Interruption) -> CouponFacts {
    let serial: CouponSerial
    do {
      serial = try self.serial(of: name)
    } catch {
      throw .refused(error)
    }
    guard let facts = try reading({ () throws(StoreError) in try facts(serial) }) else {
      throw .refused(Refusal(.notFound, field: name.field))
    }
    return facts
  }

  // MARK: Judging

  func occasion(store: String?, account: Account?) -> Occasion {
    let wall = calendar.wallTime(at: now)
    return Occasion(
      moment: LocalMoment(
        instant: now, date: wall.date, millisecondsOfDay: wall.millisecondsOfDay),
      store: store.map { Label($0) }, account: account?.id,
      level: account?.level.map { Label($0) })
  }

  /// Why the coupon cannot be used on this occasion whatever is in the cart; nil when it can.
  ///
  /// - Parameter held: the reservations that the request itself holds.
  func barrier(
    to facts: CouponFacts, on occasion: Occasion, holding held: Set<ReservationID> = []
  ) -> CouponRefusal? {
    let coupon = facts.coupon
    var state: CouponRefusal?
    switch coupon.state {
    case .redeemed: state = .alreadyRedeemed
    case .void: state = .void
    case .free, .reserved:
      if let reservation = coupon.reservation(at: now), !held.contains(reservation.id) {
        state = .reserved
      } else if facts.campaign.isPaused {
        state = .paused
      }
    }
    return occasion.barrier(
      to: facts.terms, end: coupon.end, owner: coupon.owner, state: state)
  }

  /// What the caps leave for the use of this coupon by `account`; nil without caps.
  func allowance(
    for facts: CouponFacts, account: AccountID?
  ) throws(StoreError) -> Allowance? {
    guard facts.terms.caps != Caps() else { return nil }
    var share: UseCounts?
    if let account = facts.coupon.owner ?? account {
      share = try working.share(CampaignShare.Key(facts.campaign.number, account)).counts
    }
    return facts.terms.caps.allowance(of: facts.campaign.counts, share: share, on: date)
  }

  /// What the caps by account leave for the use of this coupon by `account`; nil without such caps,
  /// and where the use counts under nobody.
  func share(
    of facts: CouponFacts, account: AccountID?
  ) throws(StoreError) -> PricedCoupon.Share? {
    let caps = facts.terms.caps
    guard caps.perAccount != nil || caps.perAccountPerDay != nil,
      let account = facts.coupon.owner ?? account
    else { return nil }
    let counts = try working.share(CampaignShare.Key(facts.campaign.number, account)).counts
    return caps.room(toUseUnder: counts, on: date).map {
      PricedCoupon.Share(account: account, redemptions: $0)
    }
  }

  /// The coupon as pricing sees it.
  func priced(
    _ facts: CouponFacts, barrier: CouponRefusal?, share: PricedCoupon.Share? = nil
  ) -> PricedCoupon {
    PricedCoupon(
      id: CouponID(facts.coupon.serial.text), campaign: CampaignID(facts.campaign.number.text),
      terms: facts.terms, expiresAt: facts.coupon.end, barrier: barrier, share: share)
  }

  /// The payload of a coupon under the key it was issued with, or today's if that was revoked.
  func payload(of coupon: Coupon) -> String {
    payload(of: coupon.serial, end: coupon.end, keyID: coupon.keyID)
  }

  func payload(of serial: CouponSerial, end: Instant?, keyID: UInt8) -> String {
    let notAfter = CouponToken.notAfter(endingAt: end?.milliseconds)
    let parts = (high: serial.high, low: serial.low)
    if let own = signer.payload(serial: parts, notAfter: notAfter, keyID: keyID) { return own }
    let current = signer.payload(serial: parts, notAfter: notAfter, keyID: signer.signingKeyID)
    guard let current else { preconditionFailure("the signing key is held") }
    return current
  }
}

extension CouponName {
  /// The member of the params that names it.
  var field: String {
    switch self {
    case .payload: "/payload"
    case .serial: "/coupon_id"
    }
  }
}

extension CouponToken.Problem {
  package var code: RefusalCode {
    switch self {
    case .malformed: .malformed
    case .unknownIssuer: .unknownIssuer
    case .unknownKey: .unknownKey
    case .badSignature: .badSignature
    }
  }
}

extension CouponRefusal {
  /// The refusal of a request that uses one coupon.
  package var code: RefusalCode {
    switch self {
    case .expired: .expired
    case .notYetValid: .notYetValid
    case .outsideWindow: .outsideWindow
    case .blackout: .blackout
    case .alreadyRedeemed: .alreadyRedeemed
    case .reserved: .reserved
    case .void: .void
    case .paused: .paused
    case .wrongStore: .wrongStore
    case .wrongAccount: .wrongAccount
    case .belowMinimum: .belowMinimum
    case .noEligibleItems: .noEligibleItems
    case .capReached: .capReached
    case .duplicate, .notCombinable, .checkoutLimit:
      preconditionFailure("said of a coupon in a list only")
    }
  }
}

extension CouponFacts {
  /// The refusal of this coupon for `reason`, with what the cashier should know.
  func refusal(_ reason: CouponRefusal, field: String?) -> Refusal {
    let which: [Refusal.Detail] = [
      .init("coupon_id", coupon.serial.text), .init("campaign_id", coupon.campaign.text),
    ]
    return Refusal(reason.code, field: field, details: which + details(of: reason))
  }

  /// What goes with a reason: where and when it was used, or until when it is kept.
  package func details(of reason: CouponRefusal) -> [Refusal.Detail] {
    var details: [Refusal.Detail] = []
    switch (reason, coupon.state) {
    case (.alreadyRedeemed, .redeemed(let use)):
      details.append(.init("at", .instant(use.at)))
      details.append(.init("store_id", use.store))
      details.append(.init("terminal_id", use.terminal))
      details.append(.init("redemption_id", .text(use.redemption.text)))
    case (.reserved, .reserved(_, let until)): details.append(.init("until", .instant(until)))
    case (.void, .void(let at)): details.append(.init("at", .instant(at)))
    default: break
    }
    return details
  }
}
