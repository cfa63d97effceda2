// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Store
import StoredValue

extension Method {
  static let accountGet = query(
    "account.get", "An account as it stands now.", Param.account,
    result: [
      .text("account_id"), .text("card_no"), .text("status"), .boolean("registered"),
      .object("holder"), .text("level"), .text("opened_at"), .text("opened_on"),
      .object("balance"), .object("first_day"), .array("lots"), .object("pin"),
    ],
    refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let name = try params.accountName()
      let view = try asking { () throws(Interruption) in try engine.view(name) }
      try writer.view(view, engine)
    })

  static let accountFind = query(
    "account.find", "Accounts by card or by their holder's particulars, all of which must match.",
    [
      .cardNumber, .limit, .cursor,
      .optional("phone", .text(1...200), "The holder's phone."),
      .optional("name", .text(1...200), "The holder's name."),
      .optional("document_no", .text(1...200), "The holder's document number."),
    ],
    result: [.array("accounts"), .text("next_cursor")],
    answer: { params, engine, writer throws(Answering) in
      let page = try find(params, engine)
      writer.beginObject()
      writer.name("accounts")
      writer.beginArray()
      for view in page.views { try writer.view(view, engine) }
      writer.endArray()
      writer.name("next_cursor")
      writer.optional(page.next)
      writer.endObject()
    })

  private static func find(
    _ params: Params, _ engine: Engine
  ) throws(Answering) -> (views: [AccountView], next: String?) {
    var wanted: [Person.Particular: String] = [:]
    for particular in [Person.Particular.phone, .name, .documentNumber] {
      wanted[particular] = params.value(particular.rawValue)?.string
    }
    if let number = params.text("card_no").flatMap({ CardNumber($0) }) {
      guard let view = try byCard(number, engine) else { return ([], nil) }
      let held = try store { () throws(StoreError) in
        try engine.store.person(of: view.account.id)
      }
      let matches = wanted.allSatisfy { held?.particulars[$0.key] == $0.value }
      return (matches ? [view] : [], nil)
    }
    guard !wanted.isEmpty else {
      throw .invalid(
        InvalidParams(
          field: "/phone", message: "give at least one of card_no, phone, name, document_no"))
    }
    let limit = Int(params.integer("limit") ?? 100)
    let cursor = try params.text("cursor").map { text throws(Answering) in
      guard let id = AccountID(text: text) else { throw Params.badCursor }
      return id
    }
    let ids = try store { () throws(StoreError) in
      try engine.store.accounts(holding: wanted, after: cursor, limit: limit + 1)
    }
    let views = try ids.prefix(limit).map { id throws(Answering) in
      try asking { () throws(Interruption) in try engine.view(.id(id)) }
    }
    return (views, ids.count > limit ? ids[limit - 1].text : nil)
  }

  private static func byCard(
    _ number: CardNumber, _ engine: Engine
  ) throws(Answering) -> AccountView? {
    do {
      return try engine.view(.card(number))
    } catch .refused {
      return nil
    } catch {
      throw Answering(error)
    }
  }

  static let accountStatement = query(
    "account.statement", "The entries of an account, newest first.",
    Param.account + [.limit, .cursor], result: [.array("entries"), .text("next_cursor")],
    refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let name = try params.accountName()
      let view = try asking { () throws(Interruption) in try engine.view(name) }
      var filter = EntryFilter()
      filter.account = view.account.id
      try writer.page(filter, params, engine)
    })
}

extension Params {
  static let badCursor = Answering.invalid(
    InvalidParams(field: "/cursor", message: "must be a next_cursor of this method"))
}

/// Runs store work inside code that throws `Answering`.
func store<Value>(
  _ body: () throws(StoreError) -> Value
) throws(Answering) -> Value {
  do {
    return try body()
  } catch {
    throw .store(error)
  }
}

extension JSONWriter {
  mutating func view(_ view: AccountView, _ engine: Engine) throws(Answering) {
    let holder = try EngineRPC.holder(of: view.account, engine)
    account(view.account, view.snapshot, holder: holder)
  }

  /// A part of a listing: `{entries, next_cursor}`.
  mutating func page(
    _ filter: EntryFilter, _ params: Params, _ engine: Engine
  ) throws(Answering) {
    let start = try params.text("cursor").map { text throws(Answering) in
      guard let id = EntryID(text: text) else { throw Params.badCursor }
      // Another account's place would make of this one's entries an empty page.
      if let account = filter.account,
        try store({ () throws(StoreError) in try engine.working.entry(id) })?.account != account
      {
        throw Params.badCursor
      }
      return id
    }
    let limit = Int(params.integer("limit") ?? 100)
    let page = try asking { () throws(Interruption) in
      try engine.list(filter, at: start, limit: limit)
    }
    beginObject()
    name("entries")
    beginArray()
    for entry in page.entries {
      let marks = try store { () throws(StoreError) in try engine.working.marks(of: entry.id) }
      self.entry(entry, marks, at: engine.now)
    }
    endArray()
    name("next_cursor")
    optional(page.next?.text)
    endObject()
  }
}

/// The particulars of the account's holder; nil where there are none, or they were erased.
///
/// Looked up only where the account has a holder.
func holder(of account: Account, _ engine: Engine) throws(Answering) -> Person? {
  guard account.holderDigest != nil else { return nil }
  return try store { () throws(StoreError) in try engine.store.person(of: account.id) }
}
