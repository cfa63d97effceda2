// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A file that holds how far a reader of the outbox has come: the number of the last event.
///
/// Whoever has it open keeps it for itself.
final class CursorFile {
  private let descriptor: Int32
  /// The last event that was delivered; 0 before the first.
  private(set) var sequence: Int64 = 0

  /// Opens or makes the file; nil when another process has it.
  ///
  /// Throws when it cannot be opened, or holds something else.
  init?(path: String) throws(Failure) {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .io("cannot open \(path): \(systemReason())") }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let digits = text.prefix { $0.isNumber }
    if !text.isEmpty {
      guard let value = Int64(digits), value < Int64.max,
        text.dropFirst(digits.count).allSatisfy(\.isWhitespace)
      else { throw .data("\(path) holds no place in the outbox") }
      sequence = value
    }
  }

  deinit { close(descriptor) }

  /// Takes down that everything up to this event was delivered, or with a smaller number not.
  func set(_ sequence: Int64) {
    guard sequence != self.sequence else { return }
    self.sequence = sequence
    // Of one length, so that a shorter number leaves no rest of a longer one.
    let digits = String(sequence)
    let text = Array((String(repeating: "0", count: 19 - digits.utf8.count) + digits + "\n").utf8)
    _ = pwrite(descriptor, text, text.count, 0)
  }
}
