// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

@Suite struct NamesTests {
  /// Of one length, with the same first and last eight bytes: told apart by all their bytes only.
  private static let alike = ["aaaaaaaaXbbbbbbbb", "aaaaaaaaYbbbbbbbb", "aaaaaaaaZbbbbbbbb"]
  private static let all =
    ["", "a", "ab", "amount", "card_no", "idempotency_key", "金额"] + alike

  private func places(_ text: String) throws -> [Int?] {
    let names = JSONNames(Self.all)
    return try JSONDocument.parse(text.utf8).root.members.map { names.place(of: $0) }
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
}
