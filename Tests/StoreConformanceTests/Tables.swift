// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store
import StoreSQLite
import StoredValue

/// The folded tables as an inspection shows them.
struct Tables: Equatable {
  var head: EntryID?
  var link: [UInt8]?
  var accounts: [AccountID: Account] = [:]
  var due: [AccountID: Instant] = [:]
  var cards: [CardNumber: CardStanding]
  var keys: [[Int64]]
  var marks: [EntryID: EntryMarks]

  init(of fixture: Fixture) throws {
    let inspection = try SQLiteInspection(directory: fixture.directory.path)
    let point = try inspection.foldPoint()
    head = point?.point.head
    link = point?.link
    var cursor: AccountID?
    while true {
      let page = try inspection.accounts(after: cursor, limit: 7)
      guard let last = page.last else { break }
      for (account, due) in page {
        accounts[account.id] = account
        self.due[account.id] = due
      }
      cursor = last.account.id
    }
    cards = try inspection.cards()
    keys = try inspection.keys().map { [$0.hash, $0.entry.sequence] }
      .sorted { $0.lexicographicallyPrecedes($1) }
    marks = try inspection.marks()
  }
}
