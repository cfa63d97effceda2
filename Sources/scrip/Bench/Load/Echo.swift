// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc

/// `scrip bench echo`: gives back what it reads, as the floor under everything that uses pipes.
struct Echo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes what it reads, unread: a process with nothing to do but its pipes.",
    shouldDisplay: false)

  func run() throws {
    try scrip.run { () throws(Failure) in try echo() }
  }

  private func echo() throws(Failure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = read(0, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      guard count > 0 || errno == EINTR else { throw .io("read: \(systemReason())") }
      var written = 0
      while written < count {
        let more = write(1, buffer.baseAddress?.advanced(by: written), count - written)
        guard more > 0 || errno == EINTR else { throw .io("write: \(systemReason())") }
        written += max(0, more)
      }
    }
  }
}
