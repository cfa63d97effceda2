// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What an entry records.
///
/// Raw values stand in the journal and are never reused.
public enum EntryKind: UInt8, Sendable, CaseIterable {
  case open = 1
  case topUp = 2
  case topUpClear = 3
  case topUpBounce = 4
  case debit = 5
  case authorize = 6
  case capture = 7
  case release = 8
  case refund = 9
  case reverse = 10
  case close = 11
  case expire = 12
  case freeze = 20
  case unfreeze = 21
  case reportLost = 22
  case replaceCard = 23
  case pinSet = 30
  case pinChange = 31
  case pinReset = 32
  case pinVerify = 33
  /// A wrong PIN was given; the request itself was refused.
  case pinFailed = 34
  /// A right PIN was given in a request that was refused for another reason.
  case pinAccepted = 35
  case programSet = 40
  /// An original request that has not arrived was reversed by its key.
  case keyBlocked = 41
  case campaignCreate = 50
  case campaignPause = 51
  case campaignResume = 52
  case couponIssue = 53
  case couponReserve = 54
  case couponRelease = 55
  case couponRedeem = 56
  case couponUnredeem = 57
  case couponVoid = 58
  case checkout = 59
  case checkoutRefund = 60
  /// A rule of the program declined what was attempted.
  case declined = 70
  /// Alerts have come to their end.
  case alertsEnded = 71
  /// Bad payloads at a scanner have reached a rule's threshold.
  case codeFailures = 72
  /// Somebody has looked at an alert.
  case alertAck = 73

  /// The name in the contract.
  package var name: String {
    switch self {
    case .open: "open"
    case .topUp: "topup"
    case .topUpClear: "topup_clear"
    case .topUpBounce: "topup_bounce"
    case .debit: "debit"
    case .authorize: "authorize"
    case .capture: "capture"
    case .release: "release"
    case .refund: "refund"
    case .reverse: "reverse"
    case .close: "close"
    case .expire: "expire"
    case .freeze: "freeze"
    case .unfreeze: "unfreeze"
    case .reportLost: "report_lost"
    case .replaceCard: "replace_card"
    case .pinSet: "pin_set"
    case .pinChange: "pin_change"
    case .pinReset: "pin_reset"
    case .pinVerify: "pin_verify"
    case .pinFailed: "pin_failed"
    case .pinAccepted: "pin_accepted"
    case .programSet: "program_set"
    case .keyBlocked: "key_blocked"
    case .campaignCreate: "campaign_create"
    case .campaignPause: "campaign_pause"
    case .campaignResume: "campaign_resume"
    case .couponIssue: "coupon_issue"
    case .couponReserve: "coupon_reserve"
    case .couponRelease: "coupon_release"
    case .couponRedeem: "coupon_redeem"
    case .couponUnredeem: "coupon_unredeem"
    case .couponVoid: "coupon_void"
    case .checkout: "checkout"
    case .checkoutRefund: "checkout_refund"
    case .declined: "declined"
    case .alertsEnded: "alerts_ended"
    case .codeFailures: "code_failures"
    case .alertAck: "alert_ack"
    }
  }

  package init?(name: String) {
    guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }
}
