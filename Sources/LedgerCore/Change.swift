// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One elementary change of state that an entry makes: the journal's whole vocabulary.
///
/// Plain data; what each does to an account stands in one place, `Account.apply`.
package enum Change: Hashable, Sendable {
  case accountOpened(Opening)
  /// The card gets this number; the one it had names nothing ever after.
  case cardReplaced(CardNumber)
  case statusChanged(AccountStatus)
  case lotGranted(Grant)
  /// A pending lot has been paid: spendable from now on.
  case lotCleared(LotID)
  /// The top-up of this lot is undone; what was left of it goes.
  case lotWithdrawn(LotID, Amount)
  case lotTaken(LotID, Amount)
  case lotReturned(LotID, Amount)
  /// What was left of it, and not set aside by a hold, has expired.
  case lotLapsed(LotID, Amount)
  /// The card was closed: what was left of the lot was paid out or forfeited.
  case lotSettled(LotID, Amount)
  case holdPlaced(Hold)
  case holdEnded(HoldID)
  /// Adds to what counts against the daily limit of this business date; negative gives room back.
  case daySpent(BusinessDate, Int64)
  /// The encoded verifier of the new PIN; also ends counting and lock.
  case pinSet([UInt8])
  case pinFailed(lock: PINLock?)
  /// A wrong PIN was tried by repeating the request that made this entry.
  case pinProbed(EntryID)
  case pinCleared
  /// The document as it was given, in canonical JSON.
  case programSet([UInt8])
  case keyBlocked(IdempotencyKey)
  case marked(EntryID, Mark)
  /// What a closed card paid out.
  case settled(payout: Amount)
  /// A campaign on these encoded terms; named after the entry.
  case campaignCreated([UInt8])
  case campaignPaused(CampaignNumber)
  case campaignResumed(CampaignNumber)
  case couponsIssued(Issue)
  /// Kept for whoever has the reservation, which is named after the entry, until this instant.
  case couponReserved(CouponSerial, until: Instant)
  case couponReleased(CouponSerial)
  case couponRedeemed(Redemption)
  case couponUnredeemed(Unredemption)
  case couponVoided(Voiding)
  /// The top-up that gave this coupon is undone, but it has been used.
  case couponKept(CouponSerial)
  case checkedOut(Checkout)
  case alertRaised(AlertRaise)
  case alertCounted(AlertCount)
  case alertUpdated(AlertUpdate)
  case attemptDeclined(DeclinedAttempt)
  case alertAcknowledged(AlertAcknowledgement)
  case codesFailed(CodeFailures)

  /// Whether it changes records other than the account, those of coupons and alerts apart.
  package var isBesideAccount: Bool {
    switch self {
    case .accountOpened, .cardReplaced, .marked, .keyBlocked, .programSet: true
    case .statusChanged, .lotGranted, .lotCleared, .lotWithdrawn, .lotTaken, .lotReturned,
      .lotLapsed, .lotSettled, .holdPlaced, .holdEnded, .daySpent, .pinSet, .pinFailed,
      .pinProbed, .pinCleared, .settled, .campaignCreated, .campaignPaused, .campaignResumed,
      .couponsIssued, .couponReserved, .couponReleased, .couponRedeemed, .couponUnredeemed,
      .couponVoided, .couponKept, .checkedOut, .alertRaised, .alertCounted, .alertUpdated,
      .attemptDeclined, .alertAcknowledged, .codesFailed:
      false
    }
  }

  /// How an account began.
  package struct Opening: Hashable, Sendable {
    package let cardNumber: CardNumber
    package let registered: Bool
    package let level: String?
    /// Salted digest of the holder's particulars, which stand outside the journal.
    package let holderDigest: [UInt8]?

    package init(
      cardNumber: CardNumber, registered: Bool, level: String?, holderDigest: [UInt8]?
    ) {
      self.cardNumber = cardNumber
      self.registered = registered
      self.level = level
      self.holderDigest = holderDigest
    }
  }

  /// A new lot.
  package struct Grant: Hashable, Sendable {
    package let lot: LotID
    package let kind: LotKind
    package let asset: Asset
    package let amount: Amount
    package let releasePerDebit: Amount?
    package let expiresAt: Instant?
    /// The bonus rule that gave it; nil for principal.
    package let rule: String?
    package let pending: Bool

    package init(
      lot: LotID, kind: LotKind, asset: Asset = .money, amount: Amount,
      releasePerDebit: Amount? = nil, expiresAt: Instant? = nil, rule: String? = nil,
      pending: Bool = false
    ) {
      self.lot = lot
      self.kind = kind
      self.asset = asset
      self.amount = amount
      self.releasePerDebit = releasePerDebit
      self.expiresAt = expiresAt
      self.rule = rule
      self.pending = pending
    }
  }

  /// Value set aside: which lots, in the order a debit would take them.
  package struct Hold: Hashable, Sendable {
    package let id: HoldID
    package let parts: [Part]
    package let expiresAt: Instant

    package init(id: HoldID, parts: [Part], expiresAt: Instant) {
      self.id = id
      self.parts = parts
      self.expiresAt = expiresAt
    }

    package var amount: Amount { parts.reduce(into: .zero) { $0 += $1.amount } }
  }

  /// Some of a lot.
  package struct Part: Hashable, Sendable {
    package let lot: LotID
    package let amount: Amount

    package init(lot: LotID, amount: Amount) {
      self.lot = lot
      self.amount = amount
    }
  }

  /// What later entries did to an earlier one.
  package enum Mark: Hashable, Sendable {
    case refunded(Amount)
    case reversed
    case cleared
    case bounced
    case captured
    case released
    case returned(GoodsReturn)
  }
}
