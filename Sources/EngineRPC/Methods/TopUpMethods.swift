// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  static let topUpQuote = query(
    "topup.quote", "What a top-up would bring now, rule by rule; changes nothing.",
    Param.account + [.amount, .store],
    result: [
      .integer("bonus"), .array("rules"), .array("coupons"), .array("coupons_withheld"),
      .array("would_refuse"),
    ],
    refusals: [.notFound, .accountClosed],
    answer: { params, engine, writer throws(Answering) in
      let name = try params.accountName()
      let quote = try asking { () throws(Interruption) in
        try engine.quote(params.requiredAmount(), to: name, store: params.store)
      }
      writer.beginObject()
      writer.name("bonus")
      writer.amount(quote.judgement.total)
      writer.name("rules")
      writer.beginArray()
      for line in quote.judgement.lines { writer.quoted(line) }
      writer.endArray()
      writer.name("coupons")
      writer.beginArray()
      for promised in quote.gifts where promised.count > 0 { writer.given(promised) }
      writer.endArray()
      writer.name("coupons_withheld")
      writer.beginArray()
      for promised in quote.gifts where promised.whyNot != nil { writer.withheld(promised) }
      writer.endArray()
      writer.name("would_refuse")
      writer.beginArray()
      for limit in quote.limits { writer.raw(limit.data) }
      writer.endArray()
      writer.endObject()
    })

  static let topUpCreate = mutation(
    "topup.create", "Loads a payment, with its bonus unless the tender must clear first.",
    Param.account + [.amount, .tender],
    result: [.entry, .object("bonus"), .account],
    refusals: [
      .notFound, .accountClosed, .accountLost, .accountFrozen, .limitExceeded, .declinedByRule,
    ],
    command: { params, _ throws(Answering) in
      CreateTopUp(
        name: try params.accountName(),
        payment: Payment(
          amount: params.requiredAmount(), tender: params.required("tender") { $0 }))
    },
    telling: { writer, entry, engine in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.bonus(of: entry, engine)
    })

  static let topUpClear = mutation(
    "topup.clear", "A pending top-up was paid: spendable, and its bonus granted.",
    Param.account + [.entry], result: [.entry, .object("bonus"), .account],
    refusals: [.notFound, .accountClosed, .notPending, .limitExceeded],
    command: { params, _ throws(Answering) in
      ClearTopUp(entry: params.entryID(), name: try params.optionalAccountName())
    },
    telling: { writer, entry, engine in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
      writer.bonus(of: entry, engine)
    })

  static let topUpBounce = mutation(
    "topup.bounce", "A pending top-up was not paid: nothing of it remains.",
    Param.account + [.entry], result: [.entry, .account],
    refusals: [.notFound, .accountClosed, .notPending],
    command: { params, _ throws(Answering) in
      BounceTopUp(entry: params.entryID(), name: try params.optionalAccountName())
    },
    answer: { writer, entry in
      writer.name("entry")
      writer.entry(entry, EntryMarks(), at: entry.at)
    })
}

extension JSONWriter {
  fileprivate mutating func given(_ promised: PromisedGift) {
    beginObject()
    name("campaign_id")
    string(promised.gift.campaign.text)
    name("count")
    integer(promised.count)
    endObject()
  }

  fileprivate mutating func withheld(_ promised: PromisedGift) {
    beginObject()
    name("campaign_id")
    string(promised.gift.campaign.text)
    name("count")
    integer(promised.gift.count - promised.count)
    name("why_not")
    optional(promised.whyNot?.name)
    endObject()
  }

  fileprivate mutating func quoted(_ line: BonusJudgement.Line) {
    beginObject()
    name("rule_id")
    string(line.rule.id)
    name("amount")
    amount(line.amount)
    name("applied")
    bool(line.miss == nil)
    name("why_not")
    optional(line.miss?.rawValue)
    endObject()
  }
}
