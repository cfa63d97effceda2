// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A whole HMAC-SHA-256 tag: 32 bytes held inline, compared in constant time, never printed.
public struct Tag: Sendable, Equatable, Unprintable {
  /// Always 32.
  public static let byteCount = 32

  // The bytes in memory order, whatever the machine's byte order makes of the words.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// A tag that `fill` writes; it is handed exactly 32 zeroed bytes.
  init(filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
    Swift.withUnsafeMutableBytes(of: &words, fill)
  }

  /// The first `count` bytes, 16...32; traps outside.
  ///
  /// RFC 2104 §5 allows no fewer than half of the hash.
  public func truncated(to count: Int) -> [UInt8] {
    precondition((16...Self.byteCount).contains(count), "a tag is truncated to 16...32 bytes")
    return withUnsafeBytes { [UInt8]($0[..<count]) }
  }

  /// The first 128 bits.
  public var half: Bytes16 { withUnsafeBytes { Bytes16(prefixOf: $0) } }

  /// Lends the bytes to `body`; the pointer must not outlive the call.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    Swift.withUnsafeBytes(of: words, body)
  }

  /// Whether both have the same bytes, judged in constant time.
  public static func == (a: Tag, b: Tag) -> Bool {
    a.withUnsafeBytes { left in b.withUnsafeBytes { right in constantTimeEqual(left, right) } }
  }
}
