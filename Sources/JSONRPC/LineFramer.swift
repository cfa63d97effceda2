// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Cuts a stream of bytes into lines, with bounded memory (contract §1).
///
/// LF ends a line. One CR in front of it and a UTF-8 BOM at the line's start are removed; a line
/// that is empty then is skipped. A line over the limit gives one `.oversized`, as soon as that
/// is certain, and reading goes on after its LF.
///
/// Use: `append` a chunk, then call `next` until it gives nil, or `takeNext` until it gives false.
/// At most twice the limit plus the largest chunk is then held. Each byte is copied and searched a
/// constant number of times, however the stream is cut into chunks.
public struct LineFramer: Sendable {
  /// What the stream holds at one place.
  public enum Frame: Equatable, Sendable {
    /// A line without its terminator and BOM; never empty. Not checked to be UTF-8.
    case line([UInt8])
    /// A line over the limit; its bytes are dropped.
    case oversized
  }

  /// The same, its line lent for the length of a call.
  public enum LentFrame {
    case line(UnsafeBufferPointer<UInt8>)
    case oversized
  }

  /// Longest line of the protocol in bytes, BOM included, CR and LF excluded: 1 MiB.
  public static let defaultLimit = 1_048_576

  private let limit: Int
  private var buffer: [UInt8] = []
  /// Start of the current line in `buffer`.
  private var head = 0
  /// No LF stands in `buffer` from `head` up to here.
  private var searched = 0
  /// True while the rest of an overlong line is thrown away.
  private var isDiscarding = false

  /// A framer of lines of at most `limit` bytes.
  public init(limit: Int = LineFramer.defaultLimit) {
    precondition(limit > 0, "a line has room for a byte")
    self.limit = limit
  }

  /// Bytes held at present, read or not, for tests of the memory bound.
  public var bufferedCount: Int { buffer.count }

  /// Adds bytes read from the stream.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    if isDiscarding {
      guard let newline = Self.newline(in: bytes, from: 0) else { return }
      isDiscarding = false
      rest = bytes[(newline + 1)...]
    }
    dropConsumed()
    buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest))
  }

  /// Adds bytes read from the stream.
  public mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// Adds bytes read from the stream.
  public mutating func append(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { append($0) }
  }

  /// The next line, or nil until more bytes are appended.
  public mutating func next() -> Frame? {
    var frame: Frame?
    _ = takeNext { frame = Frame($0) }
    return frame
  }

  /// Calls `body` with the next line; false where there is none until more bytes are appended.
  public mutating func takeNext(_ body: (LentFrame) -> Void) -> Bool {
    while let newline = findNewline() {
      let line = head..<newline
      head = newline + 1
      searched = head
      if lend(line, to: body) { return true }
    }
    // Without its LF, a CR at the end may still turn out to be a part of the terminator.
    if trimmedOfReturn(head..<buffer.count).count > limit {
      isDiscarding = true
      buffer = []
      (head, searched) = (0, 0)
      body(.oversized)
      return true
    }
    return false
  }

  /// The unterminated last line, if there is one.
  ///
  /// Call it at the end of the stream, once `next` or `takeNext`
  /// has given nil; the framer is empty afterwards.
  public mutating func finish() -> Frame? {
    var last: Frame?
    _ = lend(head..<buffer.count) { last = Frame($0) }
    buffer = []
    (head, searched, isDiscarding) = (0, 0, false)
    return last
  }

  private func trimmedOfReturn(_ line: Range<Int>) -> Range<Int> {
    guard let last = line.last, buffer[last] == UInt8(ascii: "\r") else { return line }
    return line.lowerBound..<last
  }

  /// Lends the line at a place; false where it is empty.
  private func lend(_ range: Range<Int>, to body: (LentFrame) -> Void) -> Bool {
    let line = trimmedOfReturn(range)
    guard line.count <= limit else {
      body(.oversized)
      return true
    }
    return buffer.withUnsafeBufferPointer { bytes in
      var content = UnsafeBufferPointer(rebasing: bytes[line])
      if content.count >= 3, content[0] == 0xEF, content[1] == 0xBB, content[2] == 0xBF {
        content = UnsafeBufferPointer(rebasing: content[3...])
      }
      if content.isEmpty { return false }
      body(.line(content))
      return true
    }
  }

  /// Shifts the unread bytes to the front once no more than were read would move: so each byte
  /// read pays for at most one byte moved.
  private mutating func dropConsumed() {
    guard head > 0, buffer.count - head <= head else { return }
    buffer.removeSubrange(0..<head)
    searched -= head
    head = 0
  }

  private mutating func findNewline() -> Int? {
    let found = buffer.withUnsafeBytes { Self.newline(in: $0, from: searched) }
    if found == nil { searched = buffer.count }
    return found
  }

  /// Index of the first LF, looking at eight bytes at a step.
  ///
  /// The lowest mark is exact: a false
  /// one can only stand above a true one.
  private static func newline(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var index = start
    while index + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let newlines = word ^ (ones &* 0x0A)
      let marks = (newlines &- ones) & ~newlines & (ones &* 0x80)
      if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
      index += 8
    }
    while index < bytes.count {
      if bytes[index] == 0x0A { return index }
      index += 1
    }
    return nil
  }
}

extension LineFramer.Frame {
  /// What was lent, to be kept.
  fileprivate init(_ frame: LineFramer.LentFrame) {
    switch frame {
    case .line(let bytes): self = .line(Array(bytes))
    case .oversized: self = .oversized
    }
  }
}
