// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite

/// What the journal's log shows of groups that were durable in it and are out of reach.
///
/// A log that is found is believed up to its first frame that is not what was written, and what
/// comes after is passed over in silence: SQLite cannot tell a group that the power cut off from
/// one that a failing disk has spoilt. The writer of a group syncs it before the next is begun,
/// so whatever follows the end of a group proves that this group was durable, and answered
/// (https://sqlite.org/fileformat2.html, 4.1 to 4.3).
struct LogEvidence {
  private static let headerSize = 32
  private static let frameHeaderSize = 24
  private static let pageSize = 4096
  private static let frameSize = frameHeaderSize + pageSize

  /// How a frame begins: words 0 and 1 its page and, at the end of a group, the size of the
  /// database, then the two salts of the log and the two sums up to here.
  private typealias Words = [UInt32]

  private let descriptor: Int32
  private let frames: Int

  /// Why the log cannot be believed; nil when there is no sign that it has lost anything.
  ///
  /// The caller holds the writers' lock. `believed` is how many frames SQLite believes.
  static func problem(log: String, believed: Int) -> String? {
    let descriptor = open(log, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    let evidence = LogEvidence(
      descriptor: descriptor, frames: (Int(status.st_size) - headerSize) / frameSize)
    guard evidence.frames > 0 else { return nil }
    return evidence.problem(believed: believed)
  }

  private func problem(believed: Int) -> String? {
    guard let header = read(Self.headerSize, at: 0), header.contains(where: { $0 != 0 }) else {
      // The first group of a new log was not synced yet.
      return nil
    }
    let words = Self.words(header)
    let isBigEndian = words[0] == 0x377F_0683
    let sums = Self.sums((0, 0), over: header[..<24], isBigEndian: isBigEndian)
    guard words[0] | 1 == 0x377F_0683, words[6] == sums.0, words[7] == sums.1 else {
      return "the head of its log is not what was written"
    }
    for frame in stride(from: believed, to: frames - 1, by: 1) {
      guard let end = head(of: frame), end[1] != 0, end[2] == words[4], end[3] == words[5],
        let next = head(of: frame + 1), next[2] == words[4], next[3] == words[5],
        follows(frame + 1, next, sums: (end[4], end[5]), isBigEndian: isBigEndian)
      else { continue }
      return "its log is damaged after frame \(believed), and held groups up to frame "
        + "\(frame + 1) at least"
    }
    return nil
  }

  /// Whether a frame was written after the one that ended with these sums.
  private func follows(
    _ frame: Int, _ head: Words, sums: (UInt32, UInt32), isBigEndian: Bool
  ) -> Bool {
    guard let bytes = read(Self.frameSize, at: Self.place(of: frame)) else { return false }
    let first = Self.sums(sums, over: bytes[..<8], isBigEndian: isBigEndian)
    let all = Self.sums(
      first, over: bytes[Self.frameHeaderSize...], isBigEndian: isBigEndian)
    return all == (head[4], head[5])
  }

  private func head(of frame: Int) -> Words? {
    read(Self.frameHeaderSize, at: Self.place(of: frame)).map(Self.words)
  }

  private static func place(of frame: Int) -> Int { headerSize + frame * frameSize }

  private func read(_ count: Int, at place: Int) -> [UInt8]? {
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(place)))
    }
    return bytes.count == count ? bytes : nil
  }

  private static func words(_ bytes: [UInt8]) -> Words {
    stride(from: 0, to: bytes.count, by: 4).map { word(bytes[$0..<$0 + 4], isBigEndian: true) }
  }

  private static func word(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> UInt32 {
    let ordered = isBigEndian ? Array(bytes) : bytes.reversed()
    return ordered.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The sums of the log (https://sqlite.org/fileformat2.html, 4.2).
  private static func sums(
    _ start: (UInt32, UInt32), over bytes: ArraySlice<UInt8>, isBigEndian: Bool
  ) -> (UInt32, UInt32) {
    var (first, second) = start
    for place in stride(from: bytes.startIndex, to: bytes.endIndex, by: 8) {
      first &+= word(bytes[place..<place + 4], isBigEndian: isBigEndian) &+ second
      second &+= word(bytes[place + 4..<place + 8], isBigEndian: isBigEndian) &+ first
    }
    return (first, second)
  }
}

extension LedgerDirectory {
  /// Why the journal's log cannot be believed; nil when there is no sign that it has lost anything.
  ///
  /// Under journal.lock, by a connection that has read from the journal before.
  func journalLogProblem(_ connection: Connection) -> String? {
    LogEvidence.problem(log: journal + "-wal", believed: connection.logFrames)
  }
}
