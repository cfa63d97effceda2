// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess

/// What an engine asked of the disk for its journal, as strace saw it.
///
/// What it asks for the state depends on when the folder's slices are cut, and so on time.
struct DiskCounts {
  /// `fdatasync` and `fsync` of the journal's files.
  var journalSyncs = 0
  /// Pages of 4 KiB written to the journal's log.
  var journalPages = 0

  /// strace, or nil where it is not installed or may not trace.
  static let tracer: [String]? = {
    let trial = ["strace", "-f", "-qq", "-o", "/dev/null", "true"]
    let process = try? ChildProcess("/usr/bin/env", trial)
    return (try? process?.wait()) == .code(0) ? ["/usr/bin/env", "strace"] : nil
  }()

  /// The command that starts another and writes down its calls in `log`.
  static func command(log: String) -> [String] {
    (tracer ?? []) + [
      "-f", "-y", "-qq", "-s", "0", "-o", log, "-e", "trace=fdatasync,fsync,pwrite64",
    ]
  }

  /// Reads what the command has written down.
  init(log: String) {
    for line in (Files.text(of: log) ?? "").split(separator: "\n") {
      // A call that another thread's interrupts is told twice; its arguments stand where it begins.
      let isJournal = line.contains("/journal.db")
      if line.contains(" fdatasync(") || line.contains(" fsync(") {
        journalSyncs += isJournal ? 1 : 0
      } else if line.contains(" pwrite64(") {
        let arguments = line.split(separator: ",")
        let size = arguments.count > 2 ? Int(arguments[2].drop { $0 == " " }) ?? 0 : 0
        journalPages += isJournal && line.contains("-wal>") && size == 4096 ? 1 : 0
      }
    }
  }

  private init(syncs: Int, pages: Int) { (journalSyncs, journalPages) = (syncs, pages) }

  static func - (more: DiskCounts, less: DiskCounts) -> DiskCounts {
    DiskCounts(
      syncs: more.journalSyncs - less.journalSyncs, pages: more.journalPages - less.journalPages)
  }
}
