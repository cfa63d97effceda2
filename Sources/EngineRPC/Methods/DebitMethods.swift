// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  private static let spendingRefusals: [RefusalCode] = [
    .pinFormat, .notFound, .accountClosed, .accountLost, .accountFrozen, .pinRequired, .pinNotSet,
    .pinLocked, .pinKeyMissing, .pinIncorrect, .limitExceeded, .firstDayLimit, .insufficientFunds,
    .declinedByRule,
  ]

  static let debitCreate = mutation(
    "debit.create", "Spends from the card.",
    Param.account + [
      .amount, .pin,
      .optional("allow_partial", .boolean, "Take less if that is all there is; false if left out."),
    ],
    result: [.entry, .account, .array("alerts")], refusals: spendingRefusals,
    command: { params, _ throws(Answering) in
      CreateDebit(
        name: try params.accountName(), amount: params.requiredAmount(),
        pin: try params.optionalPIN("pin"),
        allowPartial: params.boolean("allow_partial") ?? false)
    },
    answer: { writer, entry in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.alerts(of: entry)
    })

  static let debitAuthorize = mutation(
    "debit.authorize", "Sets value aside for a while.",
    Param.account + [
      .amount, .pin,
      .required(
        "expires_in", .integer(1...31_622_400), "Seconds until it is free again by itself."),
    ],
    result: [.text("hold_id"), .text("expires_at"), .entry, .account, .array("alerts")],
    refusals: spendingRefusals,
    command: { params, _ throws(Answering) in
      AuthorizeDebit(
        name: try params.accountName(), amount: params.requiredAmount(),
        pin: try params.optionalPIN("pin"), seconds: params.integer("expires_in") ?? 1)
    },
    answer: { writer, entry in
      writer.name("hold_id")
      writer.optional(entry.hold?.text)
      writer.name("expires_at")
      writer.optional(entry.holdEnd)
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.alerts(of: entry)
    })

  static let debitCapture = mutation(
    "debit.capture", "Spends a hold, whole or in part; the rest is free again.",
    Param.account + [.hold, .optionalAmount], result: [.entry, .account],
    refusals: [
      .notFound, .accountClosed, .accountLost, .accountFrozen, .holdNotLive, .captureExceedsHold,
    ],
    command: { params, _ throws(Answering) in
      CaptureHold(
        hold: params.holdID(), name: try params.optionalAccountName(),
        amount: params.amount("amount"))
    },
    answer: { writer, entry in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })

  static let debitRelease = mutation(
    "debit.release", "Frees a hold.", Param.account + [.hold], result: [.entry, .account],
    refusals: [.notFound, .accountClosed, .holdNotLive],
    command: { params, _ throws(Answering) in
      ReleaseHold(hold: params.holdID(), name: try params.optionalAccountName())
    },
    answer: { writer, entry in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })

  static let debitRefund = mutation(
    "debit.refund", "Gives back a debit or capture, whole or in part, to the lots it came from.",
    Param.account + [.entry, .optionalAmount], result: [.entry, .account],
    refusals: [
      .notFound, .accountClosed, .notRefundable, .alreadyReversed, .alreadyRefunded,
      .refundExceedsDebit, .declinedByRule,
    ],
    command: { params, _ throws(Answering) in
      RefundDebit(
        entry: params.entryID(), name: try params.optionalAccountName(),
        amount: params.amount("amount"))
    },
    answer: { writer, entry in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })
}
