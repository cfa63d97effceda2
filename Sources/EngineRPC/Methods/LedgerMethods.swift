// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Program
import Secrets
import Store
import StoredValue

extension Method {
  static let ledgerTrialBalance = Method(
    name: "ledger.trial_balance",
    summary: "What every ledger account was debited and credited in all; the total is zero.",
    params: [], result: [.array("accounts"), .integer("total")], refusals: [],
    kind: .settledQuery({ _, engine, writer throws(Answering) in
      var more = true
      while more {
        more = try store { () throws(StoreError) in try engine.sweep(limit: 500) }
      }
      var total: Int128 = 0
      writer.beginObject()
      writer.name("accounts")
      writer.beginArray()
      for (account, sides) in engine.working.point.totals.trialBalance {
        total += sides.debit - sides.credit
        writer.beginObject()
        writer.name("name")
        writer.string(account.name)
        writer.name("debit")
        writer.integer(sides.debit)
        writer.name("credit")
        writer.integer(sides.credit)
        writer.endObject()
      }
      writer.endArray()
      writer.name("total")
      writer.integer(total)
      writer.endObject()
    }))

  static let ledgerHead = query(
    "ledger.head", "How far the journal goes, with a fingerprint of it all, to be kept elsewhere.",
    [], result: [.text("ledger_id"), .integer("seq"), .text("at"), .text("fingerprint")],
    answer: { _, engine, writer throws(Answering) in
      let point = engine.working.point
      let ledger = engine.store.identity.id
      writer.beginObject()
      writer.name("ledger_id")
      writer.string(ledger)
      writer.name("seq")
      writer.integer(point.head.sequence)
      writer.name("at")
      writer.string(point.headTime.text)
      writer.name("fingerprint")
      writer.string(
        HeadFingerprint.text(
          ledger: ledger, sequence: point.head.sequence, link: engine.store.headLink ?? []))
      writer.endObject()
    })

  static let ledgerVerify = Method(
    name: "ledger.verify",
    summary: "Recomputes everything from the journal and names each violation.",
    params: [], result: [.boolean("ok"), .integer("entries"), .array("problems")], refusals: [],
    kind: .report)

  static let programGet = query(
    "program.get", "The program in force, as it was set.", [],
    result: [.object("program"), .integer("program_version")],
    answer: { _, engine, writer throws(Answering) in
      writer.beginObject()
      writer.name("program")
      writer.raw(engine.program.document)
      writer.name("program_version")
      writer.integer(engine.programVersion)
      writer.endObject()
    })

  static let programSet = mutation(
    "program.set", "Replaces the program; what is wrong in it is refused by pointer.",
    [.required("program", .document, "The whole document.")],
    result: [.integer("program_version")], refusals: [.programInvalid],
    command: { params, _ throws(Answering) in
      guard let document = params.value("program") else { preconditionFailure("it was checked") }
      return SetProgram(program: try program(document))
    },
    answer: { writer, entry in
      writer.name("program_version")
      writer.integer(entry.programVersion)
    })

  private static func program(_ document: JSONValue) throws(Answering) -> Program {
    do {
      return try Program.decode(document)
    } catch {
      throw .refused(
        Refusal(
          .programInvalid, field: "/program" + error.field,
          details: [.init("allowed", .text(error.message))]))
    }
  }

  static let clockAdvance = Method(
    name: "clock.advance", summary: "Moves a test ledger's clock on.",
    params: [.required("seconds", .integer(0...3_155_760_000), "How far.")],
    result: [.text("now"), .text("business_date")], refusals: [.testModeOnly],
    kind: .clock({ params, engine throws(Answering) in
      let seconds = params.integer("seconds") ?? 0
      guard engine.now.advanced(bySeconds: seconds) < .clockLimit else {
        throw .invalid(InvalidParams(field: "/seconds", message: beyondClock))
      }
      try moving { () throws(Refusal) in try engine.advanceClock(seconds: seconds) }
    }))

  static let clockSet = Method(
    name: "clock.set", summary: "Sets a test ledger's clock, never back.",
    params: [.required("at", .instant, "The new ledger time.")],
    result: [.text("now"), .text("business_date")], refusals: [.testModeOnly, .clockBackwards],
    kind: .clock({ params, engine throws(Answering) in
      guard let instant = params.instant("at") else { preconditionFailure("it was checked") }
      guard instant < .clockLimit else {
        throw .invalid(InvalidParams(field: "/at", message: beyondClock))
      }
      try moving { () throws(Refusal) in try engine.setClock(instant) }
    }))

  private static let beyondClock = "must lead to a time before 9000-01-01T00:00:00Z"

  private static func moving(_ body: () throws(Refusal) -> Void) throws(Answering) {
    do {
      try body()
    } catch {
      throw .refused(error)
    }
  }
}
