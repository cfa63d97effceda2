// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What the merchant's program says of stored value; the initial values are the neutral defaults:
/// nothing limited, nothing granted (contract §9, Program).
package struct StoredValueRules: Hashable, Sendable {
  package var topUp = TopUpRules()
  package var debit = DebitRules()
  package var firstDay = FirstDayRules()
  package var pin = PINRules()
  package var card = CardRules()
  package var close = CloseRules()

  package init() {}
}

/// What of the program tells how much an account may spend, and how it is shown.
///
/// Plain numbers: all rules at once are references to be counted.
package struct SpendingRules: Sendable {
  package let debit: DebitRules
  package let firstDayCap: BasisPoints?
  package let maximumPINAttempts: Int32
}

extension StoredValueRules {
  /// Those of them that a debit, a hold and what an answer shows of an account go by.
  package var spending: SpendingRules {
    SpendingRules(
      debit: debit, firstDayCap: firstDay.cap, maximumPINAttempts: pin.maximumAttempts)
  }
}

/// Limits and bonus of top-ups.
package struct TopUpRules: Hashable, Sendable {
  package var minimum: Amount?
  package var maximum: Amount?
  /// Tenders that are neither spendable nor rewarded until they clear.
  package var pendingTenders: [String] = []
  package var combination = BonusCombination.best
  package var bonusRules: [BonusRule] = []

  package init() {}
}

/// Which of the rules that apply give their bonus.
package enum BonusCombination: String, Sendable, CaseIterable {
  /// The one with the most bonus money; the first listed on a tie.
  case best
  case all
  /// The first listed that applies.
  case first
}

/// "Load so much, get so much": one rule of the program.
package struct BonusRule: Hashable, Sendable {
  package var id: String
  package var minimum: Amount?
  package var maximum: Amount?
  package var grant: BonusGrant
  package var coupons: [CouponGift] = []
  package var firstTopUpOnly = false
  package var oncePerAccount = false
  package var validFrom: BusinessDate?
  package var validUntil: BusinessDate?
  /// 1 Monday … 7 Sunday; empty means any.
  package var weekdays: [Int] = []
  package var stores: [String] = []
  package var levels: [String] = []
  /// The part of the granted bonus that one debit may take at most.
  package var release: BasisPoints?
  package var expiresAfterDays: Int64?

  package init(id: String, grant: BonusGrant) {
    self.id = id
    self.grant = grant
  }
}

/// Coupons that a rule gives beside its bonus.
package struct CouponGift: Hashable, Sendable {
  package let campaign: CampaignNumber
  /// 1 … 100.
  package let count: Int

  package init(campaign: CampaignNumber, count: Int) {
    self.campaign = campaign
    self.count = count
  }
}

/// How much bonus a rule gives for an amount; divisions round down.
///
/// What no account could hold comes out as the account ceiling, which is always refused.
package enum BonusGrant: Hashable, Sendable {
  case fixed(Amount)
  case per(every: Amount, amount: Amount)
  case rate(BasisPoints, maximum: Amount?)

  package func bonus(for amount: Amount) -> Amount {
    switch self {
    case .fixed(let bonus): bonus
    case .per(let every, let bonus):
      bonus.multiplied(by: Rounding.wholeTimes(every, in: amount), atMost: .accountCeiling)
    case .rate(let rate, let maximum):
      min(Rounding.down(amount, at: rate), maximum ?? .accountCeiling)
    }
  }
}

package struct DebitRules: Hashable, Sendable {
  package var order = DebitOrder.bonusFirst
  /// Debits up to this need no PIN.
  package var pinFreeLimit = Amount.zero
  package var maximum: Amount?
  package var dailyMaximum: Amount?

  package init() {}
}

/// Which money a debit takes first.
package enum DebitOrder: String, Sendable, CaseIterable {
  case bonusFirst = "bonus_first"
  case principalFirst = "principal_first"
  case proportional
}

package struct FirstDayRules: Hashable, Sendable {
  /// The part of the first top-up that may be spent on the opening date.
  package var cap: BasisPoints?
  /// The part of a new card's amount at which the buyer's own spend of the day bars the purchase.
  package var gate: BasisPoints?

  package init() {}
}

package struct PINRules: Hashable, Sendable {
  package var required = false
  package var minimumLength = 4
  package var maximumLength = 12
  package var maximumAttempts: Int32 = 5
  /// nil: a lock ends only by reset or override.
  package var lockSeconds: Int64? = 1800
  package var hardening = Hardening.keyed

  package init() {}

  package enum Hardening: String, Sendable, CaseIterable {
    case keyed
    case scrypt
  }
}

package struct CardRules: Hashable, Sendable {
  package var maximumBalance: Amount?
  package var maximumBalanceUnregistered: Amount?
  package var lostCard = LostCard.replace
  /// A registered card needs its holder's name, phone and document number.
  package var registeredNeedsHolder = false

  package init() {}

  package enum LostCard: String, Sendable, CaseIterable {
    case replace
    case forfeit
  }
}

package struct CloseRules: Hashable, Sendable {
  package var method = RefundMethod.principal

  package init() {}

  package enum RefundMethod: String, Sendable, CaseIterable {
    /// What is left of the principal.
    case principal
    /// max(0, paid − ceil(used × paid ÷ (paid + bonus granted))).
    case paidRatio = "paid_ratio"
    case none
  }
}
