// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

@Suite struct NamesTests {
  /// Of one length, with the same first and last eight bytes: told apart by all their bytes only.
  private static let alike = ["aaaaaaaaXbbbbbbbb", "aaaaaaaaYbbbbbbbb", "aaaaaaaaZbbbbbbbb"]
  private static let all =
    ["", "a", "ab", "amount", "card_no", "idempotency_key", "金额"] + alike

  private func picks(_ text: String) throws -> JSONPicks {
    JSONPicks(of: try JSONDocument.parse(text.utf8).root, by: JSONNames(Self.all))
  }

  private func places(_ text: String) throws -> [Int?] {
    let picks = try picks(text)
    return (0..<picks.memberCount).map { picks.place(ofMember: $0) }
  }

  @Test func `every name is found at its place, as a text and as a member`() throws {
    let names = JSONNames(Self.all)
    for (place, name) in Self.all.enumerated() {
      #expect(names.place(of: name) == place, "\(name)")
      #expect(try places("{\"\(name)\":1}") == [place], "\(name)")
    }
  }

  @Test func `a name is found however it is escaped`() throws {
    #expect(try places(#"{"\u0061mount":1,"\u91d1\u989d":2}"#) == [3, 6])
  }

  @Test(arguments: ["b", "Amount", "amount ", "aaaaaaaaWbbbbbbbb", "idempotency_ke", "金"])
  func `what is none of them is not found`(name: String) throws {
    #expect(JSONNames(Self.all).place(of: name) == nil)
    #expect(try places("{\"\(name)\":1}") == [nil])
  }

  @Test func `members are sorted out by name, whatever they hold`() throws {
    let picks = try picks(#"{"card_no":{"a":[1,{"amount":2}]},"x_y":3,"amount":4,"":"5"}"#)
    #expect(picks.memberCount == 4)
    #expect((0..<4).map { picks.place(ofMember: $0) } == [4, nil, 3, 0])
    #expect(picks[3]?.integer == 4)
    #expect(picks[0]?.string == "5")
    #expect(picks[4]?.rawText == #"{"a":[1,{"amount":2}]}"#)
    #expect(picks[1] == nil && !picks.hasValue(at: 1))
    #expect(picks.name(ofMember: 1) == "x_y")
    #expect(picks.isMember(1, namedStartingWith: "x_"))
    #expect(!picks.isMember(0, namedStartingWith: "x_"))
  }

  @Test func `a member that is null counts as absent, but is among the members`() throws {
    let picks = try picks(#"{"amount":null,"a":false}"#)
    #expect(picks.memberCount == 2)
    #expect(picks.place(ofMember: 0) == 3)
    #expect(picks[3] == nil && !picks.hasValue(at: 3))
    #expect(picks[1]?.bool == false)
  }

  @Test func `nothing is picked from an empty object, or where there is none`() throws {
    let empty = try picks("{}")
    let none = JSONPicks(none: Self.all.count)
    for place in Self.all.indices {
      #expect(empty[place] == nil)
      #expect(none[place] == nil)
    }
    #expect(empty.memberCount == 0 && none.memberCount == 0)
  }

  @Test func `values are read where they lie`() throws {
    let picks = try picks(#"{"a":"\u91d1","ab":-7,"amount":null,"card_no":[1, 2]}"#)
    #expect((0..<5).map { picks.string(at: $0) } == [nil, "金", nil, nil, nil])
    #expect((0..<5).map { picks.integer(at: $0) } == [nil, nil, -7, nil, nil])
    var seen: [String] = []
    for place in 0..<5 { picks.look(at: place) { seen.append($0.rawText) } }
    #expect(seen == [#""\u91d1""#, "-7", "[1, 2]"])
    JSONPicks(none: 5).look(at: 1) { _ in Issue.record("there is none") }
  }

  @Test func `what does not fit is found by its order, and what is null fits`() throws {
    let picks = try picks(#"{"a":1,"b":2,"ab":null,"amount":"3","card_no":4,"x_":5}"#)
    func misfits(_ fits: (Int, JSONPeek) -> Bool) -> [Int] {
      var found: [Int] = []
      while let order = picks.firstMisfit(from: (found.last ?? -1) + 1, fits) {
        found.append(order)
      }
      return found
    }
    #expect(misfits { _, _ in true } == [1, 5])
    #expect(misfits { _, value in value.integer != nil } == [1, 3, 5])
    #expect(misfits { place, _ in place != 1 } == [0, 1, 5])
    #expect(misfits { _, _ in false } == [0, 1, 3, 4, 5])
    #expect(JSONPicks(none: 5).firstMisfit(from: 0) { _, _ in false } == nil)
  }

  @Test(arguments: [
    #"{"id":1,"jsonrpc":"2.0","method":"m","params":{"id":2,"method":3}}"#,
    #"{"params":{"id":2,"method":3},"trace":[{"id":9}],"method":"m","jsonrpc":"2.0","id":1}"#,
    #"{"\u0069d":1,"jsonrpc":"2\u002e0","method":"\u006d","params":{"id":2,"method":3}}"#,
  ])
  func `four members are found in any order, however they are written`(text: String) throws {
    let names = JSONNames(["id", "jsonrpc", "method", "params"])
    let four = JSONFour(of: try JSONDocument.parse(text.utf8).root, by: names)
    #expect(four[0]?.integer == 1)
    #expect(four[1]?.string == "2.0")
    #expect(four[2]?.string == "m")
    #expect(four[3]?["method"]?.integer == 3)
    var isVersion = false
    four.look(at: 1) { isVersion = $0.isString("2.0") }
    #expect(isVersion)
  }

  @Test func `of four members those that are left out are nil, and null is a value`() throws {
    let names = JSONNames(["id", "jsonrpc", "method", "params"])
    let four = JSONFour(of: try JSONDocument.parse(#"{"id":null,"a":1}"#.utf8).root, by: names)
    #expect(four[0]?.isNull == true)
    #expect(four[1] == nil && four[2] == nil && four[3] == nil)
    four.look(at: 3) { _ in Issue.record("there is none") }
  }
}
