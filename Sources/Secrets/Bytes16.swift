// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Sixteen bytes held inline: a salt or a tag truncated to 128 bits.
///
/// Inline because every account and every entry has one, and an array would cost a heap
/// allocation each. Compared in constant time, never printed.
public struct Bytes16: Sendable, Hashable, Unprintable {
  /// Always 16.
  public static let byteCount = 16

  // The bytes in memory order, whatever the machine's byte order makes of the words.
  private var words: (UInt64, UInt64) = (0, 0)

  /// The value made of exactly 16 bytes; nil for any other count.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    Swift.withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// The first 16 of at least 16 bytes; traps on fewer.
  init(prefixOf bytes: UnsafeRawBufferPointer) {
    let prefix = UnsafeRawBufferPointer(rebasing: bytes[..<Self.byteCount])
    Swift.withUnsafeMutableBytes(of: &words) { $0.copyMemory(from: prefix) }
  }

  /// Sixteen bytes from the system's cryptographic generator; traps without entropy.
  public static func random() -> Bytes16 {
    randomBytes(byteCount).withUnsafeBytes { Bytes16(prefixOf: $0) }
  }

  /// The bytes as an array, for storing.
  public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }

  /// Lends the bytes to `body`; the pointer must not outlive the call.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    Swift.withUnsafeBytes(of: words, body)
  }

  /// Whether both have the same bytes, judged in constant time.
  public static func == (a: Bytes16, b: Bytes16) -> Bool {
    a.withUnsafeBytes { left in b.withUnsafeBytes { right in constantTimeEqual(left, right) } }
  }

  /// Feeds the bytes to `hasher`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }
}
