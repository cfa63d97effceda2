// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

extension Folder {
  /// Makes it, for its owner alone, unless it is there.
  static func make(_ path: String) throws(Failure) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
      throw .cannotCreate("cannot make \(path): \(systemReason())")
    }
  }

  /// Removes it with everything below it, as far as that goes.
  static func removeTree(_ path: String) {
    for name in (try? names(in: path)) ?? [] {
      let inside = path + "/" + name
      if unlink(inside) != 0 { removeTree(inside) }
    }
    rmdir(path)
  }

  /// Writes a small file.
  static func write(_ text: String, to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotCreate("cannot make \(path): \(systemReason())") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw .io("cannot write \(path): \(systemReason())") }
  }

  /// Copies the files of a folder, durably, so that no writing back disturbs what is measured next.
  static func copy(_ folder: String, to copy: String) throws(Failure) {
    try make(copy)
    for name in try names(in: folder) where !name.hasSuffix("-shm") {
      let from = open(folder + "/" + name, O_RDONLY | O_CLOEXEC)
      let to = open(copy + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      defer {
        close(from)
        close(to)
      }
      guard from >= 0, to >= 0 else { throw .io("cannot copy \(name): \(systemReason())") }
      while true {
        let count = sendfile(to, from, nil, 1 << 24)
        guard count >= 0 else { throw .io("cannot copy \(name): \(systemReason())") }
        if count == 0 { break }
      }
      guard fsync(to) == 0 else { throw .io("cannot copy \(name): \(systemReason())") }
    }
  }
}
