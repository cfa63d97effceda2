// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// The journal's files as they were opened: the database, its log, and the log's index.
///
/// An open file that was deleted, moved or replaced can be written for ever, and all of it is gone
/// once it is closed. And where another process has begun a new log, the index, which all share,
/// is about that one: whoever still has the old log would copy its pages over others.
struct JournalFiles: Sendable {
  /// A file that is not the one that was opened.
  struct Finding: Equatable, Sendable {
    let path: String
    /// Nothing stands there, or nothing was written to what does.
    let isVoid: Bool

    /// In words.
    var reason: String {
      isVoid
        ? "\(path) was moved or deleted"
        : "\(path) is not the file that was opened: another one stands there"
    }
  }

  private struct Known: Sendable {
    let path: String
    let identity: LedgerDirectory.FileIdentity
  }

  private let known: [Known]
  let log: String

  /// Takes down what there is, once a connection has read something.
  init(_ directory: LedgerDirectory) {
    log = directory.journal + "-wal"
    known = [directory.journal, log, directory.journal + "-shm"].compactMap { path in
      LedgerDirectory.identity(of: path).map { Known(path: path, identity: $0) }
    }
  }

  /// What is not as it was; a file that cannot be looked at is taken for the same.
  func findings() -> [Finding] {
    known.compactMap { file in
      var status = stat()
      guard stat(file.path, &status) == 0 else {
        let isGone = errno == ENOENT || errno == ENOTDIR
        return isGone ? Finding(path: file.path, isVoid: true) : nil
      }
      if LedgerDirectory.FileIdentity(status) == file.identity { return nil }
      return Finding(path: file.path, isVoid: status.st_size == 0)
    }
  }
}
