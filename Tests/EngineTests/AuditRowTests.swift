// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue
import Testing

@testable import Engine

/// Expects a problem of this entry and invariant whose text holds a phrase.
func expect(
  _ problems: [Audit.Problem], name entry: Int64?, _ invariant: Int?, _ phrase: String,
  at location: SourceLocation = #_sourceLocation
) {
  let isNamed = problems.contains {
    $0.entry?.sequence == entry && $0.invariant == invariant && $0.text.contains(phrase)
  }
  let place = entry.map { "entry \($0)" } ?? "no entry"
  #expect(
    isNamed, "\(place), \(invariant ?? 0), \(phrase): \(problems.map(\.description))",
    sourceLocation: location)
}

/// Somebody writes to the files without the key: the chain tells.
@Suite struct AuditRowTests {
  private let ledger: AuditedLedger

  init() throws { ledger = try AuditTill.busy().ledger() }

  /// Each change of a row, and what the audit says of it besides the chain.
  static let changes:
    [(what: String, change: @Sendable (JournalRow) -> JournalRow, also: String?)] =
      [
        ("time", { $0.with(at: $0.at + 1) }, nil),
        ("time that is none", { $0.with(at: -1) }, "its time is none"),
        ("kind", { $0.with(kind: Int64(EntryKind.refund.rawValue)) }, "an entry refund lacks"),
        ("kind that is none", { $0.with(kind: 99) }, "cannot be read: unknown kind"),
        ("account", { $0.with(account: 5) }, "does not fit its account"),
        ("account to none", { $0.with(account: .some(nil)) }, "it names no account"),
        ("account that is none", { $0.with(account: -1) }, "cannot be read: bad account"),
        ("key", { $0.with(key: "another") }, nil),
        ("key to none", { $0.with(key: .some(nil)) }, "cannot be read: request without key"),
        ("key that is none", { $0.with(key: "") }, "cannot be read: request without key"),
        ("body", { $0.with(body: $0.body.dropLast() + [$0.body.last.map { $0 ^ 1 } ?? 0]) }, nil),
        ("body too short", { $0.with(body: $0.body.dropLast()) }, "cannot be read"),
        ("body too long", { $0.with(body: $0.body + [0]) }, "cannot be read: bytes left over"),
        ("body to nothing", { $0.with(body: []) }, "cannot be read: ends early"),
        ("link", { $0.with(link: $0.link.dropLast() + [$0.link.last.map { $0 ^ 1 } ?? 0]) }, nil),
      ]

  @Test(arguments: changes.indices)
  func `a changed column is found at its entry`(number: Int) throws {
    let (what, change, also) = Self.changes[number]
    for kind in [EntryKind.debit, .topUp, .reverse, .capture] {
      var ledger = ledger
      let index = try ledger.index(of: kind)
      let entry = ledger.rows[index].sequence
      let before = ledger.rows[index]
      ledger.rows[index] = change(before)
      let problems = try ledger.audit()
      expect(problems, name: entry, 10, "the chain is broken here")
      if let also, kind == .debit {
        #expect(problems.contains { $0.text.contains(also) }, "\(what)")
      }
      if what == "link" { expect(problems, name: entry + 1, 10, "the chain is broken here") }
    }
  }

  @Test func `a kind that fits no byte is found though no link can be over it`() throws {
    for kind in [Int64.max, -1, 256] {
      var ledger = ledger
      ledger.rows[4] = ledger.rows[4].with(kind: kind)
      expect(try ledger.audit(), name: 5, nil, "it cannot be read: unknown kind")
    }
  }

  @Test func `a link of another length or an unknown key is named`() throws {
    for bad in [[], Array(repeating: 0, count: 17), Array(repeating: 1, count: 16)] as [[UInt8]] {
      var ledger = ledger
      ledger.rows[4] = ledger.rows[4].with(link: bad)
      expect(try ledger.audit(), name: 5, 10, "its link is none")
    }
    var ledger = ledger
    ledger.rows[4] = ledger.rows[4].with(link: [9] + ledger.rows[4].link.dropFirst())
    expect(try ledger.audit(), name: 5, 10, "under journal key 9, which the key ring lacks")
  }

  @Test func `every row is told from every other`() throws {
    for index in ledger.rows.indices {
      var ledger = ledger
      let sequence = ledger.rows[index].sequence
      ledger.rows.remove(at: index)
      guard index < ledger.rows.count else {
        // The end was cut off: only the state, or the head noted elsewhere, remembers.
        expect(try ledger.audit(), name: nil, 17, "the state holds entries up to \(sequence)")
        ledger.dropFold()
        #expect(try ledger.audit().isEmpty)
        continue
      }
      expect(try ledger.audit(), name: sequence, 10, "it is missing")
    }
  }

  @Test func `several missing rows are named together, and whoever has the key is found too`()
    throws
  {
    var ledger = ledger
    ledger.rows.removeSubrange(10..<14)
    expect(try ledger.audit(), name: 11, 10, "it and all up to entry 14 are missing")
    ledger.relink(from: 0)
    expect(try ledger.audit(), name: 11, 10, "it and all up to entry 14 are missing")
  }

  @Test func `exchanged rows are found`() throws {
    var ledger = ledger
    let (left, right) = (ledger.rows[8], ledger.rows[9])
    ledger.rows[8] = right.with(sequence: left.sequence)
    ledger.rows[9] = left.with(sequence: right.sequence)
    let problems = try ledger.audit()
    for entry in [left.sequence, right.sequence] {
      expect(problems, name: entry, 10, "the chain is broken here")
    }
  }

  @Test func `a row before the first entry and one far behind the last are found`() throws {
    for sequence in [0, -1, Int64.min + 1] {
      var ledger = ledger
      ledger.rows.insert(ledger.rows[0].with(sequence: sequence), at: 0)
      expect(try ledger.audit(), name: sequence, 10, "a row stands before the first entry")
    }
    var ledger = ledger
    let last = Int64(ledger.rows.count)
    ledger.rows.append(ledger.rows[0].with(sequence: .max))
    expect(try ledger.audit(), name: last + 1, 10, "it and all up to entry \(Int64.max - 1)")
  }

  @Test func `rows that do not ascend end the reading, with a word`() throws {
    var ledger = ledger
    ledger.rows[7] = ledger.rows[7].with(sequence: 2)
    expect(try ledger.audit(), name: nil, 10, "does not read in ascending order")
  }

  @Test func `another head than the newest row is named`() throws {
    for head in [0, Int64(ledger.rows.count) + 1, .max] {
      var ledger = ledger
      ledger.head = head
      expect(try ledger.audit(), name: nil, 10, "its newest is said to be \(head)")
    }
  }

  @Test func `a changed identity does not belong to its first link`() throws {
    func identity(_ zone: String, _ minutes: Int, _ isTest: Bool) -> LedgerIdentity {
      LedgerIdentity(
        id: ledger.identity.id, currency: "CNY", timezone: zone, dayStartMinutes: minutes,
        isTest: isTest)
    }
    let changed = [
      identity("Europe/Paris", 0, true), identity("Asia/Shanghai", 60, true),
      identity("Asia/Shanghai", 0, false),
    ]
    for identity in changed {
      var ledger = ledger
      ledger.identity = identity
      expect(try ledger.audit(), name: nil, 10, "identity does not belong")
    }
    for minutes in [-1, 1440, Int.min] {
      var ledger = ledger
      ledger.identity = identity("Asia/Shanghai", minutes, true)
      expect(try ledger.audit(), name: nil, 10, "day start is no time of day")
    }
    for (genesis, phrase) in [([], "is none"), ([7] + ledger.genesis.dropFirst(), "key 7")] {
      var ledger = ledger
      ledger.genesis = genesis
      expect(try ledger.audit(), name: nil, 10, phrase)
    }
  }

  @Test func `after a broken link the reading goes on from the stored one`() throws {
    var ledger = ledger
    for index in [5, 20, 40] { ledger.rows[index] = ledger.rows[index].with(key: "k\(index)") }
    let broken = try ledger.audit().filter { $0.text == "the chain is broken here" }
    #expect(broken.compactMap(\.entry?.sequence) == [6, 21, 41])
  }

  @Test func `the list ends at a thousand problems with a word on the rest`() throws {
    let till = try AuditTill()
    try till.setProgram("{}")
    let id = try till.open("card", topUp: 1_000_000)
    for _ in 0..<1100 { try till.debit(id, 1) }
    var ledger = try till.ledger()
    for index in 3..<ledger.rows.count {
      ledger.rows[index] = ledger.rows[index].with(link: Array(repeating: 1, count: 17))
    }
    let problems = try ledger.audit()
    #expect(problems.count == 1001)
    // 1,100 links, and the one at which the state stands.
    #expect(problems.last?.description == "101 more problems are not listed")
  }

  @Test func `what the database reports is a problem, and a failing device an error`() throws {
    var ledger = ledger
    ledger.integrity = ["journal.db: row 3 missing from index"]
    expect(try ledger.audit(), name: nil, nil, "row 3 missing from index")
    ledger.tear = (after: 7, isFailure: false)
    let report = try ledger.report()
    #expect(report.entries == 7)
    expect(report.problems, name: nil, nil, "no row after 7 can be read: a torn page")
    ledger.tear = (after: 0, isFailure: true)
    #expect(throws: StoreError.self) { _ = try ledger.audit() }
  }
}
