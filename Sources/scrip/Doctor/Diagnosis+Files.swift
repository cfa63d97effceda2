// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import StoreSQLite

// Where the files lie and who may read them.
extension Diagnosis {
  /// Whether there is a directory, and whose it is.
  func directoryFinding() -> (finding: Finding, isThere: Bool) {
    var status = stat()
    guard stat(directory, &status) == 0 else {
      return (Finding(.fail, "directory", "\(directory): \(systemReason())"), false)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return (Finding(.fail, "directory", "\(directory) is not a directory"), false)
    }
    guard access(directory, R_OK | X_OK) == 0 else {
      return (Finding(.fail, "directory", "\(directory): \(systemReason())"), false)
    }
    return (directoryFinding(status), true)
  }

  private func directoryFinding(_ status: stat) -> Finding {
    guard access(directory, W_OK) == 0 else {
      return Finding(.fail, "directory", "\(directory) cannot be written: \(systemReason())")
    }
    let mode = status.st_mode & 0o777
    if mode & 0o077 != 0 {
      let text = "\(directory) has mode \(octal(mode)): others can look into it; chmod 700 it"
      return Finding(mode & 0o022 != 0 ? .fail : .warn, "directory", text)
    }
    if status.st_uid != geteuid() {
      let text =
        "\(directory) belongs to user \(status.st_uid), and you are user \(geteuid()): "
        + "files made now would not be theirs"
      return Finding(.warn, "directory", text)
    }
    return Finding(.ok, "directory", "\(directory) is yours alone (mode \(octal(mode)))")
  }

  /// Whether every file of the ledger is its owner's alone.
  func filesFinding() -> Finding {
    var seen = 0
    var problems: [String] = []
    var isFailure = false
    for path in names().map({ directory + "/" + $0 }) + (ledger.keyring.map { [$0] } ?? []) {
      var status = stat()
      guard lstat(path, &status) == 0 else { continue }
      seen += 1
      let mode = status.st_mode & 0o777
      let isKeyring = path == ledger.keyringPath
      if status.st_mode & S_IFMT != S_IFREG {
        problems.append("\(path) is not a regular file")
        isFailure = true
      } else if mode & 0o077 != 0 {
        problems.append("\(path) has mode \(octal(mode)); chmod 600 it")
        isFailure = isFailure || isKeyring || mode & 0o022 != 0
      } else if status.st_uid != geteuid() {
        problems.append("\(path) belongs to user \(status.st_uid)")
      }
    }
    guard problems.isEmpty else {
      return Finding(isFailure ? .fail : .warn, "files", problems.joined(separator: "; "))
    }
    return Finding(.ok, "files", "\(counted(Int64(seen), "file", "files")), yours alone (mode 600)")
  }

  /// The files of a ledger that are in the directory; what else lies there is not looked at.
  private func names() -> [String] {
    ["journal.db", "state.db"].flatMap { [$0, $0 + "-wal", $0 + "-shm"] }
      + ["journal.lock", "journal.turn", "fold.lock", "keyring.lock", "keyring.json"]
  }

  /// Whether the disk is a local one.
  func fileSystemFinding() -> Finding {
    if let problem = SQLiteStore.fileSystemProblem(directory: directory) {
      return Finding(.fail, "file_system", problem)
    }
    return Finding(.ok, "file_system", "local")
  }

  /// Room for entries, and for new files.
  func spaceFindings() -> [Finding] {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else {
      return [Finding(.warn, "space", "cannot tell: \(systemReason())")]
    }
    if status.f_flag & UInt(ST_RDONLY) != 0 {
      return [Finding(.fail, "space", "the file system is mounted for reading only")]
    }
    let free = Int64(status.f_bavail) * Int64(status.f_frsize) / (1 << 20)
    let text = "\(grouped(free)) MiB free"
    var findings: [Finding]
    switch free {
    case ..<64: findings = [Finding(.fail, "space", "\(text): not enough for a day's entries")]
    case ..<1024: findings = [Finding(.warn, "space", "\(text): make room soon")]
    default: findings = [Finding(.ok, "space", text)]
    }
    // Some file systems have no fixed number of files and say 0 of 0.
    if status.f_files > 0, status.f_favail < 1000 {
      findings.append(Finding(.warn, "files_free", "room for \(status.f_favail) more files only"))
    }
    return findings
  }

  /// A log that keeps growing means that checkpoints do not get through.
  func logFindings() -> [Finding] {
    var texts: [String] = []
    var isLarge = false
    for name in ["journal.db-wal", "state.db-wal"] {
      var status = stat()
      guard stat(directory + "/" + name, &status) == 0 else { continue }
      let mebibytes = Int64(status.st_size) >> 20
      isLarge = isLarge || mebibytes > 256
      texts.append("\(name) \(grouped(mebibytes)) MiB")
    }
    let text = texts.isEmpty ? "none" : texts.joined(separator: ", ")
    guard isLarge else { return [Finding(.ok, "logs", text)] }
    let advice = ": something has kept a view of the ledger open for long (a sqlite3 shell?)"
    return [Finding(.warn, "logs", text + advice)]
  }

  private func octal(_ mode: mode_t) -> String { String(mode, radix: 8) }
}
