// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A new empty directory under the system's temporary one, removed with the files in it when the
/// test lets go of it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    guard let template = strdup(parent + "/scrip-store-XXXXXX") else {
      throw SystemCallFailure(errno: errno)
    }
    defer { free(template) }
    guard let made = mkdtemp(template) else { throw SystemCallFailure(errno: errno) }
    path = String(cString: made)
  }

  deinit {
    for name in names { unlink(file(name)) }
    rmdir(path)
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// The names in the directory, sorted.
  var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// A copy of all files as they lie on the disk now: what a process killed now would leave.
  ///
  /// Another process copies: closing a file here would drop the locks on it of this process.
  func copy() throws -> TemporaryDirectory {
    let copy = try TemporaryDirectory()
    let words: [String] = ["cp", "-a", "\(path)/.", copy.path]
    var arguments: [UnsafeMutablePointer<CChar>?] = []
    for word in words { arguments.append(strdup(word)) }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    let code = posix_spawnp(&child, "cp", nil, nil, &arguments, environ)
    guard code == 0 else { throw SystemCallFailure(errno: code) }
    var outcome: Int32 = 0
    guard waitpid(child, &outcome, 0) == child, outcome == 0 else {
      throw SystemCallFailure(errno: outcome)
    }
    return copy
  }
}

struct SystemCallFailure: Error {
  let errno: Int32
}

/// Size and permission bits of a file, nil when there is none.
func status(of path: String) -> (size: Int, mode: mode_t)? {
  var status = stat()
  guard stat(path, &status) == 0 else { return nil }
  return (Int(status.st_size), status.st_mode & 0o777)
}

/// The file's content.
///
/// Not for a database that this process has open: closing the descriptor drops the locks of its
/// connections.
func bytes(of path: String) throws -> [UInt8] {
  guard let size = status(of: path)?.size else { throw SystemCallFailure(errno: errno) }
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { throw SystemCallFailure(errno: errno) }
  defer { close(descriptor) }
  var content = [UInt8](repeating: 0, count: size)
  guard read(descriptor, &content, size) == size else { throw SystemCallFailure(errno: errno) }
  return content
}

func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { throw SystemCallFailure(errno: errno) }
  defer { close(descriptor) }
  guard write(descriptor, bytes, bytes.count) == bytes.count else {
    throw SystemCallFailure(errno: errno)
  }
}
