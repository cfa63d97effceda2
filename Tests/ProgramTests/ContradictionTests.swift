// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Program
import Testing

/// A document that is well-formed member by member; nil when it is accepted.
private struct Case: CustomTestStringConvertible, Sendable {
  let field: String?
  let text: String

  init(_ field: String?, _ text: String) { (self.field, self.text) = (field, text) }

  var testDescription: String { text }
}

private let rule0 = "/topup/bonus_rules/0"

private func first(_ rules: String..., topUp: String = "") -> String {
  let each = rules.enumerated().map { "{\"id\":\"\($0)\",\($1)}" }
  return """
    {"topup":{\(topUp)"bonus_combination":"first","bonus_rules":[\(each.joined(separator: ","))]}}
    """
}

private let fixed = #""grant":{"type":"fixed","amount":10}"#
private let per100 = #""grant":{"type":"per","every":100,"amount":10}"#
private let percent = #""grant":{"type":"rate","basis_points":100}"#

struct ContradictionTests {
  @Test(arguments: [
    Case("/topup/min", #"{"topup":{"min":101,"max":100}}"#),
    Case(nil, #"{"topup":{"min":100,"max":100}}"#),
    Case("/topup/min", #"{"topup":{"min":101},"card":{"max_balance":100}}"#),
    Case(nil, #"{"topup":{"min":100},"card":{"max_balance":100}}"#),
    Case(nil, #"{"topup":{"min":101},"card":{"max_balance_unregistered":100}}"#),
    Case("/debit/max", #"{"debit":{"max":101,"daily_max":100}}"#),
    Case(nil, #"{"debit":{"max":100,"daily_max":100}}"#),
    Case("/debit/pin_free_limit", #"{"debit":{"pin_free_limit":101,"max":100}}"#),
    Case(nil, #"{"debit":{"pin_free_limit":100,"max":100}}"#),
    Case("/debit/pin_free_limit", #"{"debit":{"pin_free_limit":101,"daily_max":100}}"#),
    Case(nil, #"{"debit":{"pin_free_limit":100,"daily_max":100}}"#),
    Case(nil, #"{"debit":{"pin_free_limit":100},"pin":{"required":false}}"#),
    Case("/pin/min_length", #"{"pin":{"min_length":7,"max_length":6}}"#),
    Case(nil, #"{"pin":{"min_length":6,"max_length":6}}"#),
    Case(
      "/card/max_balance_unregistered",
      #"{"card":{"max_balance":100,"max_balance_unregistered":101}}"#),
    Case(nil, #"{"card":{"max_balance":100,"max_balance_unregistered":100}}"#),
  ])
  fileprivate func `limits must agree`(_ given: Case) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Case(rule0 + "/min_amount", withRule(#""min_amount":101,"max_amount":100"#)),
    Case(nil, withRule(#""min_amount":100,"max_amount":100"#)),
    Case(rule0 + "/min_amount", withRule(#""min_amount":101"#, topUp: #""max":100"#)),
    Case(nil, withRule(#""min_amount":100"#, topUp: #""max":100"#)),
    Case(rule0 + "/max_amount", withRule(#""max_amount":99"#, topUp: #""min":100"#)),
    Case(nil, withRule(#""max_amount":100"#, topUp: #""min":100"#)),
    Case(
      rule0 + "/min_amount", withRule(#""min_amount":101"#, more: #""card":{"max_balance":100}"#)),
    Case(nil, withRule(#""min_amount":100"#, more: #""card":{"max_balance":100}"#)),
    Case(
      nil, withRule(#""min_amount":101"#, more: #""card":{"max_balance_unregistered":100}"#)),
    Case(
      rule0 + "/min_amount",
      withRule(#""min_amount":500001"#, more: #""preset":"cn-single-purpose""#)),
    Case(
      rule0 + "/valid_from", withRule(#""valid_from":"2026-01-02","valid_until":"2026-01-01""#)),
    Case(nil, withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-01""#)),
    Case(nil, withRule(#""first_topup_only":true,"once_per_account":true"#)),
  ])
  fileprivate func `a bonus rule must have amounts and days`(_ given: Case) {
    #expect(refusal(given.text) == given.field)
  }

  /// 2026-01-01 is a Thursday.
  @Test(arguments: [
    Case(
      rule0 + "/weekdays",
      withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-06","weekdays":[3]"#)),
    Case(
      nil, withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-07","weekdays":[3]"#)),
    Case(
      rule0 + "/weekdays",
      withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-01","weekdays":[3,5]"#)),
    Case(
      nil, withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-01","weekdays":[4]"#)),
    Case(
      nil, withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-06","weekdays":[1,3]"#)),
    Case(nil, withRule(#""valid_from":"2026-01-01","valid_until":"2026-01-06""#)),
    Case(nil, withRule(#""valid_from":"2026-01-01","weekdays":[3]"#)),
    Case(nil, withRule(#""valid_until":"2026-01-01","weekdays":[3]"#)),
    Case(nil, withRule(#""valid_from":"0000-01-01","valid_until":"9999-12-31","weekdays":[3]"#)),
  ])
  fileprivate func `a bonus rule's weekdays must come in its days`(_ given: Case) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Case(
      rule0 + "/grant/every",
      withRule(#""max_amount":99"#, grant: #"{"type":"per","every":100,"amount":10}"#)),
    Case(
      nil, withRule(#""max_amount":100"#, grant: #"{"type":"per","every":100,"amount":10}"#)),
    Case(
      rule0 + "/grant/every",
      withRule(grant: #"{"type":"per","every":100,"amount":10}"#, topUp: #""max":99"#)),
    Case(
      rule0 + "/grant/every",
      withRule(
        grant: #"{"type":"per","every":100,"amount":10}"#, more: #""card":{"max_balance":99}"#)),
    Case(
      rule0 + "/grant/basis_points",
      withRule(#""max_amount":99"#, grant: #"{"type":"rate","basis_points":100}"#)),
    Case(
      nil, withRule(#""max_amount":100"#, grant: #"{"type":"rate","basis_points":100}"#)),
    Case(
      rule0 + "/grant/basis_points",
      withRule(grant: #"{"type":"rate","basis_points":1}"#, topUp: #""max":9999"#)),
    Case(nil, withRule(grant: #"{"type":"per","every":1,"amount":1000000000000}"#)),
  ])
  fileprivate func `a grant must give something for some amount`(_ given: Case) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Case("/topup/bonus_rules/1", first(fixed, fixed)),
    Case("/topup/bonus_rules/2", first("\"max_amount\":99," + fixed, fixed, percent)),
    Case(nil, first("\"max_amount\":99," + fixed, fixed)),
    Case(nil, first("\"min_amount\":100," + fixed, fixed)),
    Case(
      "/topup/bonus_rules/1", first("\"min_amount\":100," + fixed, fixed, topUp: "\"min\":100,")),
    Case(
      "/topup/bonus_rules/1", first("\"max_amount\":100," + fixed, fixed, topUp: "\"max\":100,")),
    Case(nil, first("\"max_amount\":99," + fixed, fixed, topUp: "\"max\":100,")),
    Case("/topup/bonus_rules/1", first(per100, "\"min_amount\":100," + fixed)),
    Case(nil, first(per100, "\"min_amount\":99," + fixed)),
    Case("/topup/bonus_rules/1", first(percent, "\"min_amount\":100," + fixed)),
    Case(nil, first(percent, "\"min_amount\":99," + fixed)),
    Case(nil, first("\"first_topup_only\":true," + fixed, fixed)),
    Case(nil, first("\"once_per_account\":true," + fixed, fixed)),
    Case(nil, first("\"valid_from\":\"2026-01-01\"," + fixed, fixed)),
    Case(nil, first("\"valid_until\":\"2026-01-01\"," + fixed, fixed)),
    Case(nil, first("\"weekdays\":[1]," + fixed, fixed)),
    Case(nil, first("\"store_ids\":[\"S1\"]," + fixed, fixed)),
    Case(nil, first("\"levels\":[\"gold\"]," + fixed, fixed)),
    Case("/topup/bonus_rules/1", first("\"release_basis_points\":1," + fixed, fixed)),
    Case("/topup/bonus_rules/1", first("\"expires_after_days\":1," + fixed, fixed)),
    Case("/topup/bonus_rules/1", first(fixed, "\"levels\":[\"gold\"]," + fixed)),
  ])
  fileprivate func `where the first rule gives, a rule never reached is refused`(_ given: Case) {
    #expect(refusal(given.text) == given.field)
    // No order of rules makes one of them dead where all or the best of them give.
    let (all, best) = ("\"bonus_combination\":\"all\"", "\"bonus_combination\":\"best\"")
    for other in [all, best] {
      let parts = given.text.split(separator: "\"bonus_combination\":\"first\"")
      #expect(refusal(parts.joined(separator: other)) == nil)
    }
  }

  @Test func `the message names the rule that comes first`() {
    #expect(
      throws: ProgramProblem(
        field: "/topup/bonus_rules/1", message: "never reached: rule 0 always comes first")
    ) { _ = try decode(first(fixed, fixed)) }
  }
}
