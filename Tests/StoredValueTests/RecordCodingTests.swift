// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import StoredValue
import Testing

/// The folded records: accounts and marks.
@Suite struct RecordCodingTests {
  /// An account with something in every member.
  private static func account() throws -> Account {
    var till = try Till(
      rules: .with {
        $0.topUp.pendingTenders = ["cheque"]
        $0.topUp.bonusRules = [
          BonusRule.fixed("规则", 500).with {
            $0.release = BasisPoints(1000)
            $0.expiresAfterDays = 3
          }
        ]
        $0.pin.maximumAttempts = 1
      })
    let card = try till.card("1001", topUp: 1_000, pin: [1, 2, 3], registered: true, level: "gold")
    let debit = try till.debit(card, 10, pin: .right).entry
    _ = try till.authorize(card, 300, pin: .right).entry
    let cheque = try till.topUp(card, 50, tender: "cheque").entry
    _ = try till.topUp(card, 50, tender: "cheque").entry
    _ = try till.bounce(card, cheque).entry
    _ = try till.probe(card, debit).refusal
    return try till.account(card)
  }

  @Test func `an account comes back from its record, and equal accounts have equal bytes`() throws {
    let account = try Self.account()
    let bytes = account.encoded()
    let read = try Account(id: account.id, encoded: bytes[...])
    #expect(read == account)
    #expect(read.encoded() == bytes)
    #expect(try Self.account().encoded() == bytes)
    let shifted = [0, 0] + bytes
    #expect(try Account(id: account.id, encoded: shifted[2...]) == account)
  }

  @Test func `a record cut short anywhere, longer, or of another version is refused`() throws {
    let account = try Self.account()
    let bytes = account.encoded()
    for length in bytes.indices {
      #expect(throws: MalformedRecord.self) {
        try Account(id: account.id, encoded: bytes[..<length])
      }
    }
    #expect(throws: MalformedRecord.self) {
      try Account(id: account.id, encoded: (bytes + [0])[...])
    }
    var other = bytes
    other[0] = 2
    #expect(throws: MalformedRecord("unknown version of an account")) {
      try Account(id: account.id, encoded: other[...])
    }
  }

  @Test func `a damaged record is an error or an account that is read, and written back alike`()
    throws
  {
    let account = try Self.account()
    let bytes = account.encoded()
    var rules = StoredValueRules()
    rules.firstDay.cap = BasisPoints(6000)
    rules.debit.dailyMaximum = Amount(100)
    var random = SplitMix64(seed: 41)
    for round in 0..<5_000 {
      var damaged = bytes
      for _ in 0...random.below(2) {
        let position = random.below(damaged.count)
        // Now and then a number of nine bytes, near the end of its range.
        if random.once(in: 8) {
          let large = Array(repeating: UInt8(0xFF), count: 8) + [0x7F]
          damaged.replaceSubrange(position...position, with: large)
        } else {
          damaged[position] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      guard let read = try? Account(id: account.id, encoded: damaged[...]) else { continue }
      for now in [account.openedAt, .latest] {
        let date = now == .latest ? BusinessDate(daysSince1970: 0) : account.openedOn
        _ = read.lapsed(at: now).snapshot(at: now, date: date, under: rules.spending)
      }
      _ = read.nextDue
      if read.encoded() != damaged {
        Issue.record("seed 41 round \(round)")
        return
      }
    }
  }

  /// A record made by hand, byte by byte as version 1 has it.
  private static func record(
    granted: [Int64] = [1_000], remaining: Int64 = 1_000, lapsed: Int64 = 0, used: Int64 = 0,
    spent: Int64 = 0, held: [(lot: Int64, amount: Int64)] = []
  ) -> [UInt8] {
    var writer = ByteWriter()
    writer.byte(1)
    writer.text("1001")
    for byte in [1, 0, 0, 0] as [UInt8] { writer.byte(byte) }
    writer.signed(1_000)
    writer.signed(20_514)
    writer.list(Array(granted.enumerated())) { writer, lot in
      writer.unsigned(UInt64(lot.offset) + 2)
      for byte in [0, 1, 1] as [UInt8] { writer.byte(byte) }
      writer.amount(Amount(lot.element))
      writer.amount(Amount(remaining))
      writer.amount(Amount(lapsed))
      for byte in [0, 0, 0, 2, 1] as [UInt8] { writer.byte(byte) }
      writer.unsigned(UInt64(lot.offset) + 2)
    }
    writer.list(held.isEmpty ? [] : [held]) { writer, parts in
      writer.unsigned(9)
      writer.list(parts) { writer, part in
        writer.unsigned(UInt64(part.lot))
        writer.byte(0)
        writer.amount(Amount(part.amount))
      }
      writer.signed(5_000)
    }
    for byte in [0, 0, 0, 0] as [UInt8] { writer.byte(byte) }
    writer.amount(Amount(used))
    writer.optional(spent == 0 ? nil : spent) { writer, spent in
      writer.signed(20_514)
      writer.signed(spent)
    }
    writer.unsigned(10)
    return writer.bytes
  }

  @Test func `a record of version 1 is read for ever`() throws {
    let id = try #require(AccountID(stored: 1))
    let account = try Account(id: id, encoded: Self.record(used: 7, spent: 5, held: [(2, 3)])[...])
    #expect(account.cardNumber == CardNumber("1001"))
    #expect(account.lots.map(\.granted) == [Amount(1_000)])
    #expect(account.lots.map(\.creditedBy) == [EntryID(2)])
    #expect(account.held(at: Instant(milliseconds: 4_999)) == Amount(3))
    #expect(account.used == Amount(7))
    #expect(account.spent(on: BusinessDate(daysSince1970: 20_514)) == Amount(5))
    #expect(account.lastEntry == EntryID(10))
  }

  @Test func `a record whose numbers cannot be is refused, one at the bound is read`() throws {
    let id = try #require(AccountID(stored: 1))
    let ceiling = Amount.accountCeiling.minorUnits
    let fine = [
      Self.record(remaining: 600, lapsed: 400), Self.record(granted: [ceiling]),
      Self.record(used: ceiling), Self.record(spent: ceiling), Self.record(spent: -ceiling),
      Self.record(held: [(2, 999), (2, 1)]), Self.record(granted: [ceiling - 1_000, 1_000]),
    ]
    for bytes in fine { #expect(throws: Never.self) { try Account(id: id, encoded: bytes[...]) } }
    let broken = [
      Self.record(remaining: 601, lapsed: 400), Self.record(remaining: .max, lapsed: .max),
      Self.record(granted: [ceiling + 1]), Self.record(granted: [ceiling, 1_000]),
      Self.record(granted: [.max, .max, .max]), Self.record(used: ceiling + 1),
      Self.record(used: .max), Self.record(spent: ceiling + 1), Self.record(spent: -ceiling - 1),
      Self.record(spent: .min), Self.record(held: [(2, 1_001)]),
      Self.record(held: [(2, 999), (2, 2)]), Self.record(held: [(2, .max), (2, .max)]),
      Self.record(held: [(3, 1)]),
    ]
    for (number, bytes) in broken.enumerated() {
      #expect(throws: MalformedRecord.self, "record \(number)") {
        try Account(id: id, encoded: bytes[...])
      }
    }
  }

  @Test func `marks gather what later entries did, each entry once`() throws {
    var marks = EntryMarks()
    marks.apply(.refunded(Amount(5)), of: EntryID(3))
    marks.apply(.refunded(Amount(5)), of: EntryID(3))
    marks.apply(.refunded(Amount(9)), of: EntryID(2))
    #expect(marks.refunded == Amount(5))
    marks.apply(.refunded(Amount(7)), of: EntryID(4))
    #expect(marks.refunded == Amount(12))
    #expect(marks.lastEntry == EntryID(4))
    #expect(marks != EntryMarks())
  }

  @Test(arguments: [
    Change.Mark.reversed, .cleared, .bounced, .captured, .released, .refunded(Amount(1 << 40)),
  ])
  func `each mark comes back from its record by itself`(mark: Change.Mark) throws {
    var marks = EntryMarks()
    marks.apply(mark, of: EntryID(300))
    let flags = [
      marks.isReversed, marks.isCleared, marks.isBounced, marks.isCaptured, marks.isReleased,
    ]
    let names: [Change.Mark] = [.reversed, .cleared, .bounced, .captured, .released]
    #expect(flags == names.map { $0 == mark })
    let bytes = marks.encoded()
    #expect(try EntryMarks(encoded: bytes[...]) == marks)
    for length in bytes.indices {
      #expect(throws: MalformedRecord.self) { try EntryMarks(encoded: bytes[..<length]) }
    }
    #expect(throws: MalformedRecord.self) { try EntryMarks(encoded: (bytes + [0])[...]) }
    #expect(throws: MalformedRecord("unknown version of marks")) {
      try EntryMarks(encoded: ([9] + bytes.dropFirst())[...])
    }
  }
}
