// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
package import Store

extension SQLiteStore {
  /// Makes a journal in a directory out of another store's rows; there is no state with it yet.
  ///
  /// Believes nothing of them: making the state reads and checks them. The file is whole and
  /// durable when it has its name. Throws `foreign` when the directory has a journal.
  package static func importJournal(
    _ copy: JournalCopy, into path: String
  ) throws(StoreError) {
    let directory = LedgerDirectory(path: path)
    guard !LedgerDirectory.exists(directory.journal) else {
      throw .foreign("there is a ledger in \(path) already")
    }
    let temporary = directory.journal + ".new"
    try directory.removeDatabase(temporary)
    try fill(temporary, from: copy)
    // Everything stands in the file itself; the log that WAL mode has opened is empty.
    try directory.remove(temporary + "-wal")
    try directory.remove(temporary + "-shm")
    try directory.publish(temporary, as: directory.journal)
  }

  private static func fill(_ path: String, from copy: JournalCopy) throws(StoreError) {
    let connection = try stored { () throws(SQLiteError) in
      let connection = try Connection(path: path, mode: .create)
      try connection.execute(JournalSchema.creation)
      try JournalHeader.write(copy.identity, genesis: copy.genesisLink, to: connection)
      return connection
    }
    let people = try People(connection)
    let insert = try stored { () throws(SQLiteError) in
      try connection.prepare(
        "INSERT INTO journal (seq, at, kind, account, key, body, link) VALUES (?,?,?,?,?,?,?)")
    }
    while true {
      let part = try copy.next()
      if part.rows.isEmpty { break }
      try stored { () throws(SQLiteError) in
        for row in part.rows {
          insert.bind(1, row.sequence)
          insert.bind(2, row.at)
          insert.bind(3, row.kind)
          if let account = row.account { insert.bind(4, account) } else { insert.bindNull(4) }
          if let key = row.key { insert.bind(5, text: key) } else { insert.bindNull(5) }
          insert.bind(6, blob: row.body)
          insert.bind(7, blob: row.link)
          try insert.run()
        }
        for (account, person) in part.people { try people.keep(person, of: account) }
      }
    }
    try stored { () throws(SQLiteError) in
      try connection.execute("COMMIT; PRAGMA journal_mode = WAL")
    }
  }
}
