// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

extension RefusalCode {
  /// The group a till decides by what to do next.
  package var category: String {
    switch rawValue {
    case 1000..<2000: "declined"
    case 2000..<3000: "invalid"
    case 3000..<4000: "not_found"
    case 4000..<5000: "conflict"
    case 5000..<6000: "not_permitted"
    default: "try_again"
    }
  }

  /// Whether the same request may succeed later unchanged, without anybody doing anything.
  package var isRetryable: Bool { rawValue >= 6000 }

  /// What the cashier reads, Chinese first.
  package var message: String {
    switch self {
    case .pinFormat: "密码格式不符 / PIN has the wrong form"
    case .programInvalid: "规则文档无效 / the program is invalid"
    case .idempotencyConflict: "同一请求号内容不同 / key was used with other params"
    case .originalReversed: "原请求已被冲正 / the request was reversed before it arrived"
    case .malformed: "券码无法识别 / not a coupon code"
    case .unknownIssuer: "非本店券码 / a coupon of another issuer"
    case .unknownKey: "券码密钥无效 / signed by a key that is not valid here"
    case .badSignature: "券码校验失败,疑为伪造 / the code is damaged or forged"
    case .notFound: "未找到 / not found"
    case .accountClosed: "卡已注销 / the card is closed"
    case .accountLost: "卡已挂失 / the card is reported lost"
    case .accountFrozen: "卡已冻结 / the card is frozen"
    case .notFrozen: "卡未冻结 / the card is not frozen"
    case .lostCardForfeit: "遗失不补 / lost cards are not replaced here"
    case .cardInUse: "卡号已使用 / the card number is or was in use"
    case .purchaseGate: "当日消费未达办卡条件 / own spend of the day bars the purchase"
    case .holderRequired: "记名卡须登记持卡人 / a registered card needs its holder"
    case .pinAlreadySet: "密码已设置 / the card has a PIN"
    case .pinRequired: "需要密码 / PIN required"
    case .pinNotSet: "未设置密码 / the card has no PIN"
    case .pinLocked: "密码已锁定 / the PIN is locked"
    case .pinIncorrect: "密码错误 / wrong PIN"
    case .notPending: "充值不在待到账状态 / the top-up is not pending"
    case .notReversible: "该笔不可冲正 / the entry cannot be reversed"
    case .notRefundable: "该笔不可退款 / the entry cannot be refunded"
    case .alreadyReversed: "已冲正 / already reversed"
    case .alreadyRefunded: "已退款 / already refunded"
    case .refundExceedsDebit: "退款超过原消费 / refund exceeds the debit"
    case .alreadySpent: "充值已被使用 / value of the top-up was spent"
    case .valueHeld: "充值金额被预授权占用 / value of the top-up is held"
    case .holdNotLive: "预授权已失效 / the hold is not live"
    case .captureExceedsHold: "请款超过预授权 / capture exceeds the hold"
    case .holdsOpen: "尚有预授权 / holds are open"
    case .topUpPending: "尚有待到账充值 / a top-up is pending"
    case .expired: "优惠券已过期 / the coupon has expired"
    case .notYetValid: "优惠券尚未生效 / the coupon is not valid yet"
    case .outsideWindow: "不在可用时段 / not within its hours"
    case .blackout: "当日不可使用 / not valid on this day"
    case .alreadyRedeemed: "优惠券已核销 / already redeemed"
    case .reserved: "优惠券已被占用 / reserved"
    case .void: "优惠券已作废 / void"
    case .paused: "活动已暂停 / the campaign is paused"
    case .wrongStore: "本店不可用 / not valid in this store"
    case .wrongAccount: "非本人优惠券 / not for this account"
    case .belowMinimum: "未达使用门槛 / below its minimum"
    case .noEligibleItems: "无适用商品 / no eligible items"
    case .capReached: "已达发放或使用上限 / a cap of the campaign is reached"
    case .priceRequired: "活动有预算,须提供金额 / the campaign has a budget: give an amount or a cart"
    case .reservationNotLive: "占用已失效 / the reservation is not live"
    case .alreadyUnredeemed: "该次核销已撤销 / this redemption was undone before"
    case .checkoutRedemption: "随单核销,请整单退款 / belongs to a checkout: refund the checkout"
    case .alreadyPaused: "活动已处于暂停 / the campaign is paused already"
    case .notPaused: "活动未暂停 / the campaign is not paused"
    case .payableChanged: "应付金额已变 / the payable is not the expected one"
    case .storedValueExceedsPayable: "储值支付超过应付 / stored value exceeds the payable"
    case .limitExceeded: "超出限额 / limit exceeded"
    case .firstDayLimit: "超出首日消费上限 / above the first-day cap"
    case .insufficientFunds: "余额不足 / insufficient funds"
    case .declinedByRule: "风控拦截 / declined by a rule"
    case .unknownRule: "没有此规则 / no such rule"
    case .clockBackwards: "时间不可倒退 / ledger time does not run backwards"
    case .testModeOnly: "仅限测试账本 / only on a test ledger"
    case .pinKeyMissing: "密码密钥不可用,请重置密码 / the key of this PIN is gone: reset the PIN"
    case .storageFull: "存储空间不足 / no room on the disk"
    case .unavailable: "暂不可用 / unavailable for now"
    }
  }
}
