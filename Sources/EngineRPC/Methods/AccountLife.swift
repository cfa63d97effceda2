// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  private static let statusRefusals: [RefusalCode] = [
    .notFound, .accountClosed, .accountLost, .accountFrozen,
  ]

  static let accountFreeze = mutation(
    "account.freeze", "Freezes an active card.", Param.account, result: [.account],
    refusals: statusRefusals,
    command: { params, _ throws(Answering) in FreezeAccount(name: try params.accountName()) })

  static let accountUnfreeze = mutation(
    "account.unfreeze", "Makes a frozen card active again.", Param.account, result: [.account],
    refusals: [.notFound, .accountClosed, .accountLost, .notFrozen],
    command: { params, _ throws(Answering) in UnfreezeAccount(name: try params.accountName()) })

  static let accountReportLost = mutation(
    "account.report_lost", "Marks an active card as lost.", Param.account, result: [.account],
    refusals: statusRefusals,
    command: { params, _ throws(Answering) in ReportLost(name: try params.accountName()) })

  static let accountReplaceCard = mutation(
    "account.replace_card", "Gives the account a new card; the old number is never used again.",
    Param.account + [
      .required("new_card_no", .cardNumber, "The number of the new card."),
      .optional("new_pin", .pin, "A new PIN; the old one stays if left out."),
    ],
    result: [.account],
    refusals: [
      .pinFormat, .notFound, .accountClosed, .accountFrozen, .lostCardForfeit, .cardInUse,
    ],
    command: { params, engine throws(Answering) in
      ReplaceCard(
        name: try params.accountName(),
        newCardNumber: params.required("new_card_no") { CardNumber($0) },
        newPIN: try params.optionalNewPIN("new_pin", engine))
    })

  static let accountClose = mutation(
    "account.close", "Closes an active card and settles what is left.", Param.account,
    result: [.integer("payout"), .integer("forfeited_bonus"), .entry, .account],
    refusals: statusRefusals + [.holdsOpen, .topUpPending],
    command: { params, _ throws(Answering) in CloseAccount(name: try params.accountName()) },
    answer: { writer, entry in
      for change in entry.changes {
        if case .settled(let payout) = change {
          writer.name("payout")
          writer.amount(payout)
        }
      }
      writer.name("forfeited_bonus")
      writer.amount(entry.bonus)
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })
}
