// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Which file system a directory lies on, as far as it matters to a database.
enum FileSystem {
  /// Why a ledger must not lie in this directory; nil when it may, or when nothing can be found
  /// out.
  ///
  /// Locks and shared memory of network file systems do not hold what SQLite needs of them
  /// (https://sqlite.org/howtocorrupt.html, 2.1).
  static func problem(of directory: String) -> String? {
    guard let path = realpath(directory, nil) else { return nil }
    defer { free(path) }
    guard let mounts = mounts(), let type = type(of: String(cString: path), in: mounts) else {
      return nil
    }
    return problem(ofType: type)
  }

  static func problem(ofType type: String) -> String? {
    // FUSE is mostly sshfs, rclone, s3fs and their like; `fuseblk` is a local disk.
    guard network.contains(type) || type == "fuse" || type.hasPrefix("fuse.") else { return nil }
    return "it is a file system of type \(type), whose locks are not reliable; use a local disk"
  }

  private static let network = [
    "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre",
    "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "prl_fs", "pvfs2", "smb3", "smbfs", "vboxsf",
    "vmhgfs",
  ]

  /// The type of the file system that an absolute path lies on, by a list of mounts in the form
  /// of /proc/self/mountinfo (proc(5)).
  static func type(of path: String, in mounts: [String]) -> String? {
    var found: (point: String, type: String)?
    for line in mounts {
      // By bytes: by characters it was a twelfth of a start.
      let fields = line.utf8.split(separator: UInt8(ascii: " "))
      guard fields.count > 4,
        let dash = fields.firstIndex(where: { $0.elementsEqual("-".utf8) }),
        dash + 1 < fields.count
      else { continue }
      let point = unescape(String(decoding: fields[4], as: UTF8.self))
      let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
      // Of two mounts on one point, the later hides the earlier.
      if isAbove, point.utf8.count >= found?.point.utf8.count ?? 0 {
        found = (point, String(decoding: fields[dash + 1], as: UTF8.self))
      }
    }
    return found?.type
  }

  /// Space, tab, newline and backslash stand there as three octal digits.
  private static func unescape(_ field: String) -> String {
    guard field.contains("\\") else { return field }
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func mounts() -> [String]? {
    guard let file = fopen("/proc/self/mountinfo", "re") else { return nil }
    defer { fclose(file) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var lines: [String] = []
    while getline(&line, &capacity, file) >= 0, let read = line {
      lines.append(String(cString: read).split(separator: "\n").joined())
    }
    return lines
  }
}
