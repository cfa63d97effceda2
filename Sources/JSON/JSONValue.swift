// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A value inside a `JSONDocument`: a cursor that keeps the document alive.
///
/// Cheap to copy.
public struct JSONValue: Sendable {
  /// The six types of RFC 8259 §3.
  public enum Kind: UInt8, Sendable {
    case null, bool, number, string, array, object

    /// Spelt out, because what is derived costs other modules six times as much.
    public static func == (left: Kind, right: Kind) -> Bool { left.rawValue == right.rawValue }
  }

  let storage: JSONStorage
  let index: Int

  var node: JSONNode { storage.node(index) }

  /// The value's type.
  public var kind: Kind { node.kind }

  /// True for the literal `null`.
  public var isNull: Bool { node.kind == .null }

  /// The boolean, or nil for any other type.
  public var bool: Bool? {
    let node = node
    guard node.kind == .bool else { return nil }
    return storage.withTape { $0.text[Int(node.start)] == UInt8(ascii: "t") }
  }

  /// The unescaped string, or nil for any other type.
  public var string: String? {
    let node = node
    guard node.kind == .string else { return nil }
    return storage.withTape { String(decoding: $0.content(node), as: UTF8.self) }
  }

  /// The number if it is written as an integer and fits `Int64`, else nil.
  ///
  /// Only `-?(0|[1-9][0-9]*)`: `-0`, a fraction and an exponent give nil, even where the value
  /// would be a whole number, so that an amount has one spelling.
  public var integer: Int64? { storage.withTape { JSONPeek($0, index).integer } }

  /// The exact source text of this value, as written.
  public var rawText: String {
    withRawBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Number of elements of an array or members of an object; 0 for any other type.
  public var count: Int {
    let node = node
    return node.isContainer ? Int(node.count) : 0
  }

  /// Calls `body` with the unescaped UTF-8 of a string, without allocating; nil for any other
  /// type.
  ///
  /// The buffer is valid during the call only.
  public func withStringBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    let node = node
    guard node.kind == .string else { return nil }
    return try storage.withTape { (tape) throws(Failure) in try body(tape.content(node)) }
  }

  /// Whether a string's unescaped UTF-8 passes `test`; nil for any other type.
  ///
  /// As the general form, without the cost of its being general: for every member of a request.
  public func whetherStringBytes(_ test: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool? {
    let node = node
    guard node.kind == .string else { return nil }
    return storage.withTape { test($0.content(node)) }
  }

  /// Calls `body` with the exact source bytes of this value, without allocating.
  ///
  /// The buffer is
  /// never empty, and valid during the call only.
  public func withRawBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let node = node
    return try storage.withTape { (tape) throws(Failure) in try body(tape.source(node)) }
  }

  /// True if this is a string with exactly these bytes; makes no `String`.
  public func isString(_ text: StaticString) -> Bool {
    whetherStringBytes { bytes in
      text.withUTF8Buffer { JSONText.areEqual($0, bytes) }
    } ?? false
  }

  /// True if this is a string with exactly these bytes.
  ///
  /// Unlike `==` of `String`, canonically
  /// equivalent spellings differ, as they do for RFC 8259 §8.3 names.
  @_disfavoredOverload
  public func isString(_ text: String) -> Bool {
    whetherStringBytes { bytes in
      var text = text
      return text.withUTF8 { JSONText.areEqual($0, bytes) }
    } ?? false
  }

  /// True if this is a string that starts with these bytes.
  public func isString(startingWith prefix: StaticString) -> Bool {
    whetherStringBytes { bytes in
      prefix.withUTF8Buffer { prefix in
        bytes.count >= prefix.count
          && JSONText.areEqual(UnsafeBufferPointer(rebasing: bytes[..<prefix.count]), prefix)
      }
    } ?? false
  }
}
