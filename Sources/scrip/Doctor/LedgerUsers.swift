// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Other processes that have a ledger in use, as far as the system tells.
enum LedgerUsers {
  /// One process.
  struct Process: Hashable {
    let id: pid_t
    /// What it was started as; nil when it is gone or the system does not say.
    let name: String?

    /// `1234 (scrip)`.
    var text: String { name.map { "\(id) (\($0))" } ?? "\(id)" }
  }

  /// What this process was started as.
  static var ownName: String? { lines(of: "/proc/self/comm").first }

  /// The processes that have the ledger's journal open, in order of id.
  ///
  /// SQLite holds a lock on the log's index for as long as a process has it open, so this needs no
  /// right to look into the processes themselves.
  static func all(of directory: String) -> [Process] {
    holders(of: directory + "/journal.db-shm", "POSIX")
  }

  /// The processes that hold the lock under which the ledger is written, now.
  static func writers(of directory: String) -> [Process] {
    holders(of: directory + "/journal.lock", "FLOCK")
  }

  /// The processes with a lock of this kind on a file, this one left out (proc(5), /proc/locks).
  private static func holders(of path: String, _ kind: String) -> [Process] {
    var status = stat()
    guard stat(path, &status) == 0 else { return [] }
    let inode = String(status.st_ino)
    var ids: Set<pid_t> = []
    for line in lines(of: "/proc/locks") {
      // "3: POSIX  ADVISORY  READ 1234 fe:00:5678 128 128"; one who waits has "->" in front.
      let fields = line.split(separator: " ")
      guard fields.count >= 6, fields[1] == kind, let id = pid_t(fields[4]), id != getpid(),
        fields[5].split(separator: ":").last.map(String.init) == inode
      else { continue }
      ids.insert(id)
    }
    return ids.sorted().map { Process(id: $0, name: lines(of: "/proc/\($0)/comm").first) }
  }

  /// The lines of a file; none when it cannot be read.
  private static func lines(of path: String) -> [String] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var lines: [String] = []
    while getline(&line, &capacity, file) >= 0, let read = line {
      lines.append(String(String(cString: read).prefix { $0 != "\n" }))
    }
    return lines
  }
}
