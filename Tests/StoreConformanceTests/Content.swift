// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import StoredValue

/// Everything a ledger says of the names it is asked about; equal for equal ledgers.
struct Content: Equatable {
  var head: EntryID
  var headTime: Instant
  var totals: [String]
  var programVersion: Int64
  var programDocument: [UInt8]
  var accounts: [AccountID: Account] = [:]
  var cards: [String: CardStanding] = [:]
  var keys: [String: String] = [:]
  var marks: [EntryMarks] = []
  var entries: [Entry]
  var people: [AccountID: Person] = [:]

  /// The names to ask about.
  struct Names {
    var accounts: [AccountID] = []
    var cards: [String] = []
    var keys: [String] = []
  }

  init(of store: any LedgerStore, _ names: Names) throws {
    let working = store.working
    head = working.head
    headTime = working.point.headTime
    totals = working.point.totals.sorted.map {
      "\($0.account.name) \($0.sides.debit) \($0.sides.credit)"
    }
    programVersion = working.point.programVersion
    programDocument = working.point.programDocument
    entries = try store.entries(from: EntryID(1), limit: .max)
    for id in names.accounts {
      accounts[id] = try working.account(id)
      people[id] = try store.person(of: id)
    }
    for card in names.cards { cards[card] = try working.card(try Shop.card(card)) }
    for key in names.keys { keys[key] = try Self.standing(working, key) }
    for entry in entries { marks.append(try working.marks(of: entry.id)) }
  }

  /// Whether nothing in it differs from `whole`, though something may be missing.
  func isPart(of whole: Content) -> Bool {
    var mended = self
    mended.accounts.merge(whole.accounts) { mine, _ in mine }
    for (card, standing) in cards where standing == .unknown {
      mended.cards[card] = whole.cards[card]
    }
    for (key, standing) in keys where standing == "unused" { mended.keys[key] = whole.keys[key] }
    for (index, mark) in marks.enumerated() where mark == EntryMarks() {
      mended.marks[index] = whole.marks[index]
    }
    return mended == whole
  }

  static func standing(_ working: WorkingSet, _ key: String) throws -> String {
    switch try working.standing(of: try Shop.key(key)) {
    case .unused: "unused"
    case .used(let entry): "used by \(entry.id.sequence)"
    case .blocked(let entry): "blocked by \(entry.sequence)"
    }
  }
}
