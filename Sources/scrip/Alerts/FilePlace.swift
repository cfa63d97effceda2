// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Where a file is that alerts are written to, wherever the process was started.
struct FilePlace {
  /// With links and relative parts resolved, as far as the directory is there.
  let absolute: String
  private let path: String

  init(_ path: String) throws(Failure) {
    guard !path.isEmpty else { throw .usage("--alerts-file takes the name of a file or FIFO") }
    self.path = path
    if let whole = Self.resolved(path) {
      absolute = whole
      return
    }
    let name = path.split(separator: "/").last ?? ""
    absolute = Self.resolved(Folder.parent(of: path)).map { $0 + "/" + name } ?? path
  }

  /// Refuses a file that the ledger lives by: lines in it would destroy it.
  func refuseLedgersOwn(in home: String, keyring: String) throws(Failure) {
    let home = Self.resolved(home) ?? home
    let name = absolute.split(separator: "/").last ?? ""
    let isReserved =
      ["journal.", "state.", "fold.", "keyring."].contains { name.hasPrefix($0) }
      || name.hasSuffix(".cursor")
    let isAtHome = absolute == home + "/" + name
    guard !(isAtHome && isReserved), absolute != Self.resolved(keyring) else {
      throw .usage("--alerts-file takes no file of the ledger itself: \(path)")
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }
}
