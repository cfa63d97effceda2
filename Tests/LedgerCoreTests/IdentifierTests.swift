// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

@Suite struct IdentifierTests {
  private static let largest: Int64 = (1 << 60) - 1

  @Test(arguments: [1, 2, 31, 32, 1_000_000, largest])
  func `an entry, a hold and an account come back from their texts`(number: Int64) throws {
    let entry = EntryID(number)
    #expect(EntryID(text: entry.text) == entry)
    #expect(HoldID(text: HoldID(entry).text) == HoldID(entry))
    let account = try #require(AccountID(stored: number))
    #expect(AccountID(text: account.text) == account)
  }

  @Test func `texts have their prefix and twelve digits`() throws {
    #expect(EntryID(1).text == "ent_000000000001")
    #expect(HoldID(EntryID(33)).text == "hld_000000000011")
    #expect(try #require(AccountID(stored: Self.largest)).text == "acc_ZZZZZZZZZZZZ")
    #expect(LotID(topUp: EntryID(5), index: 33).text == "lot_00000000000511")
    #expect(LotID(topUp: EntryID(5), index: 255).text == "lot_0000000000057Z")
  }

  @Test(arguments: [
    "", "ent_", "ent_00000000001", "ent_0000000000001", "ENT_000000000001", "hld_000000000001",
    "ent_000000000000", "ent_00000000000I", "ent_00000000000a", "ent-000000000001",
    " ent_00000000001", "ent_ 00000000001", "ent_00000000001 ", "000000000001",
    "ent_\u{308}0000000001", "ent_00000000000\u{0}", "ent_+00000000001", "ent_00000000001\n",
  ])
  func `any other spelling names no entry`(text: String) {
    #expect(EntryID(text: text) == nil)
  }

  @Test(arguments: [
    "", "hld_", "ent_000000000001", "acc_000000000001", "hld_000000000000", "hld_0000000000011",
    "hld_00000000001", "hld_00000000000O",
  ])
  func `any other spelling names no hold`(text: String) {
    #expect(HoldID(text: text) == nil)
  }

  @Test(arguments: [
    "", "acc_", "ent_000000000001", "acc_000000000000", "acc_00000000001", "acc_0000000000001",
    "acc_00000000000u",
  ])
  func `any other spelling names no account`(text: String) {
    #expect(AccountID(text: text) == nil)
  }

  @Test func `an account is never zero and never wider than sixty bits`() {
    #expect(AccountID(stored: 0) == nil)
    #expect(AccountID(stored: -1) == nil)
    #expect(AccountID(stored: 1)?.value == 1)
    #expect(AccountID(stored: Self.largest)?.value == Self.largest)
    #expect(AccountID(stored: Self.largest + 1) == nil)
    #expect(AccountID(random: 0) == nil)
    #expect(AccountID(random: 0xF << 60) == nil)
    #expect(AccountID(random: .max)?.value == Self.largest)
    #expect(AccountID(random: 5)?.value == 5)
  }

  @Test func `entries count up from nothing`() throws {
    #expect(EntryID.none.sequence == 0)
    #expect(EntryID.none.next == EntryID(1))
    #expect(EntryID(7).next == EntryID(8))
    #expect(EntryID(7) < EntryID(8))
    #expect(!(EntryID(8) < EntryID(8)))
    #expect(try #require(AccountID(stored: 1)) < #require(AccountID(stored: 2)))
  }

  @Test func `a card number is 1 to 64 printable characters without space`() {
    #expect(CardNumber("6222000000000001")?.text == "6222000000000001")
    #expect(CardNumber("!~") != nil)
    #expect(CardNumber(String(repeating: "7", count: 64)) != nil)
    #expect(CardNumber(String(repeating: "7", count: 65)) == nil)
    for text in ["", "a b", " 1", "1\n", "1\t", "\u{7F}", "卡", "é", "\u{0}"] {
      #expect(CardNumber(text) == nil, "\(text.debugDescription)")
    }
  }

  @Test func `a key is 1 to 128 printable characters, spaces too`() {
    #expect(IdempotencyKey("till 3 / 42~")?.text == "till 3 / 42~")
    #expect(IdempotencyKey(" ") != nil)
    #expect(IdempotencyKey(String(repeating: "k", count: 128)) != nil)
    #expect(IdempotencyKey(String(repeating: "k", count: 129)) == nil)
    for text in ["", "a\n", "\u{7F}", "\u{1F}", "键", "\u{0}"] {
      #expect(IdempotencyKey(text) == nil, "\(text.debugDescription)")
    }
  }
}
