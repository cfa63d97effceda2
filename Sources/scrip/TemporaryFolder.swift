// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A folder of our own that goes when we are done, unless it is to be kept.
struct TemporaryFolder {
  let path: String
  private let isKept: Bool

  private init(path: String, isKept: Bool) {
    self.path = path
    self.isKept = isKept
  }

  init(kept path: String) { self.init(path: path, isKept: true) }

  static func make() throws(Failure) -> TemporaryFolder {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // mkdtemp puts six characters of its own in the place of these.
    var template = Array((parent + "/scrip-" + String(repeating: "X", count: 6)).utf8CString)
    guard mkdtemp(&template) != nil else {
      throw .cannotCreate("cannot make a temporary folder in \(parent)")
    }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    return TemporaryFolder(path: path, isKept: false)
  }

  /// Removes the files in it and the folder; nothing below it is a folder.
  func remove() {
    guard !isKept, let names = try? Folder.names(in: path) else { return }
    for name in names { unlink(path + "/" + name) }
    rmdir(path)
  }
}
