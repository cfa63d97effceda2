// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// A member of a method's params, declared once: checked, decoded and described from here.
final class Param: Sendable {
  let name: String
  let schema: Schema
  let isRequired: Bool
  let summary: String
  /// What the journal calls it, where a repetition is compared by it.
  let member: RequestMember?

  static func required(_ name: String, _ schema: Schema, _ summary: String) -> Param {
    Param(name: name, schema: schema, isRequired: true, summary: summary)
  }

  static func optional(_ name: String, _ schema: Schema, _ summary: String) -> Param {
    Param(name: name, schema: schema, isRequired: false, summary: summary)
  }

  /// Checks a value that is given for it.
  func check(_ value: JSONValue) throws(InvalidParams) {
    guard let problem = schema.problem(with: value) else { return }
    throw InvalidParams(field: "/" + name + problem.pointer, message: problem.message)
  }

  private init(name: String, schema: Schema, isRequired: Bool, summary: String) {
    self.name = name
    self.schema = schema
    self.isRequired = isRequired
    self.summary = summary
    member = RequestMember.allCases.first { $0.name == name }
  }
}

extension Param {
  static let key = required(
    "idempotency_key", .printable(1...128), "Names this change; repeat it to ask again.")
  static let store = optional("store_id", .text(1...64), "The store it happens in.")
  static let terminal = optional("terminal_id", .text(1...64), "The terminal that asks.")
  static let `operator` = optional("operator_id", .text(1...64), "The person at the terminal.")
  static let reason = optional("reason", .text(1...200), "Why; recorded on the entry.")
  static let accountID = optional("account_id", .text(1...64), "The account, or give card_no.")
  static let cardNumber = optional("card_no", .cardNumber, "Its card, or give account_id.")
  static let amount = required("amount", .amount(minimum: 1), "Minor units.")
  static let optionalAmount = optional(
    "amount", .amount(minimum: 1), "Minor units; all if left out.")
  static let tender = required("tender", .text(1...32), "How it is paid, such as cash.")
  static let pin = optional("pin", .pin, "The card's PIN.")
  static let entry = required("entry_id", .text(1...64), "The entry meant.")
  static let hold = required("hold_id", .text(1...64), "The hold meant.")
  static let limit = optional("limit", .integer(1...500), "At most so many; 100 if left out.")
  static let cursor = optional("cursor", .text(1...64), "next_cursor of the part before.")

  /// What names an account.
  static let account = [accountID, cardNumber]

  /// What every mutation takes.
  static let who = [key, store, terminal, `operator`]
}
