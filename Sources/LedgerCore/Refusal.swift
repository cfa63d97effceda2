// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A request that is answered no: an expected outcome, not an error of the engine.
///
/// It changes nothing but, where a PIN was tried, the attempt counter (INV-15).
package struct Refusal: Error, Hashable, Sendable {
  package let code: RefusalCode
  /// The member of the params it is about, as a JSON pointer; nil when it is about none.
  package var field: String?
  package var details: [Detail]

  package init(_ code: RefusalCode, field: String? = nil, details: [Detail] = []) {
    self.code = code
    self.field = field
    self.details = details
  }

  /// A named fact that goes with a refusal.
  package struct Detail: Hashable, Sendable {
    package let name: String
    package let value: Value

    package init(_ name: String, _ value: Value) {
      self.name = name
      self.value = value
    }

    /// A text, or that there is none.
    package init(_ name: String, _ text: String?) {
      self.init(name, text.map { .text($0) } ?? .absent)
    }

    package init(_ name: String, _ value: Amount) {
      self.init(name, .integer(value.minorUnits))
    }
  }

  package enum Value: Hashable, Sendable {
    case integer(Int64)
    case text(String)
    case instant(Instant)
    /// Known not to be there.
    case absent
  }
}

/// Every reason for a refusal, in order of precedence; the raw value is the number on the wire.
///
/// Bands: 1xxx declined, 2xxx invalid, 3xxx not found, 4xxx conflict, 5xxx not permitted,
/// 6xxx try again. Numbers and names are never reused (contract §2, Errors).
package enum RefusalCode: Int, Sendable, CaseIterable {
  case pinFormat = 2001
  case programInvalid = 2002
  case idempotencyConflict = 4001
  case originalReversed = 4002
  case malformed = 2010
  case unknownIssuer = 2011
  case unknownKey = 2012
  case badSignature = 2013
  case notFound = 3001
  case accountClosed = 1001
  case accountLost = 1002
  case accountFrozen = 1003
  case notFrozen = 4003
  case lostCardForfeit = 5001
  case cardInUse = 4004
  case purchaseGate = 1010
  case holderRequired = 2003
  case pinAlreadySet = 4005
  case pinRequired = 1020
  case pinNotSet = 1021
  case pinLocked = 1022
  case pinKeyMissing = 5003
  case pinIncorrect = 1023
  case notPending = 4010
  case notReversible = 4011
  case notRefundable = 4012
  case alreadyReversed = 4013
  case alreadyRefunded = 4014
  case refundExceedsDebit = 4015
  case alreadySpent = 4016
  case valueHeld = 4017
  case holdNotLive = 4018
  case captureExceedsHold = 4019
  case holdsOpen = 4020
  case topUpPending = 4021
  case expired = 1041
  case notYetValid = 1042
  case outsideWindow = 1043
  case blackout = 1044
  case alreadyRedeemed = 4040
  case reserved = 4041
  case void = 1045
  case paused = 1046
  case wrongStore = 1047
  case wrongAccount = 1048
  case belowMinimum = 1049
  case noEligibleItems = 1050
  case capReached = 1051
  case priceRequired = 2015
  case reservationNotLive = 4042
  case alreadyUnredeemed = 4043
  case checkoutRedemption = 4044
  case alreadyPaused = 4045
  case notPaused = 4046
  case payableChanged = 4047
  case storedValueExceedsPayable = 2014
  case limitExceeded = 1030
  case firstDayLimit = 1031
  case insufficientFunds = 1032
  case declinedByRule = 1040
  case unknownRule = 3002
  case clockBackwards = 4030
  case testModeOnly = 5002
  case storageFull = 6001
  case unavailable = 6002

  /// The stable name: the contract.
  package var name: String {
    switch self {
    case .pinFormat: "pin_format"
    case .programInvalid: "program_invalid"
    case .idempotencyConflict: "idempotency_conflict"
    case .originalReversed: "original_reversed"
    case .malformed: "malformed"
    case .unknownIssuer: "unknown_issuer"
    case .unknownKey: "unknown_key"
    case .badSignature: "bad_signature"
    case .notFound: "not_found"
    case .accountClosed: "account_closed"
    case .accountLost: "account_lost"
    case .accountFrozen: "account_frozen"
    case .notFrozen: "not_frozen"
    case .lostCardForfeit: "lost_card_forfeit"
    case .cardInUse: "card_in_use"
    case .purchaseGate: "purchase_gate"
    case .holderRequired: "holder_required"
    case .pinAlreadySet: "pin_already_set"
    case .pinRequired: "pin_required"
    case .pinNotSet: "pin_not_set"
    case .pinLocked: "pin_locked"
    case .pinIncorrect: "pin_incorrect"
    case .notPending: "not_pending"
    case .notReversible: "not_reversible"
    case .notRefundable: "not_refundable"
    case .alreadyReversed: "already_reversed"
    case .alreadyRefunded: "already_refunded"
    case .refundExceedsDebit: "refund_exceeds_debit"
    case .alreadySpent: "already_spent"
    case .valueHeld: "value_held"
    case .holdNotLive: "hold_not_live"
    case .captureExceedsHold: "capture_exceeds_hold"
    case .holdsOpen: "holds_open"
    case .topUpPending: "topup_pending"
    case .expired: "expired"
    case .notYetValid: "not_yet_valid"
    case .outsideWindow: "outside_window"
    case .blackout: "blackout"
    case .alreadyRedeemed: "already_redeemed"
    case .reserved: "reserved"
    case .void: "void"
    case .paused: "paused"
    case .wrongStore: "wrong_store"
    case .wrongAccount: "wrong_account"
    case .belowMinimum: "below_minimum"
    case .noEligibleItems: "no_eligible_items"
    case .capReached: "cap_reached"
    case .priceRequired: "price_required"
    case .reservationNotLive: "reservation_not_live"
    case .alreadyUnredeemed: "already_unredeemed"
    case .checkoutRedemption: "checkout_redemption"
    case .alreadyPaused: "already_paused"
    case .notPaused: "not_paused"
    case .payableChanged: "payable_changed"
    case .storedValueExceedsPayable: "stored_value_exceeds_payable"
    case .limitExceeded: "limit_exceeded"
    case .firstDayLimit: "first_day_limit"
    case .insufficientFunds: "insufficient_funds"
    case .declinedByRule: "declined_by_rule"
    case .unknownRule: "unknown_rule"
    case .clockBackwards: "clock_backwards"
    case .testModeOnly: "test_mode_only"
    case .pinKeyMissing: "pin_key_missing"
    case .storageFull: "storage_full"
    case .unavailable: "unavailable"
    }
  }
}
