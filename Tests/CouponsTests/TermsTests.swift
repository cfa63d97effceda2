// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

/// A document and the pointer at which it is refused; nil when it is accepted.
struct Document: CustomTestStringConvertible, Sendable {
  let field: String?
  let text: String

  init(_ field: String?, _ text: String) { (self.field, self.text) = (field, text) }

  var testDescription: String { text }
}

private func percent(_ members: String) -> String { #"{"name":"n","kind":"percent",\#(members)}"# }

private func threshold(_ members: String) -> String {
  #"{"name":"n","kind":"threshold",\#(members)}"#
}

private func item(_ members: String = #""sku":"a","quantity":1"#) -> String {
  #"{"name":"n","kind":"item",\#(members)}"#
}

private func scope(_ members: String) -> String { cash(#""scope":{\#(members)}"#) }

private func stacking(_ members: String) -> String { cash(#""stacking":{\#(members)}"#) }

private func caps(_ members: String) -> String { cash(#""caps":{\#(members)}"#) }

struct TermsTests {
  @Test(arguments: [
    Document("", "[]"), Document("", "null"), Document("/name", #"{"kind":"cash","amount":1}"#),
    Document("/kind", #"{"name":"n","amount":1}"#),
    Document("/kind", #"{"name":"n","kind":"gift","amount":1}"#),
    Document("/name", #"{"name":"","kind":"cash","amount":1}"#),
    Document("/name", #"{"name":"a\nb","kind":"cash","amount":1}"#),
    Document("/name", #"{"name":7,"kind":"cash","amount":1}"#),
    Document("/amout", cash(#""amout":1"#)), Document("/levels", cash(#""levels":[]"#)),
    Document("/a~1b~0c", cash(#""a/b~c":1"#)),
    Document(nil, cash(#""x_note":{"a":[1.5]}"#)),
    Document(nil, cash(#""min_spend":null,"scope":null,"validity":null,"steps":null"#)),
    Document("/min_spend", cash(#""min_spend":0"#)), Document(nil, cash(#""min_spend":1"#)),
    Document("/scope", cash(#""scope":[]"#)), Document("/caps", cash(#""caps":1"#)),
  ])
  func `a campaign is an object of known members with a name and a kind`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test func `names are as long as 200 characters and labels as 64`() {
    func named(_ count: Int) -> String {
      #"{"name":"\#(String(repeating: "é", count: count))","kind":"cash","amount":1}"#
    }
    #expect(refusal(named(200)) == nil)
    #expect(refusal(named(201)) == "/name")
    func level(_ count: Int) -> String {
      scope(#""levels":["\#(String(repeating: "金", count: count))"]"#)
    }
    #expect(refusal(level(64)) == nil)
    #expect(refusal(level(65)) == "/scope/levels/0")
  }

  @Test(arguments: [
    Document(nil, percent(#""off_basis_points":1"#)),
    Document(nil, percent(#""off_basis_points":10000,"max_discount":1"#)),
    Document("/off_basis_points", percent(#""off_basis_points":0"#)),
    Document("/off_basis_points", percent(#""off_basis_points":10001"#)),
    Document("/off_basis_points", percent(#""off_basis_points":12.5"#)),
    Document("/off_basis_points", percent(#""off_basis_points":1200.0"#)),
    Document("/off_basis_points", percent(#""off_basis_points":"1200""#)),
    Document("/off_basis_points", percent(#""max_discount":1"#)),
    Document("/max_discount", percent(#""off_basis_points":1,"max_discount":0"#)),
    Document("/amount", percent(#""off_basis_points":1,"amount":1"#)),
    Document("/steps", percent(#""off_basis_points":1,"steps":[]"#)),
    Document("/repeat", percent(#""off_basis_points":1,"repeat":true"#)),
    Document("/sku", percent(#""off_basis_points":1,"sku":"a""#)),
    Document("/quantity", percent(#""off_basis_points":1,"quantity":1"#)),
    Document("/amount", #"{"name":"n","kind":"cash"}"#),
    Document("/amount", #"{"name":"n","kind":"cash","amount":0}"#),
    Document("/amount", #"{"name":"n","kind":"cash","amount":1000000000001}"#),
    Document(nil, #"{"name":"n","kind":"cash","amount":1000000000000}"#),
    Document("/max_discount", cash(#""max_discount":1"#)),
    Document("/off_basis_points", cash(#""off_basis_points":1"#)),
    Document("/steps", cash(#""steps":[{"min":1,"off":1}]"#)),
    Document("/repeat", cash(#""repeat":false"#)), Document("/sku", cash(#""sku":"a""#)),
    Document("/quantity", cash(#""quantity":1"#)),
    Document(nil, item()), Document("/sku", item(#""quantity":1"#)),
    Document("/quantity", item(#""sku":"a""#)),
    Document("/quantity", item(#""sku":"a","quantity":0"#)),
    Document(nil, item(#""sku":"a","quantity":1000000"#)),
    Document("/quantity", item(#""sku":"a","quantity":1000001"#)),
    Document("/sku", item(#""sku":"","quantity":1"#)),
    Document("/max_discount", item(#""sku":"a","quantity":1,"max_discount":1"#)),
    Document("/off_basis_points", item(#""sku":"a","quantity":1,"off_basis_points":1"#)),
    Document("/amount", item(#""sku":"a","quantity":1,"amount":1"#)),
    Document("/steps", item(#""sku":"a","quantity":1,"steps":[]"#)),
    Document("/repeat", item(#""sku":"a","quantity":1,"repeat":true"#)),
  ])
  func `each kind has its own members and no others`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Document(nil, threshold(#""steps":[{"min":1,"off":1}]"#)),
    Document(nil, threshold(#""steps":[{"min":100,"off":10},{"min":101,"off":5}]"#)),
    Document(nil, threshold(#""steps":[{"min":100,"off":10}],"repeat":true,"max_discount":30"#)),
    Document(nil, threshold(#""steps":[{"min":1,"off":1},{"min":2,"off":1}],"repeat":false"#)),
    Document("/steps", threshold(#""repeat":true"#)),
    Document("/steps", threshold(#""steps":[]"#)),
    Document("/steps", threshold(#""steps":{"min":1,"off":1}"#)),
    Document("/repeat", threshold(#""steps":[{"min":1,"off":1},{"min":2,"off":1}],"repeat":true"#)),
    Document("/repeat", threshold(#""steps":[{"min":1,"off":1}],"repeat":1"#)),
    Document("/steps/1/min", threshold(#""steps":[{"min":2,"off":1},{"min":2,"off":2}]"#)),
    Document("/steps/1/min", threshold(#""steps":[{"min":2,"off":1},{"min":1,"off":1}]"#)),
    Document("/steps/0/off", threshold(#""steps":[{"min":1,"off":2}]"#)),
    Document("/steps/0/off", threshold(#""steps":[{"min":1}]"#)),
    Document("/steps/0/min", threshold(#""steps":[{"off":1}]"#)),
    Document("/steps/0/min", threshold(#""steps":[{"min":0,"off":0}]"#)),
    Document("/steps/0/of", threshold(#""steps":[{"min":1,"off":1,"of":1}]"#)),
    Document("/sku", threshold(#""steps":[{"min":1,"off":1}],"sku":"a""#)),
    Document("/amount", threshold(#""steps":[{"min":1,"off":1}],"amount":1"#)),
    Document("/quantity", threshold(#""steps":[{"min":1,"off":1}],"quantity":1"#)),
    Document(
      "/off_basis_points", threshold(#""steps":[{"min":1,"off":1}],"off_basis_points":1"#)),
  ])
  func `steps ascend and take off no more than they ask`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test func `there are 1 to 20 steps`() {
    func steps(_ count: Int) -> String {
      let list = (1...count).map { #"{"min":\#($0),"off":1}"# }.joined(separator: ",")
      return threshold(#""steps":[\#(list)]"#)
    }
    #expect(refusal(steps(20)) == nil)
    #expect(refusal(steps(21)) == "/steps")
  }

  @Test(arguments: [
    Document(nil, scope("")), Document(nil, scope(#""include_skus":[],"exclude_skus":[]"#)),
    Document("/scope/include_skus/1", scope(#""include_skus":["a","a"]"#)),
    Document("/scope/include_skus/0", scope(#""include_skus":[1]"#)),
    Document("/scope/include_skus", scope(#""include_skus":"a""#)),
    Document("/scope/skus", scope(#""skus":["a"]"#)),
    Document("/scope/full_price_only", scope(#""full_price_only":0"#)),
    Document("/scope/exclude_skus/1", scope(#""include_skus":["a"],"exclude_skus":["b","a"]"#)),
    Document(
      "/scope/exclude_categories/0",
      scope(#""include_categories":["k","l"],"exclude_categories":["l"]"#)),
    Document(nil, scope(#""include_skus":["a"],"exclude_categories":["a"]"#)),
    Document(nil, scope(#""include_categories":["a"],"exclude_skus":["a"]"#)),
    Document(nil, scope(#""include_skus":["é"],"exclude_skus":["e\u0301"]"#)),
    Document(
      nil,
      scope(
        #""include_skus":["a"],"include_categories":["k"],"exclude_skus":["b"],"#
          + #""exclude_categories":["l"],"full_price_only":true,"#
          + #""store_ids":["S"],"levels":["g"]"#)),
  ])
  func `a scope names each thing once and excludes nothing that it includes`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Document("/sku", item(#""sku":"a","quantity":1,"scope":{"exclude_skus":["a"]}"#)),
    Document("/sku", item(#""sku":"a","quantity":1,"scope":{"include_skus":["b"]}"#)),
    Document(nil, item(#""sku":"a","quantity":1,"scope":{"include_skus":["a","b"]}"#)),
    Document(
      nil,
      item(#""sku":"a","quantity":1,"scope":{"include_skus":["b"],"include_categories":["k"]}"#)
    ),
  ])
  func `an article that its own scope leaves out could never be given`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test(arguments: [
    Document("/stacking/class", stacking("")), Document(nil, stacking(#""class":"a""#)),
    Document("/stacking/class", stacking(#""class":"*""#)),
    Document("/stacking/class", stacking(#""class":"""#)),
    Document(nil, stacking(#""class":"a","with":[]"#)),
    Document(nil, stacking(#""class":"a","with":["*"],"max_per_class":100"#)),
    Document("/stacking/with", stacking(#""class":"a","with":["*","b"]"#)),
    Document("/stacking/with", stacking(#""class":"a","with":"*""#)),
    Document("/stacking/with/1", stacking(#""class":"a","with":["b","b"]"#)),
    Document("/stacking/max_per_class", stacking(#""class":"a","max_per_class":0"#)),
    Document("/stacking/max_per_class", stacking(#""class":"a","max_per_class":101"#)),
    Document("/stacking/max", stacking(#""class":"a","max":1"#)),
    Document(nil, caps("")), Document(nil, caps(#""total":1000000000000"#)),
    Document("/caps/total", caps(#""total":0"#)),
    Document("/caps/per_account", caps(#""per_account":0"#)),
    Document("/caps/per_account_per_day", caps(#""per_account_per_day":0"#)),
    Document("/caps/redemptions_per_day", caps(#""redemptions_per_day":0"#)),
    Document("/caps/budget", caps(#""budget":0"#)), Document("/caps/max", caps(#""max":1"#)),
    Document("/caps/per_account", caps(#""total":5,"per_account":6"#)),
    Document("/caps/redemptions_per_day", caps(#""total":5,"redemptions_per_day":6"#)),
    Document("/caps/per_account_per_day", caps(#""total":5,"per_account_per_day":6"#)),
    Document("/caps/per_account_per_day", caps(#""per_account":5,"per_account_per_day":6"#)),
    Document(
      "/caps/per_account_per_day", caps(#""redemptions_per_day":5,"per_account_per_day":6"#)),
    Document(
      nil,
      caps(
        #""total":5,"per_account":5,"per_account_per_day":5,"redemptions_per_day":5,"budget":1"#)),
  ])
  func `stacking names a class, and no cap lies beyond a wider one`(_ given: Document) {
    #expect(refusal(given.text) == given.field)
  }

  @Test func `members left out have the neutral meaning`() throws {
    let neutral = try terms(cash())
    #expect(neutral.name == "n" && neutral.benefit == .cash(Amount(1000)))
    #expect(neutral.minimumSpend == nil && neutral.stacking == nil)
    #expect(neutral.scope.includes(Cart(amount: Amount(5)).lines[0]))
    #expect(neutral.caps == (try terms(caps(""))).caps)
    #expect(neutral.validity == (try terms(cash(#""validity":{"windows":[]}"#))).validity)
    let stacked = try terms(stacking(#""class":"a""#))
    #expect(stacked.stacking?.maximumPerClass == 1)
    #expect(stacked.stacking?.partners.contains(Label("a")) == false)
  }

  @Test func `a message says what is allowed`() {
    #expect(
      throws: DocumentProblem(
        field: "/amount", message: "must be an integer from 1 to 1000000000000")
    ) { _ = try terms(#"{"name":"n","kind":"cash","amount":0}"#) }
    #expect(
      throws: DocumentProblem(
        field: "/kind", message: #"must be "item" or "percent" or "threshold" or "cash""#)
    ) { _ = try terms(#"{"name":"n","kind":"gift"}"#) }
    #expect(
      throws: DocumentProblem(
        field: "/sku", message: #"has no meaning in a coupon of kind "cash""#)
    ) { _ = try terms(cash(#""sku":"a""#)) }
    #expect(
      throws: DocumentProblem(
        field: "/caps/per_account", message: "never reached: above total")
    ) { _ = try terms(caps(#""total":5,"per_account":6"#)) }
  }
}
