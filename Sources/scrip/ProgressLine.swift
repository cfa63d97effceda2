// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A line that shows how far something has come: on a terminal's standard error, nowhere else.
final class ProgressLine {
  /// How often the line is written anew, in milliseconds.
  private static let interval: Int64 = 200
  private let isShown = Terminal.showsProgress
  private var shownAt: Int64?

  /// So much of it is done.
  func show(_ done: Int64, of all: Int64) {
    guard isShown else { return }
    let now = monotonicMilliseconds()
    guard shownAt.map({ now - $0 >= Self.interval }) ?? true else { return }
    shownAt = now
    write("entry \(grouped(done)) of \(grouped(all))")
  }

  /// Takes the line away.
  func clear() {
    if shownAt != nil { write("") }
    shownAt = nil
  }

  private func write(_ text: String) {
    // Back to the first column, and clear to the end of the line.
    let bytes = Array("\r\u{1B}[K\(text)".utf8)
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}

/// A clock that is only good for telling how long something took.
func monotonicMilliseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
}
