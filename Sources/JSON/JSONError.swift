// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Why a text is not JSON in the strict sense of RFC 8259, and where.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What is wrong with the text; closed, so that callers can switch over it.
  public enum Reason: String, Sendable, CaseIterable {
    /// The text ends where a value, a member or the rest of a token must follow (RFC 8259 §2).
    case unexpectedEnd = "unexpected end"
    /// A byte that cannot stand here: a trailing comma, a comment, a missing colon.
    case unexpectedByte = "unexpected byte"
    /// Bytes that are not UTF-8: overlong forms, encoded surrogates, above U+10FFFF (RFC 3629 §3).
    case invalidUTF8 = "invalid UTF-8"
    /// A control character below U+0020 stands unescaped in a string (RFC 8259 §7).
    case controlCharacter = "unescaped control character"
    /// A backslash followed by something other than the nine escapes (RFC 8259 §7).
    case badEscape = "bad escape"
    /// A \u escape names half of a surrogate pair without its other half.
    case loneSurrogate = "lone surrogate"
    /// A leading zero, a bare sign, or a fraction or exponent without digits (RFC 8259 §6).
    case badNumber = "bad number"
    /// A word other than true, false and null.
    case badLiteral = "bad literal"
    /// Two members of one object have the same name after unescaping.
    case duplicateName = "duplicate member name"
    /// Arrays and objects are nested deeper than the caller allows.
    case tooDeep = "nested too deep"
    /// Something other than white space follows the value.
    case trailingBytes = "trailing bytes"
    /// The text is longer than the node tape can address (2 GiB).
    case tooLarge = "too large"
  }

  /// What is wrong.
  public let reason: Reason
  /// Byte offset of the offending byte from the start of the text; for a duplicate, of the second
  /// name's opening quote.
  public let offset: Int

  /// The fault at this place.
  public init(reason: Reason, offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// Reason and offset only: never a part of the text, which may hold a PIN.
  public var description: String { "\(reason.rawValue) at byte \(offset)" }
}
