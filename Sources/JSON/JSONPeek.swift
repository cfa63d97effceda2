// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A value as it is looked at where it lies: lent for the length of a call.
///
/// Keeps nothing alive and counts no reference, which a `JSONValue` does.
public struct JSONPeek {
  /// The value's type.
  public let kind: JSONValue.Kind
  /// The unescaped UTF-8 of a string, the exact source bytes of any other value.
  public let bytes: UnsafeBufferPointer<UInt8>
  private let raw: UnsafeBufferPointer<UInt8>

  @inline(__always)
  init(_ tape: JSONTape, _ index: Int) {
    let node = tape.nodes[index]
    kind = node.kind
    raw = tape.source(node)
    bytes = node.kind == .string ? tape.content(node) : raw
  }

  /// The exact source text, as written.
  public var rawText: String { String(decoding: raw, as: UTF8.self) }

  /// The number if it is written as an integer and fits `Int64`, else nil.
  ///
  /// Only `-?(0|[1-9][0-9]*)`: `-0`, a fraction and an exponent give nil, even where the value
  /// would be a whole number, so that an amount has one spelling.
  public var integer: Int64? {
    guard kind == .number else { return nil }
    let isNegative = bytes[0] == UInt8(ascii: "-")
    var value: Int64 = 0
    for index in (isNegative ? 1 : 0)..<bytes.count {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return nil }
      // Accumulated below zero, where Int64 reaches one further.
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.subtractingReportingOverflow(Int64(digit))
      guard !overflow, !carried else { return nil }
      value = sum
    }
    if isNegative { return value == 0 ? nil : value }
    return value == .min ? nil : -value
  }

  /// The string, or nil for any other type.
  public var string: String? { kind == .string ? String(decoding: bytes, as: UTF8.self) : nil }

  /// True if this is a string with exactly these bytes.
  public func isString(_ text: StaticString) -> Bool {
    kind == .string && text.withUTF8Buffer { JSONText.areEqual($0, bytes) }
  }
}

extension JSONValue {
  /// Calls `body` with the value as it lies.
  public func withPeek(_ body: (JSONPeek) -> Void) {
    storage.withTape { body(JSONPeek($0, index)) }
  }
}
