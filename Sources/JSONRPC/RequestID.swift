// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

public import JSON

/// The id of a request: the JSON token of a string, an integer or null, exactly as written, so
/// that it can be echoed without loss (JSON-RPC 2.0 §4, §5).
///
/// It may be long.
public struct RequestID: Sendable, Hashable, CustomStringConvertible {
  /// The token.
  ///
  /// Short ones, as ids mostly are, need no allocation as a `String`.
  public let token: String

  /// The id `null`: a request to be answered, unlike one without id.
  public static let null = RequestID(token: "null")

  private init(token: String) {
    self.token = token
  }

  /// An id of decimal digits, for clients and tests.
  public init(_ number: Int64) {
    token = String(number)
  }

  /// Takes a member's value.
  ///
  /// Nil for what is no id: a number with a fraction or exponent
  /// (contract §9), a boolean, an array, an object.
  public init?(_ value: JSONPeek) {
    switch value.kind {
    case .null: token = Self.null.token
    case .string: token = value.rawText
    case .number:
      for byte in value.bytes where byte != UInt8(ascii: "-") && !(0x30...0x39 ~= byte) {
        return nil
      }
      token = value.rawText
    case .bool, .array, .object: return nil
    }
  }

  /// The id as it was written.
  public var description: String { token }

  /// Equal bytes: `1` and `"1"` differ, and so do two spellings of one string.
  public static func == (left: RequestID, right: RequestID) -> Bool {
    left.token.utf8.elementsEqual(right.token.utf8)
  }

  /// By the bytes.
  public func hash(into hasher: inout Hasher) {
    for byte in token.utf8 { hasher.combine(byte) }
    hasher.combine(0xFF as UInt8)
  }
}
