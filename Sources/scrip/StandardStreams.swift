// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Standard input and output, taken for the protocol alone.
///
/// File descriptor 1 then leads to standard error, so that nothing printed by mistake can reach
/// the client.
struct StandardStreams {
  let input: Int32 = 0
  let output: Int32

  static func take() throws(Failure) -> StandardStreams {
    signal(SIGPIPE, SIG_IGN)
    let output = fcntl(1, F_DUPFD_CLOEXEC, 3)
    guard output >= 0, dup2(2, 1) >= 0 else {
      throw .io("cannot take standard output: \(String(cString: strerror(errno)))")
    }
    return StandardStreams(output: output)
  }

  /// Writes everything; false when nobody reads any more.
  func write(_ bytes: [UInt8]) throws(Failure) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(output, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count >= 0 {
        written += count
      } else if errno == EAGAIN {
        wait(for: Int16(POLLOUT), on: output)
      } else if errno == EPIPE {
        return false
      } else if errno != EINTR {
        throw .io("cannot write to standard output: \(String(cString: strerror(errno)))")
      }
    }
    return true
  }

  /// What one read gave.
  enum Input {
    case bytes(Int)
    case end
    /// Nothing there after all, or a signal came.
    case nothing
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Input {
    let count = Glibc.read(input, buffer.baseAddress, buffer.count)
    if count > 0 { return .bytes(count) }
    if count == 0 { return .end }
    if errno == EINTR || errno == EAGAIN { return .nothing }
    throw .io("cannot read standard input: \(String(cString: strerror(errno)))")
  }

  private func wait(for events: Int16, on descriptor: Int32) {
    var set = pollfd(fd: descriptor, events: events, revents: 0)
    _ = poll(&set, 1, -1)
  }
}
