// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A new empty directory, removed with the files in it when the test lets go of it.
final class TemporaryDirectory {
  let path: String

  init() throws {
    guard let template = strdup("/tmp/scrip-sqlite-XXXXXX") else {
      throw SystemCallFailure(errno: errno)
    }
    defer { free(template) }
    guard let made = mkdtemp(template) else { throw SystemCallFailure(errno: errno) }
    path = String(cString: made)
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { unlink(file(name)) }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  func file(_ name: String) -> String {
    path + "/" + name
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

func write(_ bytes: [UInt8], to path: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { throw SystemCallFailure(errno: errno) }
  defer { close(descriptor) }
  guard write(descriptor, bytes, bytes.count) == bytes.count else {
    throw SystemCallFailure(errno: errno)
  }
}
