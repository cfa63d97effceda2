// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Program
import Testing

/// One member of the document: where it stands, and what may stand there.
struct Member: CustomTestStringConvertible, Sendable {
  let field: String
  /// The document, with `@` for the member's value.
  let template: String
  let good: [String]
  let bad: [String]
  /// Whether leaving the member out (or null) is refused.
  var isRequired = false
  /// Whether a fault is that of an element, named by its index after the field.
  var element: Int?

  var testDescription: String { field + (element == nil ? "" : " (elements)") }

  func document(_ value: String) -> String {
    template.split(separator: "@", omittingEmptySubsequences: false).joined(separator: value)
  }
}

private let amounts = ["1", "2", "999999999999", "1000000000000"]
private let noInteger = [
  "-0", "1.0", "1e2", "1E2", "1.5", "\"5\"", "\"\"", "true", "[]", "[5]", "{}", "-1",
  "9223372036854775807", "9223372036854775808", "-9223372036854775808",
  "99999999999999999999999999",
]
private let noAmount = noInteger + ["0", "1000000000001"]
private let noBool = ["0", "1", "\"true\"", "\"\"", "[]", "{}"]
private let noText = ["1", "true", "[]", "{}", "\"\""]

private func rule(_ name: String, good: [String], bad: [String]) -> Member {
  Member(
    field: "/topup/bonus_rules/0/\(name)", template: withRule("\"\(name)\":@"), good: good, bad: bad
  )
}

private func grant(
  _ name: String, of type: String, with others: String = "", good: [String], bad: [String],
  isRequired: Bool = true
) -> Member {
  Member(
    field: "/topup/bonus_rules/0/grant/\(name)",
    template: withRule(grant: #"{"type":"\#(type)",\#(others)"\#(name)":@}"#),
    good: good, bad: bad, isRequired: isRequired)
}

private func text(_ count: Int, _ character: String = "a") -> String {
  "\"" + String(repeating: character, count: count) + "\""
}

private func list(_ count: Int) -> String {
  "[" + (0..<count).map { "\"n\($0)\"" }.joined(separator: ",") + "]"
}

private func oneOf(_ words: [String]) -> (good: [String], bad: [String]) {
  let quoted = words.map { "\"\($0)\"" }
  let near = words.flatMap { ["\"\($0) \"", "\"\($0.uppercased())\"", "\"\($0)\\u0000\""] }
  return (quoted, noText + near)
}

private func choice(_ section: String, _ name: String, _ words: String...) -> Member {
  let (good, bad) = oneOf(words)
  return Member(
    field: "/\(section)/\(name)", template: #"{"\#(section)":{"\#(name)":@}}"#, good: good,
    bad: bad)
}

private func number(
  _ section: String, _ name: String, _ range: ClosedRange<Int64>, alongside others: String = ""
) -> Member {
  Member(
    field: "/\(section)/\(name)", template: #"{"\#(section)":{\#(others)"\#(name)":@}}"#,
    good: ["\(range.lowerBound)", "\(range.upperBound)"],
    bad: noInteger + ["\(range.lowerBound - 1)", "\(range.upperBound + 1)"])
}

private func bool(_ section: String, _ name: String) -> Member {
  Member(
    field: "/\(section)/\(name)", template: #"{"\#(section)":{"\#(name)":@}}"#,
    good: ["true", "false"], bad: noBool)
}

private let most: Int64 = 1_000_000_000_000

private let sections: [Member] = [
  "topup", "debit", "first_day", "pin", "card", "close", "coupons", "anomaly",
].map { name in
  Member(
    field: "/\(name)", template: #"{"\#(name)":@}"#, good: ["{}"],
    bad: ["[]", "1", "\"\"", "true", "[{}]"])
}

private let plain: [Member] = [
  number("topup", "min", 1...most), number("topup", "max", 1...most),
  choice("topup", "bonus_combination", "best", "all", "first"),
  choice("debit", "order", "bonus_first", "principal_first", "proportional"),
  number("debit", "pin_free_limit", 0...most), number("debit", "max", 1...most),
  number("debit", "daily_max", 1...most), number("first_day", "cap_basis_points", 0...10_000),
  number("first_day", "gate_basis_points", 1...10_000), bool("pin", "required"),
  number("pin", "min_length", 4...12), number("pin", "max_length", 4...12),
  number("pin", "max_attempts", 1...100), number("pin", "lock_seconds", 1...31_536_000),
  choice("pin", "hardening", "keyed", "scrypt"), number("card", "max_balance", 1...most),
  number("card", "max_balance_unregistered", 1...most),
  choice("card", "lost_card", "replace", "forfeit"),
  choice("close", "refund_method", "principal", "paid_ratio", "none"),
  number("coupons", "max_per_checkout", 1...100),
  choice("coupons", "partial_return", "share", "reprice"),
  Member(
    field: "/preset", template: #"{"preset":@}"#, good: ["\"cn-single-purpose\""],
    bad: noText + ["\"cn_single_purpose\"", "\"CN-single-purpose\"", "\"none\""]),
]

private let lists: [Member] = [
  Member(
    field: "/topup/pending_tenders", template: #"{"topup":{"pending_tenders":@}}"#,
    good: ["[]", #"["cheque"]"#, "[\(text(32))]", "[\(text(32, "票"))]", list(1000)],
    bad: ["\"cheque\"", "{}", "1", "true", list(1001)]),
  Member(
    field: "/topup/pending_tenders", template: #"{"topup":{"pending_tenders":["b",@]}}"#,
    good: ["\"a\"", "\" \"", "\"B\""],
    bad: noText + [
      "\"b\"", "null", text(33), text(33, "票"), #""a\u0000""#, #""\u001f""#, #""\u007f""#,
      #""\u0085""#, #""a\nb""#, #""\u0062""#,
    ], element: 1),
  Member(
    field: "/topup/bonus_rules", template: #"{"topup":{"bonus_rules":@}}"#,
    good: ["[]", rules(1), rules(200)],
    bad: ["{}", "1", "\"\"", "false", rules(201)]),
  Member(
    field: "/topup/bonus_rules", template: #"{"topup":{"bonus_rules":[@]}}"#,
    good: [#"{"id":"a","grant":{"type":"fixed","amount":1}}"#],
    bad: ["null", "1", "[]", "\"r\""], element: 0),
  Member(
    field: "/coupons/application_order", template: #"{"coupons":{"application_order":@}}"#,
    good: [
      #"["item","percent","threshold","cash"]"#, #"["cash","threshold","percent","item"]"#,
    ],
    bad: [
      "[]", "{}", "\"item\"", "1", #"["item","percent","threshold"]"#,
      #"["item","percent","threshold","cash","item"]"#,
    ]),
  Member(
    field: "/coupons/application_order",
    template: #"{"coupons":{"application_order":["item","percent","threshold",@]}}"#,
    good: ["\"cash\""],
    bad: noText + ["\"item\"", "\"threshold\"", "\"Cash\"", "null"], element: 3),
  Member(
    field: "/anomaly/rules", template: #"{"anomaly":{"rules":@}}"#, good: ["[]"],
    bad: ["{}", "1", "\"\""]),
]

private func rules(_ count: Int) -> String {
  let each = (0..<count).map { #"{"id":"\#($0)","grant":{"type":"fixed","amount":1}}"# }
  return "[" + each.joined(separator: ",") + "]"
}

private let dates = (
  good: ["\"2026-01-01\"", "\"2024-02-29\"", "\"9999-12-31\""],
  bad: noText + [
    "\"2026-02-29\"", "\"2026-13-01\"", "\"2026-00-10\"", "\"2026-1-1\"", "\"20260101\"",
    "\"2026-01-01T00:00:00Z\"", "\"2026-01-32\"", "\" 2026-01-01\"", "\"2026-01-01 \"",
  ]
)

private let names = (
  good: ["[]", "[\"S1\"]", "[\(text(64, "店"))]", list(1000)],
  bad: ["\"S1\"", "1", "{}", list(1001)]
)

private let ruleMembers: [Member] = [
  rule("min_amount", good: amounts, bad: noAmount),
  rule("max_amount", good: amounts, bad: noAmount),
  rule("first_topup_only", good: ["true", "false"], bad: noBool),
  rule("once_per_account", good: ["true", "false"], bad: noBool),
  rule("valid_from", good: dates.good, bad: dates.bad),
  rule("valid_until", good: dates.good, bad: dates.bad),
  rule(
    "weekdays", good: ["[]", "[1]", "[7]", "[7,1,3]", "[1,2,3,4,5,6,7]"],
    bad: ["1", "{}", "\"1\"", "[1,2,3,4,5,6,7,1]"]),
  rule("store_ids", good: names.good, bad: names.bad),
  rule("levels", good: names.good, bad: names.bad),
  rule(
    "release_basis_points", good: ["1", "1000", "10000"], bad: noInteger + ["0", "10001"]),
  rule("expires_after_days", good: ["0", "1", "36500"], bad: noInteger + ["36501"]),
  rule("coupons", good: ["[]"], bad: ["{}", "1", "\"\""]),
  Member(
    field: "/topup/bonus_rules/0/id",
    template: #"{"topup":{"bonus_rules":[{"id":@,"grant":{"type":"fixed","amount":1}}]}}"#,
    good: ["\"r\"", "\"r 1~/\"", text(64)],
    bad: noText + [text(65), "\"é\"", #""\u007f""#, #""\u001f""#, "\"店\""], isRequired: true),
  Member(
    field: "/topup/bonus_rules/0/grant", template: withRule(grant: "@"),
    good: [#"{"type":"fixed","amount":1}"#], bad: ["[]", "1", "\"fixed\"", "true"],
    isRequired: true),
  Member(
    field: "/topup/bonus_rules/0/weekdays", template: withRule(#""weekdays":[3,@]"#),
    good: ["1", "7"], bad: noInteger + ["null", "0", "8", "3"], element: 1),
  Member(
    field: "/topup/bonus_rules/0/store_ids", template: withRule(#""store_ids":["S1",@]"#),
    good: ["\"S2\"", "\"s1\""], bad: noText + ["null", "\"S1\"", text(65)], element: 1),
  Member(
    field: "/topup/bonus_rules/0/levels", template: withRule(#""levels":["\u00e9",@]"#),
    good: ["\"e\""], bad: noText + ["null", "\"é\"", #""e\u0301""#, text(65, "金")], element: 1),
]

private let grants: [Member] = [
  Member(
    field: "/topup/bonus_rules/0/grant/type",
    template: withRule(grant: #"{"type":@,"amount":1}"#), good: ["\"fixed\""],
    bad: oneOf(["fixed"]).bad, isRequired: true),
  grant("amount", of: "fixed", good: amounts, bad: noAmount),
  grant(
    "amount", of: "per", with: "\"every\":1,", good: amounts, bad: noAmount),
  grant("every", of: "per", with: "\"amount\":1,", good: amounts, bad: noAmount),
  grant(
    "basis_points", of: "rate", good: ["1", "10000", "1000000"],
    bad: noInteger + ["0", "1000001"]),
  grant(
    "max", of: "rate", with: "\"basis_points\":100,", good: amounts, bad: noAmount,
    isRequired: false),
]

struct MemberTests {
  static let members = sections + plain + lists + ruleMembers + grants

  @Test(arguments: members) func `good values of a member are accepted`(_ member: Member) {
    for value in member.good {
      #expect(refusal(member.document(value)) == nil, "\(value.prefix(80))")
    }
  }

  @Test(arguments: members) func `bad values of a member are refused at it`(_ member: Member) {
    let field = member.field + (member.element.map { "/\($0)" } ?? "")
    for value in member.bad {
      #expect(refusal(member.document(value)) == field, "\(value.prefix(80))")
    }
  }

  @Test(arguments: members) func `null counts as absent`(_ member: Member) {
    guard member.element == nil else { return }
    #expect(refusal(member.document("null")) == (member.isRequired ? member.field : nil))
  }

  /// The message about an unknown member lists those that are known.
  @Test(arguments: [
    ("/", #"{"?":0}"#), ("/topup/", #"{"topup":{"?":0}}"#), ("/debit/", #"{"debit":{"?":0}}"#),
    ("/first_day/", #"{"first_day":{"?":0}}"#), ("/pin/", #"{"pin":{"?":0}}"#),
    ("/card/", #"{"card":{"?":0}}"#), ("/close/", #"{"close":{"?":0}}"#),
    ("/coupons/", #"{"coupons":{"?":0}}"#), ("/anomaly/", #"{"anomaly":{"?":0}}"#),
    ("/topup/bonus_rules/0/", #"{"topup":{"bonus_rules":[{"?":0}]}}"#),
    ("/topup/bonus_rules/0/grant/", withRule(grant: #"{"?":0}"#)),
  ])
  func `the table knows every member of the document`(_ place: String, _ text: String) throws {
    let problem = try #require(throws: ProgramProblem.self) { _ = try decode(text) }
    #expect(problem.field == place + "?")
    let known = try #require(problem.message.split(separator: ": ").last).split(separator: ", ")
    let tested = Self.members.map(\.field).filter { field in
      field.hasPrefix(place) && !field.dropFirst(place.count).contains("/")
    }
    #expect(Set(known.map { place + $0 }) == Set(tested))
    let whole = try JSONTree(JSONDocument.parse(everything.utf8).root).members(under: place)
    #expect(whole == Set(known.map(String.init)))
  }
}

extension JSONTree {
  /// The names of all members at a place, whichever element of an array it is in.
  fileprivate func members(under place: String) -> Set<String> {
    let steps = place.split(separator: "/")
    var trees = [self]
    for step in steps {
      trees = trees.flatMap { tree -> [JSONTree] in
        if case .array(let elements) = tree { return elements }
        return tree[String(step)].map { [$0] } ?? []
      }
    }
    return trees.reduce(into: []) { names, tree in
      guard case .object(let members) = tree else { return }
      names.formUnion(members.map(\.name))
    }
  }
}
