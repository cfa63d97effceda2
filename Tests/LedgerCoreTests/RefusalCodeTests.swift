// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct RefusalCodeTests {
  @Test func `names and numbers are used once, and names are snake case`() {
    let codes = RefusalCode.allCases
    #expect(Set(codes.map(\.name)).count == codes.count)
    #expect(Set(codes.map(\.rawValue)).count == codes.count)
    for code in codes {
      #expect(
        code.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }, "\(code.name)")
    }
  }

  /// The bands of contract §2 by name: a code that moves to another band changes its meaning.
  @Test func `every code lies in the band of its category`() {
    let bands: [Int: Set<String>] = [
      1: [
        "account_closed", "account_lost", "account_frozen", "purchase_gate", "pin_required",
        "pin_not_set", "pin_locked", "pin_incorrect", "limit_exceeded", "first_day_limit",
        "insufficient_funds", "expired", "not_yet_valid", "outside_window", "blackout", "void",
        "paused", "wrong_store", "wrong_account", "below_minimum", "no_eligible_items",
        "cap_reached", "declined_by_rule",
      ],
      2: [
        "pin_format", "program_invalid", "holder_required", "malformed", "unknown_issuer",
        "unknown_key", "bad_signature", "stored_value_exceeds_payable", "price_required",
      ],
      3: ["not_found", "unknown_rule"],
      4: [
        "idempotency_conflict", "original_reversed", "not_frozen", "card_in_use",
        "pin_already_set", "not_pending", "not_reversible", "not_refundable", "already_reversed",
        "already_refunded", "refund_exceeds_debit", "already_spent", "value_held",
        "hold_not_live", "capture_exceeds_hold", "holds_open", "topup_pending", "clock_backwards",
        "already_redeemed", "reserved", "reservation_not_live", "already_unredeemed",
        "checkout_redemption", "already_paused", "not_paused", "payable_changed",
      ],
      5: ["lost_card_forfeit", "test_mode_only", "pin_key_missing"],
      6: ["storage_full", "unavailable"],
    ]
    for code in RefusalCode.allCases {
      #expect(bands[code.rawValue / 1000]?.contains(code.name) == true, "\(code.name)")
    }
    #expect(bands.values.map(\.count).reduce(0, +) == RefusalCode.allCases.count)
  }

  /// The order of contract §2 and §9, pair by pair: the earlier is answered where both hold.
  @Test(
    arguments: [
      (.pinFormat, .notFound), (.idempotencyConflict, .notFound), (.notFound, .accountClosed),
      (.accountClosed, .accountLost), (.accountLost, .accountFrozen),
      (.accountFrozen, .pinRequired),
      (.pinRequired, .pinNotSet), (.pinNotSet, .pinLocked), (.pinLocked, .pinIncorrect),
      (.pinIncorrect, .limitExceeded), (.limitExceeded, .firstDayLimit),
      (.firstDayLimit, .insufficientFunds), (.cardInUse, .purchaseGate),
      (.purchaseGate, .limitExceeded), (.lostCardForfeit, .cardInUse), (.holdsOpen, .topUpPending),
      (.alreadySpent, .valueHeld), (.holdNotLive, .captureExceedsHold),
      (.badSignature, .notFound), (.notFound, .expired), (.accountFrozen, .expired),
      (.expired, .notYetValid), (.notYetValid, .outsideWindow), (.outsideWindow, .blackout),
      (.blackout, .alreadyRedeemed), (.alreadyRedeemed, .reserved), (.reserved, .void),
      (.void, .paused), (.paused, .wrongStore), (.wrongStore, .wrongAccount),
      (.wrongAccount, .belowMinimum), (.belowMinimum, .noEligibleItems),
      (.noEligibleItems, .capReached), (.pinIncorrect, .payableChanged),
      (.payableChanged, .storedValueExceedsPayable),
      (.storedValueExceedsPayable, .limitExceeded),
    ] as [(RefusalCode, RefusalCode)])
  func `the codes are listed in order of precedence`(earlier: RefusalCode, later: RefusalCode) {
    let codes = RefusalCode.allCases
    let positions = (codes.firstIndex(of: earlier) ?? .max, codes.firstIndex(of: later) ?? .max)
    #expect(positions.0 < positions.1)
  }

  @Test func `a refusal carries what it was made of`() {
    let refusal = Refusal(
      .pinLocked, field: "/pin",
      details: [.init("held", Amount(5)), .init("locked_until", .instant(.latest))])
    #expect(refusal.code == .pinLocked)
    #expect(refusal.field == "/pin")
    #expect(refusal.details.map(\.name) == ["held", "locked_until"])
    #expect(refusal.details.first?.value == .integer(5))
    #expect(Refusal(.notFound) == Refusal(.notFound, field: nil, details: []))
  }
}
