// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Program
import Seeds
import Testing

struct CanonicalTests {
  @Test(arguments: [
    ("{}", "{}"),
    ("{\"preset\":null,\"topup\":null}", "{}"),
    ("{\"topup\":{}}", "{\"topup\":{}}"),
    ("{\"topup\":{\"min\":null,\"x_a\":[null]}}", "{\"topup\":{}}"),
    (" { \"topup\" : { \"max\" : 9 , \"min\" : 1 } } ", "{\"topup\":{\"max\":9,\"min\":1}}"),
    ("{\"pin\":{\"lock_seconds\":null}}", "{\"pin\":{\"lock_seconds\":null}}"),
    ("{\"pin\":{\"lock_seconds\":null,\"required\":null}}", "{\"pin\":{\"lock_seconds\":null}}"),
    ("{\"pin\":{\"lock\\u005fseconds\":60}}", "{\"pin\":{\"lock_seconds\":60}}"),
    (
      "{\"topup\":{\"pending_tenders\":[\"\\u652f\",\"b\"]}}",
      "{\"topup\":{\"pending_tenders\":[\"支\",\"b\"]}}"
    ),
    (
      withRule(
        "\"x_a\":1,\"levels\":null", grant: #"{"x_b":2,"type":"fixed","max":null,"amount":1}"#),
      #"{"topup":{"bonus_rules":[{"grant":{"amount":1,"type":"fixed"},"id":"r"}]}}"#
    ),
  ])
  func `a document is kept in one spelling`(_ text: String, _ expected: String) throws {
    #expect(try canonical(text) == expected)
  }

  @Test func `a null lock and no lock are different documents`() throws {
    #expect(try decode(#"{"pin":{"lock_seconds":null}}"#) != decode(#"{"pin":{}}"#))
  }

  @Test func `the document says what it means again`() throws {
    for text in [everything, "{}", #"{"pin":{"lock_seconds":null}}"#, withRule()] {
      let program = try decode(text)
      #expect(try Program.decode(canonical: program.document) == program)
      let tree = try JSONTree(JSONDocument.parse(program.document).root)
      #expect(Array(tree.canonicalText.utf8) == program.document)
    }
  }

  @Test func `nothing of the document is lost`() throws {
    let tree = try JSONTree(JSONDocument.parse(everything.utf8).root)
    guard case .object(let members) = tree else { return }
    let kept = JSONTree.object(members.filter { $0.value != .null })
    #expect(try canonical(everything) == kept.canonicalText)
  }

  @Test(arguments: [UInt64](1...200))
  func `member order, x_ members and nulls do not count`(_ seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let tree = try JSONTree(JSONDocument.parse(everything.utf8).root)
    let text = disturbed(tree, &generator).text
    let program = try decode(text)
    #expect(try program == decode(everything), "seed \(seed): \(text)")
  }

  /// The same content: members shuffled, with additions that mean nothing.
  private func disturbed(_ tree: JSONTree, _ generator: inout SplitMix64) -> JSONTree {
    switch tree {
    case .array(let elements):
      return .array(elements.map { disturbed($0, &generator) })
    case .object(let members):
      var result = members.map { JSONTree.Member($0.name, disturbed($0.value, &generator)) }
      for absent in ["preset", "coupons", "max_amount", "levels", "weekdays", "valid_until"]
      where result.contains(where: { $0.name == "id" || $0.name == "preset" })
        && generator.below(3) == 0 && !result.contains(where: { $0.name == absent })
        && (absent == "preset") == result.contains(where: { $0.name == "topup" })
      {
        result.append(JSONTree.Member(absent, .null))
      }
      for index in 0..<generator.below(3) {
        let noise: JSONTree = generator.below(2) == 0 ? .null : ["a": [nil, 1]]
        result.append(JSONTree.Member("x_\(index)", noise))
      }
      return .object(result.shuffled(using: &generator))
    case .null, .bool, .integer, .number, .string:
      return tree
    }
  }
}

extension JSONTree {
  /// In its own member order, unlike `canonicalText`.
  var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
