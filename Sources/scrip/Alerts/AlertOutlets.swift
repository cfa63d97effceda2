// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Store

/// The outlets of a serving process; the loop tells them when there is something.
struct AlertOutlets: Sendable {
  private let outlets: [AlertOutlet]
  private let news = AlertNews()

  /// Checks and takes what was asked for.
  ///
  /// `directory` is where the ledger is, `home` where the places of the readers are kept.
  init(
    descriptor: Int32?, path: String?, terminal: String?, directory: String, home: String,
    keyring: String
  ) throws(Failure) {
    var outlets: [AlertOutlet] = []
    if let descriptor {
      let flags = fcntl(descriptor, F_GETFL)
      guard descriptor > 1, flags >= 0, flags & O_ACCMODE != O_RDONLY else {
        throw .usage("--alerts-fd takes the number of an open descriptor above 1 to write to")
      }
      let name = "fd\(descriptor)" + (terminal.map { "-" + AlertOutlets.fileName($0) } ?? "")
      outlets.append(
        try AlertOutlet(
          .descriptor(descriptor), name: name, directory: directory, home: home, news: news))
    }
    if let path {
      let place = try FilePlace(path)
      try place.refuseLedgersOwn(in: home, keyring: keyring)
      outlets.append(
        try AlertOutlet(
          .file(path), name: "file-" + AlertOutlets.fileName(place.absolute),
          directory: directory, home: home, news: news))
    }
    self.outlets = outlets
  }

  var isEmpty: Bool { outlets.isEmpty }

  func start() { for outlet in outlets { outlet.start() } }

  /// Tells what is durable now.
  func tell(_ working: WorkingSet) {
    guard !outlets.isEmpty else { return }
    let isNew = news.publish(
      head: working.head, sequence: working.point.alertSequence,
      find: { try? working.alert($0)?.entry })
    if isNew { for outlet in outlets { outlet.signal() } }
  }

  func stop() { for outlet in outlets { outlet.stop() } }

  /// A text as part of a file's name: what is no letter or digit is written as its code, and a long
  /// text by its hash and its end, since a name has at most 255 bytes.
  private static func fileName(_ text: String) -> String {
    var name = ""
    var shown = text.utf8[...]
    if shown.count > 60 {
      let digits = String(StableHash.of(text), radix: 16)
      name = String(repeating: "0", count: 16 - digits.utf8.count) + digits + "-"
      shown = shown.suffix(40)
    }
    for byte in shown {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: name.unicodeScalars.append(Unicode.Scalar(byte))
      default: name += "_" + String(byte, radix: 16)
      }
    }
    return name
  }
}
