// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Has every test that names a ledger's directory use a ledger on a server in its place, where
/// `SCRIP_TEST_STORE` names a server: one schema for each directory, the keyring in the directory.
package enum ServerLedgers {
  /// The URI of a database whose role may make schemas; nil: ledgers are in directories.
  package static let target = getenv("SCRIP_TEST_STORE").map { String(cString: $0) }

  /// The URI of the ledger that stands for a directory.
  package static func place(of directory: String) -> String? {
    guard let target else { return nil }
    let name = directory.utf8.reduce(UInt64(0xCBF2_9CE4_8422_2325)) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
    }
    let join = target.contains("?") ? "&" : "?"
    return "\(target)\(join)options=-csearch_path%3Dt\(String(name, radix: 36))"
  }

  /// The arguments with `--data` replaced, where there is a server.
  static func redirect(_ arguments: [String]) -> [String] {
    guard let index = arguments.firstIndex(of: "--data"), index + 1 < arguments.count,
      arguments[index + 1].hasPrefix("/"), let place = place(of: arguments[index + 1])
    else { return arguments }
    let directory = arguments[index + 1]
    mkdir(directory, 0o700)
    var changed = arguments
    changed[index...(index + 1)] = ["--store", place]
    if !arguments.contains("--keyring") { changed += ["--keyring", directory + "/keyring.json"] }
    return changed
  }
}
