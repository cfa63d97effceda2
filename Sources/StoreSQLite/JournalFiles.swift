// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The journal's files as they were opened.
///
/// An open file that was deleted, moved or replaced can be written for ever, and all of it is gone
/// once it is closed.
struct JournalFiles {
  /// How long nobody looks again, in milliseconds: what is answered within may be lost.
  private static let interval: Int64 = 100
  private let paths: [String]
  private var known: [LedgerDirectory.FileIdentity?]
  private var lookedAt: Int64?

  init(_ directory: LedgerDirectory) {
    paths = [directory.journal, directory.journal + "-wal"]
    known = paths.map { LedgerDirectory.identity(of: $0) }
  }

  /// The file that is not the one that was opened, looked for at this time at the earliest.
  mutating func missing(now: Int64) -> String? {
    if let lookedAt, now - lookedAt < Self.interval { return nil }
    for (index, path) in paths.enumerated() {
      let found = LedgerDirectory.identity(of: path)
      // The log is there from the first use on.
      if known[index] == nil { known[index] = found }
      if known[index] != found { return path }
    }
    lookedAt = now
    return nil
  }
}
