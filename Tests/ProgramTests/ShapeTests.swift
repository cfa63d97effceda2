// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Program
import Testing

struct ShapeTests {
  @Test(arguments: ["[]", "null", "1", "\"{}\"", "true"])
  func `a program must be an object`(_ text: String) {
    #expect(refusal(text) == "")
  }

  @Test(arguments: ["", "{", "{}x", "{\"pin\":{},\"pin\":{}}", "{\"a\":01}", "\u{0}"])
  func `bytes that are no JSON are refused as a whole`(_ text: String) {
    #expect(refusal(text) == "")
  }

  @Test(arguments: [
    ("{\"tpoup\":{}}", "/tpoup"),
    ("{\"X_note\":1}", "/X_note"),
    ("{\"x\":1}", "/x"),
    ("{\"unknown\":null}", "/unknown"),
    ("{\"a/b~c\":1}", "/a~1b~0c"),
    ("{\"topup\":{\"minimum\":1}}", "/topup/minimum"),
    ("{\"debit\":{\"min\":1}}", "/debit/min"),
    ("{\"first_day\":{\"cap\":1}}", "/first_day/cap"),
    ("{\"pin\":{\"length\":6}}", "/pin/length"),
    ("{\"card\":{\"min_balance\":6}}", "/card/min_balance"),
    ("{\"close\":{\"refund\":6}}", "/close/refund"),
    ("{\"coupons\":{\"max\":6}}", "/coupons/max"),
    ("{\"anomaly\":{\"rule\":[]}}", "/anomaly/rule"),
    (withRule("\"name\":\"n\""), "/topup/bonus_rules/0/name"),
    (withRule("\"coupons\":[{\"id\":1}]"), "/topup/bonus_rules/0/coupons/0/id"),
    (
      withRule(grant: #"{"type":"fixed","amount":1,"extra":1}"#),
      "/topup/bonus_rules/0/grant/extra"
    ),
  ])
  func `an unknown member is refused by name`(_ text: String, _ field: String) {
    #expect(refusal(text) == field)
  }

  @Test func `the message about an unknown member says what is allowed`() {
    #expect(
      throws: ProgramProblem(
        field: "/close/refund", message: "unknown member; allowed here: refund_method")
    ) { _ = try decode("{\"close\":{\"refund\":6}}") }
    #expect(
      throws: ProgramProblem(
        field: "/debit/max", message: "must be an integer from 1 to 1000000000000")
    ) { _ = try decode("{\"debit\":{\"max\":0}}") }
    #expect(
      throws: ProgramProblem(
        field: "/pin/hardening", message: "must be \"keyed\" or \"scrypt\"")
    ) { _ = try decode("{\"pin\":{\"hardening\":\"none\"}}") }
  }

  @Test(arguments: [
    ("fixed", "\"amount\":1", "\"every\":1", "every"),
    ("fixed", "\"amount\":1", "\"basis_points\":1", "basis_points"),
    ("fixed", "\"amount\":1", "\"max\":1", "max"),
    ("per", "\"amount\":1,\"every\":9", "\"basis_points\":1", "basis_points"),
    ("per", "\"amount\":1,\"every\":9", "\"max\":1", "max"),
    ("rate", "\"basis_points\":9", "\"amount\":1", "amount"),
    ("rate", "\"basis_points\":9", "\"every\":1", "every"),
  ])
  func `a grant has the members of its type only`(
    _ type: String, _ own: String, _ other: String, _ field: String
  ) {
    let start = "{\"type\":\"\(type)\",\(own)"
    #expect(refusal(withRule(grant: start + "}")) == nil)
    #expect(
      refusal(withRule(grant: "\(start),\(other)}")) == "/topup/bonus_rules/0/grant/\(field)")
    #expect(refusal(withRule(grant: "\(start),\"\(field)\":null}")) == nil)
  }

  @Test func `members that start with x_ are ignored at every level`() {
    let deep = String(repeating: "[", count: 50) + String(repeating: "]", count: 50)
    #expect(
      refusal(
        """
        {"x_":1,"x_a":{"b":-0},"topup":{"x_b":[],"bonus_rules":[{"x_c":null,"id":"r",
        "grant":{"type":"fixed","amount":1,"x_d":"\u{e9}"}}]},"debit":{"x_e":0},
        "first_day":{"x_f":1.5},"pin":{"x_g":\(deep)},"card":{"x_h":0},"close":{"x_i":0},
        "coupons":{"x_j":0},"anomaly":{"x_k":0}}
        """) == nil)
  }

  @Test(arguments: [
    (#"{"campaign_id":"cmp_0","count":2}"#, "/campaign_id"),
    (#"{"campaign_id":"cmp_000000000001"}"#, "/count"),
    (#"{"campaign_id":"cmp_000000000001","count":0}"#, "/count"),
    (#"{"campaign_id":"cmp_000000000001","count":101}"#, "/count"),
    (#"{"campaign_id":"","count":1}"#, "/campaign_id"),
    (#"{"count":1}"#, "/campaign_id"),
    ("null", ""), ("[]", ""), ("\"cmp_0\"", ""),
  ])
  func `a rule gives coupons by an id that a campaign can have, and a count`(
    _ coupon: String, _ field: String
  ) {
    let text = withRule("\"coupons\":[\(coupon)]")
    #expect(refusal(text) == "/topup/bonus_rules/0/coupons/0" + field)
  }

  @Test func `an unknown campaign is refused for what it is`() {
    #expect(
      throws: ProgramProblem(
        field: "/topup/bonus_rules/0/coupons/0/campaign_id", message: "no such campaign")
    ) { _ = try decode(withRule(#""coupons":[{"campaign_id":"cmp_0","count":1}]"#)) }
  }

  @Test func `rule ids differ`() {
    let rule = { (id: String) in #"{"id":"\#(id)","grant":{"type":"fixed","amount":1}}"# }
    let rules = { (ids: [String]) in
      "{\"topup\":{\"bonus_rules\":[\(ids.map(rule).joined(separator: ","))]}}"
    }
    #expect(refusal(rules(["a", "b", "A"])) == nil)
    #expect(refusal(rules(["a", "b", "a"])) == "/topup/bonus_rules/2/id")
  }
}
