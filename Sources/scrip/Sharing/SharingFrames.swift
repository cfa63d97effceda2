// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How requests and answers travel between two engines of a machine: each behind its length in four
/// bytes and its number in eight, the lowest byte first.
struct SharingFrames {
  private static let headCount = 12
  /// The longest answer there is has a page of entries in it.
  private static let limit = 1 << 26
  private var buffer: [UInt8] = []
  private var start = 0

  struct Frame {
    let number: UInt64
    let content: [UInt8]
  }

  /// What came cannot be a frame.
  struct Garbled: Error {}

  static func append(_ content: [UInt8], number: UInt64, to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + headCount + content.count)
    let count = UInt32(content.count)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: count >> shift))
    }
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
    bytes.append(contentsOf: content)
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if start > 0 {
      buffer.removeSubrange(0..<start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next frame that has come as a whole.
  mutating func next() throws(Garbled) -> Frame? {
    guard buffer.count - start >= Self.headCount else { return nil }
    let count = Int(whole(at: start, bytes: 4))
    guard count <= Self.limit else { throw Garbled() }
    let content = start + Self.headCount
    guard buffer.count - content >= count else { return nil }
    defer { start = content + count }
    return Frame(
      number: whole(at: start + 4, bytes: 8), content: Array(buffer[content..<(content + count)]))
  }

  private func whole(at place: Int, bytes: Int) -> UInt64 {
    buffer[place..<(place + bytes)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
