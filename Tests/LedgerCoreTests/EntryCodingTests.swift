// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Seeds
import Testing

@Suite struct EntryCodingTests {
  private static func decode(_ body: [UInt8], of entry: Entry) throws(MalformedRecord) -> Entry {
    try Entry(
      id: entry.id, at: entry.at, kind: entry.kind.rawValue, account: entry.account?.value,
      key: entry.request?.key.text, body: body[...])
  }

  @Test(arguments: [11, 12] as [UInt64])
  func `random entries of every kind and change come back from their bodies`(seed: UInt64) {
    var generator = EntryGenerator(seed: seed)
    for round in 0..<1_000 {
      let entry = generator.entry(round: round)
      let body = entry.encodedBody()
      let read = try? Self.decode(body, of: entry)
      if read != entry || read?.encodedBody() != body {
        Issue.record("seed \(seed) round \(round): \(entry)")
      }
    }
  }

  @Test func `each sort of change, each mark and each lock comes back by itself`() throws {
    var generator = EntryGenerator(seed: 13)
    for sort in 0..<EntryGenerator.changeSorts {
      for _ in 0..<16 {
        let entry = Self.bare(changes: [generator.change(sort: sort)])
        #expect(try Self.decode(entry.encodedBody(), of: entry) == entry)
      }
    }
  }

  @Test func `equal entries have equal bytes, and a change of any member changes them`() {
    let base = Self.bare()
    #expect(base.encodedBody() == Self.bare().encodedBody())
    let others: [Entry] = [
      Self.bare(date: BusinessDate(daysSince1970: 20_515)),
      Self.bare(previous: EntryID(6)), Self.bare(programVersion: 4),
      Self.bare(origin: Origin(store: "s")), Self.bare(origin: Origin(terminal: "s")),
      Self.bare(origin: Origin(operator: "s")), Self.bare(reason: "s"), Self.bare(tender: "s"),
      Self.bare(amount: Amount(1)), Self.bare(principal: Amount(1)), Self.bare(bonus: Amount(1)),
      Self.bare(links: [.init(.refunds, EntryID(1))]),
      Self.bare(links: [.init(.reverses, EntryID(1))]), Self.bare(hold: HoldID(EntryID(1))),
      Self.bare(changes: [.pinCleared]), Self.bare(postings: [.debit(.sales, Amount(1))]),
      Self.bare(postings: [.credit(.sales, Amount(1))]),
      Self.bare(postings: [.debit(.cash(tender: "sales"), Amount(1))]),
      Self.bare(postings: [.debit(.uncleared(tender: "sales"), Amount(1))]),
    ]
    let bodies = [base.encodedBody()] + others.map { $0.encodedBody() }
    #expect(Set(bodies).count == bodies.count)
  }

  @Test func `a body cut short anywhere, or with a byte more, is refused`() throws {
    var generator = EntryGenerator(seed: 14)
    for round in 0..<EntryGenerator.changeSorts {
      let entry = generator.entry(round: round)
      let body = entry.encodedBody()
      for length in body.indices {
        if (try? Self.decode(Array(body[..<length]), of: entry)) != nil {
          Issue.record("round \(round): \(length) bytes of \(body.count) are an entry")
        }
      }
      #expect(throws: MalformedRecord.self) { try Self.decode(body + [0], of: entry) }
    }
  }

  @Test(arguments: [15, 16, 17, 18] as [UInt64])
  func `a damaged body is an error or an entry, and an entry that is read is written alike`(
    seed: UInt64
  ) {
    var generator = EntryGenerator(seed: seed)
    var random = SplitMix64(seed: seed)
    var entry = generator.entry(round: 0)
    var body = entry.encodedBody()
    for round in 0..<5_000 {
      if round % 50 == 0 {
        entry = generator.entry(round: round / 50)
        body = entry.encodedBody()
      }
      var damaged = body
      for _ in 0...random.below(3) {
        let position = random.below(damaged.count)
        switch random.below(4) {
        case 0: damaged[position] ^= 1 << UInt8(random.below(8))
        case 1: damaged[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: damaged[position] = [0, 1, 0x7F, 0x80, 0xFF][random.below(5)]
        default: damaged.remove(at: position)
        }
      }
      guard let read = try? Self.decode(damaged, of: entry) else { continue }
      // One encoding of each entry: what is read is written back byte for byte.
      if read.encodedBody() != damaged {
        Issue.record("seed \(seed) round \(round): \(damaged) is read and not written")
        return
      }
    }
  }

  @Test func `the columns of the row are judged too`() {
    let body = Self.bare().encodedBody()
    let id = EntryID(7)
    let at = Instant(milliseconds: 0)
    func read(kind: UInt8 = 5, account: Int64? = 9, key: String? = nil) throws -> Entry {
      try Entry(id: id, at: at, kind: kind, account: account, key: key, body: body[...])
    }
    #expect(throws: Never.self) { try read() }
    #expect(throws: MalformedRecord("unknown kind")) { try read(kind: 0) }
    #expect(throws: MalformedRecord("unknown kind")) { try read(kind: 13) }
    #expect(throws: MalformedRecord("bad account")) { try read(account: 0) }
    #expect(throws: MalformedRecord("bad account")) { try read(account: 1 << 60) }
    #expect(throws: MalformedRecord("key without request")) { try read(key: "k") }
  }

  @Test func `a request needs a key that is one`() throws {
    let key = try #require(IdempotencyKey("k"))
    let body = Self.bare(
      request: RequestRecord(key: key, method: .debitCreate, digestKey: 1, digests: [])
    ).encodedBody()
    func read(key: String?) throws -> Entry {
      try Entry(
        id: EntryID(7), at: Instant(milliseconds: 0), kind: 5, account: 9, key: key,
        body: body[...])
    }
    #expect(try read(key: "k").request?.key == key)
    #expect(throws: MalformedRecord("request without key")) { try read(key: nil) }
    #expect(throws: MalformedRecord("request without key")) { try read(key: "") }
    #expect(throws: MalformedRecord("request without key")) { try read(key: "\n") }
  }

  @Test func `the first and the last time of the range come back`() throws {
    for instant in [Instant(milliseconds: 0), .latest] {
      let hold = Change.Hold(id: HoldID(EntryID(1)), parts: [], expiresAt: instant)
      let entry = Self.bare(changes: [.holdPlaced(hold), .pinFailed(lock: .until(instant))])
      #expect(try Self.decode(entry.encodedBody(), of: entry) == entry)
      let read = try Entry(
        id: entry.id, at: instant, kind: 5, account: 9, key: nil, body: entry.encodedBody()[...])
      #expect(read.at == instant)
    }
    for milliseconds in [-1, Instant.latest.milliseconds + 1] {
      let at = Instant(milliseconds: milliseconds)
      #expect(throws: MalformedRecord.self) {
        try Entry(
          id: EntryID(7), at: at, kind: 5, account: 9, key: nil,
          body: Self.bare().encodedBody()[...])
      }
    }
    for days in [Int64(-1), 2_932_897] {
      let entry = Self.bare(date: BusinessDate(daysSince1970: days))
      #expect(try Self.decode(entry.encodedBody(), of: entry) == entry)
    }
  }

  /// `Instant` and `BusinessDate` are of the years 1970 to 9999, give or take a zone's offset: what
  /// lies beyond has no text.
  @Test func `a time out of the range of years is refused`() throws {
    for days in [Int64.min, -2, 2_932_898, .max] {
      let entry = Self.bare(date: BusinessDate(daysSince1970: days))
      #expect(throws: MalformedRecord.self) { try Self.decode(entry.encodedBody(), of: entry) }
      let spent = Self.bare(changes: [.daySpent(BusinessDate(daysSince1970: days), 1)])
      #expect(throws: MalformedRecord.self) { try Self.decode(spent.encodedBody(), of: spent) }
    }
    for milliseconds in [Int64.min, -1, 253_402_300_800_000, .max] {
      let instant = Instant(milliseconds: milliseconds)
      let changes: [Change] = [
        .holdPlaced(Change.Hold(id: HoldID(EntryID(1)), parts: [], expiresAt: instant)),
        .lotGranted(
          Change.Grant(
            lot: LotID(topUp: EntryID(1), index: 0), kind: .bonus, amount: Amount(1),
            expiresAt: instant)),
      ]
      for change in changes {
        let entry = Self.bare(changes: [change])
        #expect(throws: MalformedRecord.self) { try Self.decode(entry.encodedBody(), of: entry) }
      }
    }
  }

  @Test func `another version of the body is refused`() {
    var body = Self.bare().encodedBody()
    #expect(body.first == 1)
    for version in [UInt8(0), 2, 255] {
      body[0] = version
      #expect(throws: MalformedRecord("unknown version of an entry")) {
        try Self.decode(body, of: Self.bare())
      }
    }
  }

  private static func bare(
    date: BusinessDate = BusinessDate(daysSince1970: 20_514), previous: EntryID = EntryID(5),
    programVersion: Int64 = 3, origin: Origin = Origin(), reason: String? = nil,
    tender: String? = nil, amount: Amount = .zero, principal: Amount = .zero,
    bonus: Amount = .zero, links: [Entry.Link] = [], hold: HoldID? = nil, changes: [Change] = [],
    postings: [Posting] = [], request: RequestRecord? = nil
  ) -> Entry {
    Entry(
      id: EntryID(7), at: Instant(milliseconds: 0), date: date, kind: .debit,
      account: AccountID(stored: 9), previous: previous, programVersion: programVersion,
      origin: origin, reason: reason, tender: tender, amount: amount, principal: principal,
      bonus: bonus, links: links, hold: hold, changes: changes, postings: postings, after: nil,
      request: request)
  }
}
