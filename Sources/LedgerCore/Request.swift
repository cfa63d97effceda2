// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The method that made an entry.
///
/// Raw values stand in the journal and are never reused.
package enum RequestMethod: UInt8, Sendable, CaseIterable {
  case accountOpen = 1
  case accountFreeze = 2
  case accountUnfreeze = 3
  case accountReportLost = 4
  case accountReplaceCard = 5
  case accountClose = 6
  case pinSet = 10
  case pinChange = 11
  case pinReset = 12
  case pinVerify = 13
  case topUpCreate = 20
  case topUpClear = 21
  case topUpBounce = 22
  case debitCreate = 30
  case debitAuthorize = 31
  case debitCapture = 32
  case debitRelease = 33
  case debitRefund = 34
  case entryReverse = 40
  case programSet = 50
  case campaignCreate = 60
  case campaignPause = 61
  case campaignResume = 62
  case couponIssue = 63
  case couponReserve = 64
  case couponRelease = 65
  case couponRedeem = 66
  case couponUnredeem = 67
  case couponVoid = 68
  case checkoutCommit = 69
  case checkoutRefund = 70
  case alertAck = 120
}

/// A member of a request's params.
///
/// Raw values stand in the journal and are never reused.
package enum RequestMember: UInt8, Sendable, CaseIterable {
  case accountID = 1
  case cardNumber = 2
  case amount = 3
  case pin = 4
  case storeID = 5
  case terminalID = 6
  case operatorID = 7
  case tender = 8
  case entryID = 9
  case holdID = 10
  case reason = 11
  case allowPartial = 12
  case expiresIn = 13
  case originalIdempotencyKey = 14
  case registered = 15
  case holder = 16
  case level = 17
  case topUp = 18
  case sameDaySpend = 19
  case newCardNumber = 20
  case newPIN = 21
  case currentPIN = 22
  case overrideReason = 23
  case proof = 24
  case program = 25
  case campaign = 30
  case campaignID = 31
  case count = 32
  case couponID = 33
  case payload = 34
  case seconds = 35
  case reservationID = 36
  case redemptionID = 37
  case cart = 38
  case withoutPrice = 39
  case coupons = 40
  case expectedPayable = 41
  case storedValue = 42
  case checkoutID = 43
  case lines = 44
  case all = 45
  case reservationIDs = 46
  case campaignName = 50
  case campaignKind = 51
  case offBasisPoints = 52
  case maxDiscount = 53
  case steps = 54
  case repeats = 55
  case sku = 56
  case quantity = 57
  case validity = 58
  case scope = 59
  case minSpend = 60
  case stacking = 61
  case caps = 62
  case alertID = 120
  case disposition = 121
  case note = 122

  /// The name of the member on the wire.
  package var name: String {
    switch self {
    case .accountID: "account_id"
    case .cardNumber: "card_no"
    case .amount: "amount"
    case .pin: "pin"
    case .storeID: "store_id"
    case .terminalID: "terminal_id"
    case .operatorID: "operator_id"
    case .tender: "tender"
    case .entryID: "entry_id"
    case .holdID: "hold_id"
    case .reason: "reason"
    case .allowPartial: "allow_partial"
    case .expiresIn: "expires_in"
    case .originalIdempotencyKey: "original_idempotency_key"
    case .registered: "registered"
    case .holder: "holder"
    case .level: "level"
    case .topUp: "topup"
    case .sameDaySpend: "same_day_spend"
    case .newCardNumber: "new_card_no"
    case .newPIN: "new_pin"
    case .currentPIN: "current_pin"
    case .overrideReason: "override_reason"
    case .proof: "proof"
    case .program: "program"
    case .campaign: "campaign"
    case .campaignID: "campaign_id"
    case .count: "count"
    case .couponID: "coupon_id"
    case .payload: "payload"
    case .seconds: "seconds"
    case .reservationID: "reservation_id"
    case .redemptionID: "redemption_id"
    case .cart: "cart"
    case .withoutPrice: "without_price"
    case .coupons: "coupons"
    case .expectedPayable: "expected_payable"
    case .storedValue: "stored_value"
    case .checkoutID: "checkout_id"
    case .lines: "lines"
    case .all: "all"
    case .reservationIDs: "reservation_ids"
    case .campaignName: "name"
    case .campaignKind: "kind"
    case .offBasisPoints: "off_basis_points"
    case .maxDiscount: "max_discount"
    case .steps: "steps"
    case .repeats: "repeat"
    case .sku: "sku"
    case .quantity: "quantity"
    case .validity: "validity"
    case .scope: "scope"
    case .minSpend: "min_spend"
    case .stacking: "stacking"
    case .caps: "caps"
    case .alertID: "alert_id"
    case .disposition: "disposition"
    case .note: "note"
    }
  }

  /// Whether the value is a PIN: compared by keyed digest only, a difference counts as an attempt.
  package var isPIN: Bool {
    switch self {
    case .pin, .newPIN, .currentPIN: true
    default: false
    }
  }
}

/// A request as its entry remembers it: enough to know a repetition and to name what differs.
package struct RequestRecord: Hashable, Sendable {
  package let key: IdempotencyKey
  package let method: RequestMethod
  /// The key under which the digests of secret members were made.
  package let digestKey: UInt8
  /// Whether PINs were stretched before they were digested.
  package let pinsStretched: Bool
  /// One for each member given, by name in ascending byte order.
  package let digests: [MemberDigest]

  package init(
    key: IdempotencyKey, method: RequestMethod, digestKey: UInt8, pinsStretched: Bool = false,
    digests: [MemberDigest]
  ) {
    self.key = key
    self.method = method
    self.digestKey = digestKey
    self.pinsStretched = pinsStretched
    self.digests = digests
  }

  /// The members that differ from an earlier record of the same key, by name, first name first.
  package func differences(from earlier: RequestRecord) -> [RequestMember] {
    var names: [RequestMember] = []
    for member in RequestMember.allCases {
      let mine = digests.first { $0.member == member }
      let theirs = earlier.digests.first { $0.member == member }
      if mine?.digest != theirs?.digest { names.append(member) }
    }
    return names.sorted { $0.name < $1.name }
  }
}

/// The digest of one member's canonical value; keyed where the value is a secret or personal.
package struct MemberDigest: Hashable, Sendable {
  package let member: RequestMember
  package let digest: UInt64

  package init(_ member: RequestMember, _ digest: UInt64) {
    self.member = member
    self.digest = digest
  }
}
