// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension StoredValueRules {
  /// The same program for the engine.
  init(_ plain: PlainRules) {
    self.init()
    topUp.minimum = plain.topUpMinimum.map { Amount(Int64($0)) }
    topUp.maximum = plain.topUpMaximum.map { Amount(Int64($0)) }
    topUp.pendingTenders = plain.pendingTenders
    topUp.combination = BonusCombination(rawValue: plain.combination) ?? .best
    topUp.bonusRules = plain.bonus.map { BonusRule($0) }
    debit.order = DebitOrder(rawValue: plain.order) ?? .bonusFirst
    debit.pinFreeLimit = Amount(Int64(plain.pinFreeLimit))
    debit.maximum = plain.debitMaximum.map { Amount(Int64($0)) }
    debit.dailyMaximum = plain.dailyMaximum.map { Amount(Int64($0)) }
    firstDay.cap = plain.cap.map { BasisPoints(Int32($0)) }
    firstDay.gate = plain.gate.map { BasisPoints(Int32($0)) }
    pin.required = plain.pinRequired
    pin.maximumAttempts = Int32(plain.maximumAttempts)
    pin.lockSeconds = plain.lockSeconds.map { Int64($0) }
    card.maximumBalance = plain.maximumBalance.map { Amount(Int64($0)) }
    card.maximumBalanceUnregistered = plain.maximumBalanceUnregistered.map { Amount(Int64($0)) }
    card.lostCard = plain.isForfeit ? .forfeit : .replace
    card.registeredNeedsHolder = plain.needsHolder
    close.method = CloseRules.RefundMethod(rawValue: plain.refundMethod) ?? .principal
  }
}

extension BonusRule {
  fileprivate init(_ plain: PlainBonus) {
    self.init(id: plain.id, grant: BonusGrant(plain.grant))
    minimum = plain.minimum.map { Amount(Int64($0)) }
    maximum = plain.maximum.map { Amount(Int64($0)) }
    firstTopUpOnly = plain.firstOnly
    oncePerAccount = plain.once
    validFrom = plain.from.map { BusinessDate(daysSince1970: Int64($0)) }
    validUntil = plain.until.map { BusinessDate(daysSince1970: Int64($0)) }
    weekdays = plain.weekdays
    stores = plain.stores
    levels = plain.levels
    release = plain.release.map { BasisPoints(Int32($0)) }
    expiresAfterDays = plain.days.map { Int64($0) }
  }
}

extension BonusGrant {
  fileprivate init(_ plain: PlainGrant) {
    switch plain {
    case .fixed(let amount): self = .fixed(Amount(Int64(amount)))
    case .per(let every, let amount):
      self = .per(every: Amount(Int64(every)), amount: Amount(Int64(amount)))
    case .rate(let rate, let most):
      self = .rate(BasisPoints(Int32(rate)), maximum: most.map { Amount(Int64($0)) })
    }
  }
}
