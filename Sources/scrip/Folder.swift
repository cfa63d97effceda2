// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A directory of the file system.
enum Folder {
  /// The directory that a path lies in.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The names in it, without `.` and `..`; a missing one has none.
  static func names(in path: String) throws(Failure) -> [String] {
    guard let stream = opendir(path) else {
      guard errno != ENOENT else { return [] }
      throw .io("cannot look into \(path): \(systemReason())")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let item = readdir(stream) {
      let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }
}

/// Keeps other processes from making a ledger in the same directory, by a lock on the directory
/// itself, which leaves no file behind.
struct DirectoryLock {
  private let descriptor: Int32

  /// Waits for the lock.
  init(_ path: String) throws(Failure) {
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotCreate("cannot open \(path): \(systemReason())") }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw .io("cannot lock \(path): \(systemReason())") }
    }
  }

  /// Also the end of the process lets go.
  func unlock() { close(descriptor) }
}
