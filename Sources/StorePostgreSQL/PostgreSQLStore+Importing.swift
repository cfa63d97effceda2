// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  package import Secrets
  package import Store

  extension PostgreSQLStore {
    private static let finishing = Statement("UPDATE ledger SET version = $1 WHERE id = 1")

    /// Makes a ledger on a server out of another store's rows, each checked against the one before
    /// it, and folds them.
    ///
    /// Nobody can serve it before `finishImport`. What an import that was cut short leaves behind
    /// is removed with its schema. Throws `damaged` where a row does not follow the chain.
    package static func importJournal(
      _ copy: JournalCopy, to target: String, chain: HashChain, progress: (Int64) -> Void
    ) throws(StoreError) {
      try make(target, LedgerRow(identity: copy.identity, genesis: copy.genesisLink, version: 0))
      let store = try PostgreSQLStore(target, chain: chain, isUnfinished: true)
      while true {
        let part = try copy.next()
        if part.rows.isEmpty { break }
        try store.begin(writing: true)
        for row in part.rows { try store.take(row, part.people) }
        try store.end()
        progress(copy.last)
      }
      try store.close()
    }

    /// Lets an imported ledger be served.
    package static func finishImport(_ target: String) throws(StoreError) {
      _ = try Server(target).read([finishing.with(.integer(Schema.version))])
    }

    /// Appends a row as it is to the group under way.
    private func take(_ row: JournalRow, _ people: [AccountID: Person]) throws(StoreError) {
      let entry = try records.journal.entry(row, after: position.link)
      guard let link = ChainLink(bytes: row.link) else {
        throw .damaged(entry: entry.id, reason: "its link is none")
      }
      let person = entry.kind == .open ? entry.account.flatMap { people[$0] } : nil
      try append(entry, row, link, person)
    }
  }

#endif
