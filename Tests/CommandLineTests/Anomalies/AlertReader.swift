// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// What a reader of alerts reads from: a FIFO, a pipe or one end of a socket.
enum AlertChannel: String, CaseIterable {
  case pipe
  case socket

  /// The end that is read, and the one that is written.
  func ends() throws -> (reader: AlertReader, writing: Int32) {
    var ends: [Int32] = [0, 0]
    let failure =
      switch self {
      case .pipe: Glibc.pipe(&ends)
      case .socket: socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
      }
    guard failure == 0 else { throw HarnessFailure.system("\(self)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (AlertReader(ends[0]), ends[1])
  }
}

/// A reader that takes as much as the test wants it to, and dies when it is told to.
final class AlertReader {
  private var descriptor: Int32
  private var rest: [UInt8] = []
  /// The whole lines it has got.
  private(set) var lines: [String] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  convenience init(fifo path: String) throws {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw HarnessFailure.system("open") }
    self.init(descriptor)
  }

  /// Connects to a socket that is listened on, or will be in a moment.
  convenience init(socket path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw HarnessFailure("a path too long for a socket: \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let deadline = Deadline(in: 20)
    while true {
      let failure = withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if failure == 0 { break }
      guard !deadline.hasPassed else { throw HarnessFailure.system("connect") }
      usleep(20_000)
    }
    self.init(descriptor)
  }

  deinit { close() }

  /// Reads `bits` bytes at a time until it has `enough` lines, or nothing has come for a while.
  func read(enough: Int, bits: Int = 1 << 16, patience seconds: Double = 20) {
    var buffer = [UInt8](repeating: 0, count: bits)
    var deadline = Deadline(in: seconds)
    while lines.count < enough, !deadline.hasPassed {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else {
        usleep(2_000)
        continue
      }
      deadline = Deadline(in: seconds)
      rest += buffer[..<count]
      while let end = rest.firstIndex(of: 0x0A) {
        lines.append(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
      }
    }
  }

  func close() {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }
}

extension Watch {
  /// Expects that readers, one after the other, got all alerts of the ledger between them: none
  /// lost, none out of order within one reader, and what came twice the same (T92).
  static func expectAll(
    _ sessions: [[String]], of ledger: TestLedger, count: Int,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let all = try tail(ledger)
    #expect(all.count == count, sourceLocation: location)
    let places = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    var seen: Set<Int> = []
    for session in sessions {
      let found = session.compactMap { places[$0] }
      #expect(found.count == session.count, "a line that is no alert", sourceLocation: location)
      for (one, next) in zip(found, found.dropFirst()) where next != one + 1 {
        Issue.record("\(next + 1) follows on \(one + 1)", sourceLocation: location)
      }
      seen.formUnion(found)
    }
    let lost = all.indices.filter { !seen.contains($0) }
    #expect(
      lost.isEmpty, "\(lost.count) are lost, from \(lost.first ?? 0) on", sourceLocation: location)
  }
}
