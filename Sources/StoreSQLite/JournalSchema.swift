// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Store

/// How journal.db is laid out.
enum JournalSchema {
  /// "SCRJ": tells the file from every other SQLite database.
  static let applicationID: Int64 = 0x5343_524A
  /// Raised when an older engine could not read, or would spoil, what a newer one writes.
  static let version: Int64 = 1
  static let pageSize = 4096

  /// The columns of `people` that hold particulars, by the names they have on the wire.
  static let particulars = Person.Particular.allCases.map(\.rawValue)

  static let deletionTrigger = """
    CREATE TRIGGER journal_is_never_deleted BEFORE DELETE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END
    """

  /// Rows of `journal` are never changed: the triggers are against accidents, the chain is
  /// against intent.
  static let creation = """
    PRAGMA page_size = \(pageSize);
    PRAGMA application_id = \(applicationID);
    BEGIN IMMEDIATE;
    CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE journal (
      seq INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      kind INTEGER NOT NULL,
      account INTEGER,
      key TEXT,
      body BLOB NOT NULL,
      link BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER journal_is_never_updated BEFORE UPDATE ON journal
    BEGIN SELECT raise(ABORT, 'the journal is append-only'); END;
    \(deletionTrigger);
    CREATE TABLE people (
      account INTEGER PRIMARY KEY,
      salt BLOB NOT NULL,
      \(particulars.map { $0 + " TEXT" }.joined(separator: ",\n  "))
    ) STRICT;
    CREATE INDEX people_phone ON people (phone) WHERE phone IS NOT NULL;
    CREATE INDEX people_document_no ON people (document_no) WHERE document_no IS NOT NULL;
    PRAGMA user_version = \(version);
    """
}
