// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Store

/// The card holders' particulars, beside the journal in the same file and transaction.
final class People {
  private let connection: Connection
  private let insert: Statement
  private let select: Statement

  init(_ connection: Connection) throws(StoreError) {
    self.connection = connection
    let columns = JournalSchema.particulars
    let names = columns.joined(separator: ", ")
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    do throws(SQLiteError) {
      insert = try connection.prepare(
        "INSERT OR REPLACE INTO people (account, salt, \(names)) VALUES (?, ?, \(places))")
      select = try connection.prepare("SELECT salt, \(names) FROM people WHERE account = ?")
    } catch {
      throw StoreError(error)
    }
  }

  func keep(_ person: Person, of account: AccountID) throws(SQLiteError) {
    insert.bind(1, account.value)
    insert.bind(2, blob: person.salt)
    var column: Int32 = 3
    for particular in Person.Particular.allCases {
      if let text = person.particulars[particular] {
        insert.bind(column, text: text)
      } else {
        insert.bindNull(column)
      }
      column += 1
    }
    try insert.run()
    // What was bound is personal and need not lie about in memory.
    insert.clearBindings()
  }

  func person(of account: AccountID) throws(SQLiteError) -> Person? {
    select.bind(1, account.value)
    defer { select.reset() }
    guard try select.step() else { return nil }
    var particulars: [Person.Particular: String] = [:]
    var column: Int32 = 1
    for particular in Person.Particular.allCases {
      if !select.isNull(column) { particulars[particular] = select.text(column) }
      column += 1
    }
    return Person(salt: select.blob(0), particulars: particulars)
  }

  /// Accounts whose holder has exactly these particulars, in order of id.
  func accounts(
    holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
  ) throws(SQLiteError) -> [AccountID] {
    let wanted = particulars.sorted { $0.key.rawValue < $1.key.rawValue }
    let conditions = wanted.map { " AND \($0.key.rawValue) = ?" }.joined()
    let query = try connection.prepare(
      "SELECT account FROM people WHERE account > ?\(conditions) ORDER BY account LIMIT ?")
    query.bind(1, cursor?.value ?? 0)
    var index: Int32 = 2
    for (_, text) in wanted {
      query.bind(index, text: text)
      index += 1
    }
    query.bind(index, Int64(limit))
    var found: [AccountID] = []
    while try query.step() {
      if let account = AccountID(stored: query.integer(0)) { found.append(account) }
    }
    return found
  }
}
