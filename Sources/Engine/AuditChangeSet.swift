// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

extension Audit {
  /// A set of elementary changes by what they are, whatever they say.
  struct ChangeSet: OptionSet {
    let rawValue: UInt64

    static let opened = ChangeSet(rawValue: 1 << 0)
    static let replaced = ChangeSet(rawValue: 1 << 1)
    static let status = ChangeSet(rawValue: 1 << 2)
    static let granted = ChangeSet(rawValue: 1 << 3)
    static let cleared = ChangeSet(rawValue: 1 << 4)
    static let withdrawn = ChangeSet(rawValue: 1 << 5)
    static let taken = ChangeSet(rawValue: 1 << 6)
    static let returned = ChangeSet(rawValue: 1 << 7)
    static let lapsed = ChangeSet(rawValue: 1 << 8)
    static let settled = ChangeSet(rawValue: 1 << 9)
    static let placed = ChangeSet(rawValue: 1 << 10)
    static let ended = ChangeSet(rawValue: 1 << 11)
    static let day = ChangeSet(rawValue: 1 << 12)
    static let pinSet = ChangeSet(rawValue: 1 << 13)
    static let pinFailed = ChangeSet(rawValue: 1 << 14)
    static let pinProbed = ChangeSet(rawValue: 1 << 15)
    static let pinCleared = ChangeSet(rawValue: 1 << 16)
    static let program = ChangeSet(rawValue: 1 << 17)
    static let blocked = ChangeSet(rawValue: 1 << 18)
    static let marked = ChangeSet(rawValue: 1 << 19)
    static let payout = ChangeSet(rawValue: 1 << 20)
    static let campaignCreated = ChangeSet(rawValue: 1 << 21)
    static let campaignPaused = ChangeSet(rawValue: 1 << 22)
    static let campaignResumed = ChangeSet(rawValue: 1 << 23)
    static let issued = ChangeSet(rawValue: 1 << 24)
    static let reserved = ChangeSet(rawValue: 1 << 25)
    static let couponReleased = ChangeSet(rawValue: 1 << 26)
    static let redeemed = ChangeSet(rawValue: 1 << 27)
    static let unredeemed = ChangeSet(rawValue: 1 << 28)
    static let voided = ChangeSet(rawValue: 1 << 29)
    static let kept = ChangeSet(rawValue: 1 << 30)
    static let checkedOut = ChangeSet(rawValue: 1 << 31)
    static let alerts = ChangeSet(rawValue: 1 << 40)
    static let attempt = ChangeSet(rawValue: 1 << 41)
    static let acknowledged = ChangeSet(rawValue: 1 << 42)
    static let codes = ChangeSet(rawValue: 1 << 43)

    /// Those of which one entry may hold several.
    static let plural: ChangeSet = [
      .granted, .withdrawn, .taken, .returned, .lapsed, .settled, .issued, .redeemed, .unredeemed,
      .voided, .kept, .alerts,
    ]

    private static let names = [
      "account opened", "card replaced", "status changed", "lot granted", "lot cleared",
      "lot withdrawn", "lot taken from", "lot given back to", "lot lapsed", "lot settled",
      "hold placed", "hold ended", "day's spending", "PIN set", "PIN failed", "PIN probed",
      "PIN cleared", "program set", "key blocked", "entry marked", "payout", "campaign created",
      "campaign paused", "campaign resumed", "coupons issued", "coupon reserved",
      "coupon released", "coupon redeemed", "coupon unredeemed", "coupon void", "coupon kept",
      "checkout",
    ]

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ change: Change) {
      switch change {
      case .accountOpened: self = .opened
      case .cardReplaced: self = .replaced
      case .statusChanged: self = .status
      case .lotGranted: self = .granted
      case .lotCleared: self = .cleared
      case .lotWithdrawn: self = .withdrawn
      case .lotTaken: self = .taken
      case .lotReturned: self = .returned
      case .lotLapsed: self = .lapsed
      case .lotSettled: self = .settled
      case .holdPlaced: self = .placed
      case .holdEnded: self = .ended
      case .daySpent: self = .day
      case .pinSet: self = .pinSet
      case .pinFailed: self = .pinFailed
      case .pinProbed: self = .pinProbed
      case .pinCleared: self = .pinCleared
      case .programSet: self = .program
      case .keyBlocked: self = .blocked
      case .marked: self = .marked
      case .settled: self = .payout
      case .alertRaised, .alertCounted, .alertUpdated: self = .alerts
      case .attemptDeclined: self = .attempt
      case .alertAcknowledged: self = .acknowledged
      case .codesFailed: self = .codes
      default: self = ChangeSet(ofCoupons: change)
      }
    }

    private init(ofCoupons change: Change) {
      switch change {
      case .campaignCreated: self = .campaignCreated
      case .campaignPaused: self = .campaignPaused
      case .campaignResumed: self = .campaignResumed
      case .couponsIssued: self = .issued
      case .couponReserved: self = .reserved
      case .couponReleased: self = .couponReleased
      case .couponRedeemed: self = .redeemed
      case .couponUnredeemed: self = .unredeemed
      case .couponVoided: self = .voided
      case .couponKept: self = .kept
      case .checkedOut: self = .checkedOut
      default: preconditionFailure("every change is of one kind or the other")
      }
    }

    private static let namesOfAlerts: [(ChangeSet, String)] = [
      (.alerts, "alert told"), (.attempt, "attempt declined"),
      (.acknowledged, "alert acknowledged"), (.codes, "codes failed"),
    ]

    /// What is in the set, for people.
    var text: String {
      let alerts = Self.namesOfAlerts.filter { contains($0.0) }.map(\.1)
      return (ownNames + alerts).joined(separator: ", ")
    }

    private var ownNames: [String] {
      Self.names.enumerated().filter { rawValue & 1 << UInt64($0.offset) != 0 }
        .map(\.element)
    }
  }
}
