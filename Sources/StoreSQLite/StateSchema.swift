// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite

/// How state.db is laid out.
///
/// It can be made anew from the journal at any time, so a layout is never migrated: a file of
/// another version is thrown away.
enum StateSchema {
  /// "SCRS".
  static let applicationID: Int64 = 0x5343_5253
  static let version: Int64 = 7
  /// Small, because a slice changes a row or two of most pages that it touches (decision 0054).
  static let pageSize = PageSums.pageSize

  /// The tables as a new file has them.
  ///
  /// `key_runs` and `key_pages` are the index of idempotency keys (`KeyRun`). What rules remember
  /// of an account stands in its own row (`watch`), because a debit needs and changes both;
  /// `subjects` holds the rest.
  static let creation = """
    PRAGMA page_size = \(pageSize);
    PRAGMA application_id = \(applicationID);
    PRAGMA user_version = \(version);
    CREATE TABLE meta (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      ledger TEXT NOT NULL,
      head INTEGER NOT NULL,
      head_time INTEGER NOT NULL,
      link BLOB NOT NULL,
      totals BLOB NOT NULL,
      program_version INTEGER NOT NULL,
      program_document BLOB NOT NULL,
      alert_seq INTEGER NOT NULL,
      series BLOB NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE accounts (
      id INTEGER PRIMARY KEY,
      due INTEGER,
      record BLOB NOT NULL,
      watch_due INTEGER,
      watch BLOB
    ) STRICT;
    CREATE INDEX accounts_due ON accounts (due) WHERE due IS NOT NULL;
    CREATE INDEX accounts_watch_due ON accounts (watch_due) WHERE watch_due IS NOT NULL;
    CREATE TABLE cards (
      number TEXT PRIMARY KEY,
      account INTEGER,
      checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE key_runs (
      run INTEGER PRIMARY KEY,
      bits INTEGER NOT NULL,
      count INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE key_pages (
      place INTEGER PRIMARY KEY,
      items BLOB NOT NULL
    ) STRICT;
    CREATE TABLE marks (
      entry INTEGER PRIMARY KEY,
      record BLOB NOT NULL
    ) STRICT;
    CREATE TABLE campaigns (
      id INTEGER PRIMARY KEY,
      record BLOB NOT NULL
    ) STRICT;
    CREATE TABLE coupons (
      serial BLOB PRIMARY KEY,
      campaign INTEGER NOT NULL,
      owner INTEGER,
      open INTEGER NOT NULL,
      record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX coupons_owner ON coupons (owner, serial, open) WHERE owner IS NOT NULL;
    CREATE INDEX coupons_campaign ON coupons (campaign, serial);
    CREATE TABLE shares (
      campaign INTEGER NOT NULL,
      account INTEGER NOT NULL,
      record BLOB NOT NULL,
      PRIMARY KEY (campaign, account)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE subjects (
      name BLOB PRIMARY KEY,
      due INTEGER,
      record BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subjects_due ON subjects (due) WHERE due IS NOT NULL;
    CREATE TABLE chunks (
      series INTEGER NOT NULL,
      subject BLOB NOT NULL,
      number INTEGER NOT NULL,
      items BLOB NOT NULL,
      PRIMARY KEY (series, subject, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alerts (
      seq INTEGER PRIMARY KEY,
      record BLOB NOT NULL
    ) STRICT;
    """
}
