// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Store
import StoredValue

extension Method {
  private static let holderMembers = ParamList(
    Person.Particular.allCases.map { particular in
      Param.optional(particular.rawValue, .text(1...200), "Kept beside the journal, erasable.")
    })

  private static let firstTopUp = ParamList([.amount, .tender])

  static let accountOpen = mutation(
    "account.open", "Opens a card, with PIN and first top-up where given.",
    [
      .required("card_no", .cardNumber, "The number of the new card."),
      .optional("registered", .boolean, "Whether the holder is known; false if left out."),
      .optional("holder", .object(holderMembers), "Who holds it; never in the journal."),
      .optional("level", .text(1...64), "A customer level that rules may name."),
      .pin,
      .optional("topup", .object(firstTopUp), "The first top-up."),
      .optional(
        "same_day_spend", .amount(minimum: 0), "What the buyer spent in the shop today."),
    ],
    result: [.account, .entry, .object("bonus")],
    refusals: [
      .pinFormat, .cardInUse, .purchaseGate, .holderRequired, .limitExceeded, .declinedByRule,
    ],
    command: { params, engine throws(Answering) in
      let holder = params.nested("holder", holderMembers).map { given in
        Person.Particular.allCases.reduce(into: [:]) { $0[$1] = given.value($1.rawValue)?.string }
      }
      return OpenAccount(
        cardNumber: params.required("card_no") { CardNumber($0) },
        registered: params.boolean("registered") ?? false,
        holder: holder?.isEmpty == true ? nil : holder,
        level: params.text("level"),
        pin: try params.optionalNewPIN("pin", engine),
        topUp: params.nested("topup", firstTopUp).map { given in
          Payment(amount: given.requiredAmount(), tender: given.required("tender") { $0 })
        },
        sameDaySpend: params.amount("same_day_spend"))
    },
    telling: { writer, entry, engine in
      guard entry.kind == .topUp else { return }
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.bonus(of: entry, engine)
    })
}

extension JSONWriter {
  /// The bonus a top-up or clearing brought.
  mutating func bonus(of entry: Entry, _ engine: Engine) {
    name("bonus")
    beginObject()
    name("amount")
    amount(entry.bonus)
    name("rule_ids")
    beginArray()
    for grant in entry.bonusGrants { optional(grant.rule) }
    endArray()
    name("coupons")
    issued(entry.couponIssues, engine)
    endObject()
  }
}
