// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Where the lines of an outlet go: a descriptor that was handed over, a regular file or a FIFO.
///
/// Used by one thread, which may wait here; nobody waits for it.
final class AlertSink {
  enum Target {
    case descriptor(Int32)
    case file(String)
  }

  enum Outcome {
    case written
    /// Nobody reads now; what was not read yet is to be sent again.
    case noReader
    /// Nobody will ever read again.
    case gone
    /// No room; to be tried again later, from the first byte of the line.
    case full
    /// The engine ends.
    case stopped
  }

  /// Lines up to this length are written to a pipe whole.
  private static let pipeAtom = 4096
  private let target: Target
  private var descriptor: Int32 = -1
  private var farEnd = FarEnd.none
  private var isPipe: Bool { if case .none = farEnd { false } else { true } }
  /// What the reader had not read when it went; nil while it is there.
  private var lost: Int?
  private var identity: (device: UInt64, inode: UInt64) = (0, 0)
  private(set) var problem: String?

  init(_ target: Target) { self.target = target }

  deinit { close() }

  /// Whether bytes written may be lost with whoever reads them.
  var isRead: Bool { isPipe }

  /// The descriptor of a pipe or socket; -1 where there is no reader to go away.
  var reader: Int32 { isPipe ? descriptor : -1 }

  /// Opens what is not open.
  func open() -> Outcome {
    guard descriptor < 0 else { return .written }
    switch target {
    case .descriptor(let number): descriptor = number
    case .file(let path):
      var status = stat()
      let exists = stat(path, &status) == 0
      let flags =
        exists && status.st_mode & S_IFMT == S_IFIFO
        ? O_WRONLY | O_NONBLOCK | O_CLOEXEC : O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
      descriptor = Glibc.open(path, flags, 0o600)
      if descriptor < 0 {
        problem = "cannot open \(path): \(systemReason())"
        return .noReader
      }
    }
    lost = nil
    var status = stat()
    fstat(descriptor, &status)
    let kind = status.st_mode & S_IFMT
    farEnd = FarEnd(of: descriptor)
    identity = (UInt64(status.st_dev), UInt64(status.st_ino))
    if kind == S_IFREG, case .file = target { endBrokenLine(Int(status.st_size)) }
    problem = nil
    return .written
  }

  /// How each line begins.
  private static let beginning = Array(#"{"specversion":"1.0","id":"#.utf8)

  /// A line of ours that an end cut short is taken away; it will be written anew.
  ///
  /// What does not begin like one is somebody else's, and ended in their place, so that our first
  /// line stands alone.
  private func endBrokenLine(_ size: Int) {
    guard size > 0, case .file(let path) = target else { return }
    let reading = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard reading >= 0 else { return }
    defer { Glibc.close(reading) }
    var end = size
    var byte: UInt8 = 0
    // A line is a few kilobytes; what is longer is somebody else's.
    while end > 0, size - end < 1 << 16, pread(reading, &byte, 1, end - 1) == 1,
      byte != UInt8(ascii: "\n")
    { end -= 1 }
    guard end < size else { return }
    var start = [UInt8](repeating: 0, count: min(size - end, Self.beginning.count))
    let count = pread(reading, &start, start.count, off_t(end))
    let isWhole = end == 0 || byte == UInt8(ascii: "\n")
    if isWhole, count == start.count, Self.beginning.starts(with: start) {
      ftruncate(descriptor, off_t(end))
    } else {
      _ = Glibc.write(descriptor, "\n", 1)
    }
  }

  /// Writes one line, waiting for room as long as `isStopping` is false.
  func write(_ line: [UInt8], isStopping: () -> Bool) -> Outcome {
    let opened = open()
    guard case .written = opened else { return opened }
    var written = 0
    while written < line.count {
      if isPipe {
        var set = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let ready = poll(&set, 1, 100)
        if FarEnd.isDeserted(set) { return lose() }
        if ready <= 0 {
          if isStopping() { return .stopped }
          continue
        }
      }
      let count = line.withUnsafeBytes { bytes in
        Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: written),
          min(line.count - written, isPipe ? Self.pipeAtom : .max))
      }
      if count >= 0 {
        written += count
      } else if errno == EPIPE || errno == ECONNRESET {
        return lose()
      } else if errno == EAGAIN || errno == EINTR {
        if isStopping() { return .stopped }
      } else {
        problem = "cannot write: \(systemReason())"
        // The next opening takes the part of the line away again.
        if case .file = target { close() }
        return .full
      }
    }
    return .written
  }

  private func lose() -> Outcome {
    lost = unread
    switch target {
    case .descriptor: return .gone
    case .file:
      close()
      return .noReader
    }
  }

  /// How many bytes nobody has read; 0 for a file.
  var unread: Int {
    if let lost { return lost }
    return descriptor >= 0 ? farEnd.unread(descriptor) : 0
  }

  /// Whether the reader has gone, or the file was replaced; then it is opened anew.
  func look() -> Outcome {
    guard descriptor >= 0 else { return .noReader }
    if isPipe {
      var set = pollfd(fd: descriptor, events: 0, revents: 0)
      _ = poll(&set, 1, 0)
      return FarEnd.isDeserted(set) ? lose() : .written
    }
    guard case .file(let path) = target else { return .written }
    var status = stat()
    if stat(path, &status) != 0
      || (UInt64(status.st_dev), UInt64(status.st_ino)) != identity
    {
      close()
    }
    return .written
  }

  /// Makes a file durable.
  func sync() {
    if !isPipe, descriptor >= 0 { fdatasync(descriptor) }
  }

  private func close() {
    if case .file = target, descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}
