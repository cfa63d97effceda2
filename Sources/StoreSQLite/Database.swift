// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite

/// Opening the two databases with everything their promises rest on.
enum Database {
  /// How long a call waits for a program that writes outside of our locks, in milliseconds.
  private static let patience: Int32 = 5000

  /// How a connection is to behave.
  struct Settings {
    let synchronous: Synchronous
    let cacheMebibytes: Int
    /// Whether every page of the file carries a checksum.
    var hasPageSums = false
    /// Whether something else may be done while a commit waits for the disk.
    var writesEarly = false

    enum Synchronous: Int64 {
      /// Syncs the log only before it is copied: the last commits may be lost with the power.
      case normal = 1
      /// Syncs the log at each commit.
      case full = 2
    }
  }

  /// What a file's first page says of itself.
  enum Origin {
    case ours
    case older(Int64)
    case newer(Int64)
    case foreign
  }

  /// Opens a database and tells whether it is one of ours; nothing is written to it.
  static func open(
    _ path: String, _ mode: Connection.Mode, _ settings: Settings, application: Int64,
    version: Int64
  ) throws(SQLiteError) -> (connection: Connection, origin: Origin) {
    let connection = try Connection(
      path: path, mode: mode, pageSums: settings.hasPageSums, earlyWrites: settings.writesEarly)
    connection.busyTimeout(milliseconds: patience)
    try connection.execute("PRAGMA cache_size = -\(settings.cacheMebibytes * 1024)")
    try connection.execute("PRAGMA synchronous = \(settings.synchronous.rawValue)")
    let found = try connection.integer("PRAGMA user_version") ?? 0
    guard try connection.integer("PRAGMA application_id") == application, found >= 1 else {
      return (connection, .foreign)
    }
    if found == version { return (connection, .ours) }
    return (connection, found > version ? .newer(found) : .older(found))
  }

  /// Puts a database into WAL mode, and looks whether what durability rests on has taken hold:
  /// what has not, or nil.
  static func problem(
    of connection: Connection, _ settings: Settings
  ) throws(SQLiteError) -> String? {
    let mode = try connection.text("PRAGMA journal_mode = WAL")
    guard mode == "wal" else { return "it keeps no log (journal_mode \(mode ?? "unset"))" }
    guard try connection.integer("PRAGMA synchronous") == settings.synchronous.rawValue else {
      return "it does not sync as it must"
    }
    guard try connection.integer("PRAGMA wal_autocheckpoint") == 0 else {
      return "it would checkpoint outside of the lock"
    }
    return nil
  }
}
