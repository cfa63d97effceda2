// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// About how many pages a log holds that are not in its database yet.
///
/// SQLite tells only when it checkpoints, so between checkpoints this counts what was written and
/// learns from each checkpoint how many pages a unit of that takes.
struct LogGauge: Sendable {
  /// Pages known to be in the log at the last checkpoint and not copied, or copied but kept.
  private var known: Int
  private var units = 0.0
  private var pagesPerUnit = 1.0

  /// A gauge for a log of which only the size of its file is known.
  init(fileSize: Int) {
    // A frame is a page and a header of 24 bytes.
    known = fileSize / 4120
  }

  var pages: Int { known + Int(units * pagesPerUnit) }

  mutating func wrote(_ units: Double) { self.units += units }

  mutating func note(_ checkpoint: Folder.Checkpoint) {
    // One that failed is tried again once as much has been written again.
    guard checkpoint.problem == nil else {
      units = 0
      known = 0
      return
    }
    if units >= 16, checkpoint.logFrames > 0 {
      let measured = Double(max(1, checkpoint.logFrames - known)) / units
      pagesPerUnit = min(max(measured, 0.05), 16)
    }
    units = 0
    // A log copied as a whole is written over from its beginning by the next commit.
    known = checkpoint.logFrames > checkpoint.copied ? checkpoint.logFrames : 0
  }
}
