// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// About how many pages have come to a log since it was last copied, or found in use.
///
/// SQLite tells only when it checkpoints, so between checkpoints this counts what was written and
/// learns from each checkpoint how many pages a unit of that takes.
struct LogGauge: Sendable {
  /// Pages in the file when it was opened, until the first checkpoint.
  private var found: Int
  /// Pages in the log after the last checkpoint: those that somebody still reads around.
  private var kept = 0
  private var units = 0.0
  private var pagesPerUnit = 1.0

  /// A gauge for a log of which only the size of its file is known.
  init(fileSize: Int, pageSize: Int) {
    // A frame is a page and a header of 24 bytes.
    found = fileSize / (pageSize + 24)
  }

  var pages: Int { found + Int(units * pagesPerUnit) }

  mutating func wrote(_ units: Double) { self.units += units }

  /// Counts from nothing again, whatever came of it.
  ///
  /// What could not be copied is tried again once as much has been written again: it failed, or
  /// somebody reads what was there before, and asking at once would find him there again.
  mutating func note(_ checkpoint: Folder.Checkpoint) {
    defer {
      found = 0
      units = 0
    }
    guard checkpoint.problem == nil else { return }
    if units >= 16, checkpoint.logFrames > 0 {
      let measured = Double(max(1, checkpoint.logFrames - found - kept)) / units
      pagesPerUnit = min(max(measured, 0.05), 16)
    }
    // A log copied as a whole is written over from its beginning by the next commit.
    kept = checkpoint.logFrames > checkpoint.copied ? checkpoint.logFrames : 0
  }
}
