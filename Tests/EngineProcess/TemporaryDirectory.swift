// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Glibc

/// A new empty directory, removed with all that is in it when the test lets go of it.
package final class TemporaryDirectory: Sendable {
  package let path: String

  package init() throws {
    guard let template = strdup("/tmp/scrip-blackbox-XXXXXX") else {
      throw HarnessFailure.system("strdup")
    }
    defer { free(template) }
    guard let made = mkdtemp(template) else { throw HarnessFailure.system("mkdtemp") }
    path = String(cString: made)
  }

  deinit { Files.removeTree(path) }

  package func file(_ name: String) -> String { path + "/" + name }
}

/// The few things tests do with files.
package enum Files {
  /// The names in a directory, sorted; none when there is no such directory.
  package static func names(in path: String) -> [String] {
    guard let stream = opendir(path) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let item = readdir(stream) {
      let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The bytes of a file; nil when it cannot be read.
  package static func bytes(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes.append(contentsOf: buffer[0..<count])
    }
  }

  package static func text(of path: String) -> String? {
    bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
  }

  package static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  package static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw HarnessFailure.system("open \(path)") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw HarnessFailure.system("write \(path)") }
      rest = rest.dropFirst(count)
    }
  }

  /// The permission bits; nil when there is no such file.
  package static func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  package static func removeTree(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    for name in names(in: path) { removeTree(path + "/" + name) }
    rmdir(path)
  }

  /// Whether the bytes of `needle` stand anywhere in `haystack`.
  package static func contains(_ haystack: [UInt8], _ needle: [UInt8]) -> Bool {
    haystack.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let first = needle.first else { return false }
      var start = 0
      while start + needle.count <= bytes.count,
        let found = memchr(base + start, Int32(first), bytes.count - start)
      {
        let offset = UnsafeRawPointer(found) - base
        guard offset + needle.count <= bytes.count else { return false }
        if memcmp(found, needle, needle.count) == 0 { return true }
        start = offset + 1
      }
      return false
    }
  }

  package static func contains(_ haystack: [UInt8], _ needle: String) -> Bool {
    contains(haystack, Array(needle.utf8))
  }
}
