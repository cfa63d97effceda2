// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import StoredValue

extension Method {
  private static let originalKey = Param.optional(
    "original_idempotency_key", .printable(1...128), "The key of the request that made it.")

  static let entryReverse = mutation(
    "entry.reverse", "Undoes a top-up, debit or capture, whole and once.",
    Param.account + [
      .optional("entry_id", .text(1...64), "The entry, or give original_idempotency_key."),
      originalKey,
    ],
    result: [.entry.orNull, .account, .array("coupons_used")],
    refusals: [
      .notFound, .accountClosed, .notReversible, .alreadyReversed, .alreadyRefunded,
      .alreadySpent, .valueHeld, .declinedByRule,
    ],
    command: { params, _ throws(Answering) in
      let name = try params.optionalAccountName()
      let key = params.text("original_idempotency_key").flatMap { IdempotencyKey($0) }
      let hasEntry = params.text("entry_id") != nil
      guard hasEntry != (key != nil) else {
        throw .invalid(
          InvalidParams(
            field: "/entry_id",
            message: "give exactly one of entry_id and original_idempotency_key"))
      }
      if let key { return ReverseEntry(original: .key(key), name: name) }
      return ReverseEntry(original: .entry(params.entryID()), name: name)
    },
    answer: { writer, entry in
      writer.name("entry")
      if entry.kind == .keyBlocked {
        writer.null()
      } else {
        writer.entry(entry, EntryMarks(), at: entry.at)
      }
      writer.name("coupons_used")
      writer.beginArray()
      for case .couponKept(let coupon) in entry.changes { writer.string(coupon.text) }
      writer.endArray()
    })

  static let entryGet = query(
    "entry.get", "An entry with what later ones did to it.", [.entry], result: entryFields,
    refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let id = params.entryID()
      let found = try asking { () throws(Interruption) in
        try engine.entry(id, field: "/entry_id")
      }
      writer.entry(found.entry, found.marks, at: engine.now)
    })

  static let entryLookup = query(
    "entry.lookup", "The entry that the request with this key made.",
    [.required("original_idempotency_key", .printable(1...128), "The key.")],
    result: entryFields, refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let key = params.required("original_idempotency_key") { IdempotencyKey($0) }
      let found = try asking { () throws(Interruption) in try engine.lookup(key) }
      writer.entry(found.entry, found.marks, at: engine.now)
    })

  static let entryList = query(
    "entry.list", "Entries newest first; a part may be short before the end.",
    Param.account + [
      .store, .terminal, .operator, .limit, .cursor,
      .optional("kind", .choice(EntryKind.allCases.map(\.name)), "Only this kind."),
      .optional("from", .instant, "Not before."),
      .optional("to", .instant, "Before."),
      .optional("business_date", .date, "Only of this date."),
    ],
    result: [.array("entries"), .text("next_cursor")], refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      var filter = EntryFilter()
      if let name = try params.optionalAccountName() {
        let view = try asking { () throws(Interruption) in try engine.view(name) }
        filter.account = view.account.id
      }
      filter.kind = params.text("kind").flatMap { EntryKind(name: $0) }
      filter.from = params.instant("from")
      filter.to = params.instant("to")
      filter.businessDate = params.text("business_date").flatMap { BusinessDate(text: $0) }
      filter.origin = Origin(
        store: params.text("store_id"), terminal: params.text("terminal_id"),
        operator: params.text("operator_id"))
      try writer.page(filter, params, engine)
    })

  private static let entryFields: [Field] = [
    .text("entry_id"), .integer("seq"), .text("kind"), .text("account_id"), .integer("amount"),
    .integer("principal"), .integer("bonus"), .text("at"), .text("business_date"),
    .text("store_id"), .text("terminal_id"), .text("operator_id"), .text("reason"),
    .text("status"), .text("tender"), .text("hold_id"), .integer("program_version"),
    .text("idempotency_key"), .object("links"),
  ]
}
