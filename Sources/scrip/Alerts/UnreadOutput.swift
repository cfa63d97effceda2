// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What was written to a pipe or a socket, and how much of it the reader has not taken yet.
///
/// Bytes in a pipe are lost with whoever reads it: an event counts as delivered once they are out.
struct UnreadOutput {
  /// The events that may not have been read: each with the count of bytes up to its end.
  private var written: [(sequence: Int64, end: Int)] = []
  private var bytes = 0

  /// Whether everything is known to have been read.
  var isEmpty: Bool { written.isEmpty }

  /// An event was written.
  mutating func note(_ sequence: Int64, count: Int) {
    bytes += count
    written.append((sequence, bytes))
  }

  /// The last event that has been read as a whole, where `unread` bytes have not been, if it is
  /// another one than at the last call.
  mutating func taken(unread: Int) -> Int64? {
    let read = bytes - unread
    guard let last = written.lastIndex(where: { $0.end <= read }) else { return nil }
    defer { written.removeSubrange(...last) }
    return written[last].sequence
  }

  /// What was written and not read will be written again.
  mutating func forget() { written = [] }
}

/// The other end of a descriptor.
enum FarEnd {
  case pipe
  case socket
  /// A file or a terminal: what is written is there.
  case none

  init(of descriptor: Int32) {
    var status = stat()
    let kind = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
    switch kind {
    case S_IFIFO: self = .pipe
    case S_IFSOCK: self = .socket
    default: self = .none
    }
  }

  /// Nobody reads there, and nobody will.
  static func isDeserted(_ set: pollfd) -> Bool {
    set.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0
  }

  /// How many bytes nobody has read.
  ///
  /// Of a socket it is what the bytes take in the system, which is more than they are until all
  /// have been read: then it is 0. With its reader gone the system forgets what it held.
  func unread(_ descriptor: Int32) -> Int {
    var set = pollfd(fd: descriptor, events: 0, revents: 0)
    var count: Int32 = 0
    switch self {
    case .none: return 0
    case .pipe:
      // What cannot be known counts as unread: it is sent again rather than lost.
      return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : .max
    case .socket:
      let failure = ioctl(descriptor, UInt(TIOCOUTQ), &count)
      // Asked after the count: a reader that was there then had read what was missing.
      _ = poll(&set, 1, 0)
      return failure == 0 && !Self.isDeserted(set) ? Int(count) : .max
    }
  }
}
