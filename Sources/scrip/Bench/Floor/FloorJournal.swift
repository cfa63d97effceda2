// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite

/// The least that a durable ledger can do at all: append a row and its key, fold later.
final class FloorJournal {
  private let connection: Connection
  private let steps: Steps
  private var sequence: Int64 = 0
  private let body = [UInt8](repeating: 0x5A, count: 112)

  private final class Steps {
    let begin: Statement
    let commit: Statement
    let row: Statement
    let key: Statement

    init(_ connection: Connection) throws(SQLiteError) {
      begin = try connection.prepare("BEGIN IMMEDIATE")
      commit = try connection.prepare("COMMIT")
      row = try connection.prepare("INSERT INTO journal VALUES (?1, ?2)")
      key = try connection.prepare("INSERT INTO key VALUES (?1, ?2)")
    }
  }

  /// Makes the file.
  init(path: String) throws(SQLiteError) {
    connection = try Connection(path: path, mode: .create, automaticCheckpoint: 1000)
    try connection.execute(
      """
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA cache_size = -65536;
      CREATE TABLE journal (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL);
      CREATE TABLE key (key BLOB PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
      """)
    steps = try Steps(connection)
  }

  /// So many rows and one commit.
  func append(_ count: Int) throws(SQLiteError) {
    try steps.begin.run()
    for _ in 0..<count {
      sequence += 1
      steps.row.bind(1, sequence)
      steps.row.bind(2, blob: body)
      try steps.row.run()
      var key = (UInt64(0).bigEndian, UInt64(sequence).bigEndian)
      withUnsafeBytes(of: &key) { steps.key.bind(1, blob: $0) }
      steps.key.bind(2, sequence)
      try steps.key.run()
    }
    try steps.commit.run()
  }
}
