// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// An append-only JSON encoder into its own bytes.
///
/// It puts the commas and colons itself.
///
/// The output has no white space and no raw newline, and only the escapes RFC 8259 §7 requires.
/// A call that does not fit — a value without a name in an object, an unmatched end, nesting
/// beyond 64 — is a bug and traps, so that no malformed line can leave the process.
public struct JSONWriter: ~Copyable {
  private var output: GrowingBytes
  /// Where the text that is being written starts.
  private var start = 0

  /// One bit per open container, the innermost lowest: 1 for an object.
  private var containers: UInt64 = 0
  private var depth = 0
  private var needsComma = false
  private var hasName = false

  /// Nesting the writer will produce, which is what the parser accepts by default.
  public static let maximumDepth = 64

  /// A writer that has written nothing yet, with room for so many bytes.
  public init(reservingCapacity capacity: Int = 0) {
    output = GrowingBytes(capacity: capacity)
  }

  /// What was written so far, copied.
  public var bytes: [UInt8] { output.array }

  /// Lends what was written so far, for the length of the call.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    output.withBytes(body)
  }

  /// How many bytes were written so far.
  public var count: Int { output.count }

  /// True if every container that was opened is closed again.
  public var isComplete: Bool { depth == 0 }

  private var isInObject: Bool { depth > 0 && containers & 1 == 1 }

  /// Puts the comma a value needs in front, and checks that one may stand here.
  @inline(__always)
  private mutating func beginValue() {
    if takePlace() { output.append(UInt8(ascii: ",")) }
  }

  /// Checks that a value may stand here, and tells whether it needs a comma in front.
  @inline(__always)
  private mutating func takePlace() -> Bool {
    if depth == 0 {
      precondition(output.count == start, "a JSON text is one value")
      return false
    }
    if isInObject {
      precondition(hasName, "a member needs a name")
      hasName = false
      return false
    }
    defer { needsComma = true }
    return needsComma
  }

  /// Checks that a name may stand here, and tells whether it needs a comma in front.
  @inline(__always)
  private mutating func takeNamePlace() -> Bool {
    precondition(isInObject && !hasName, "a name stands in an object, before its value")
    hasName = true
    defer { needsComma = true }
    return needsComma
  }

  private mutating func begin(isObject: Bool) {
    beginValue()
    precondition(depth < Self.maximumDepth, "nested too deep")
    depth += 1
    containers = containers << 1 | (isObject ? 1 : 0)
    needsComma = false
    output.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
  }

  private mutating func end(isObject: Bool) {
    precondition(depth > 0 && isInObject == isObject && !hasName, "unmatched end")
    depth -= 1
    containers >>= 1
    needsComma = true
    output.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
  }

  /// Opens an object as the next value.
  public mutating func beginObject() { begin(isObject: true) }

  /// Closes the innermost container, which must be an object.
  public mutating func endObject() { end(isObject: true) }

  /// Opens an array as the next value.
  public mutating func beginArray() { begin(isObject: false) }

  /// Closes the innermost container, which must be an array.
  public mutating func endArray() { end(isObject: false) }

  /// Writes a member's name; its value must follow.
  ///
  /// Names in one object must differ, which is not checked; that a literal needs no escape, only
  /// in debug builds. A literal argument chooses this overload.
  public mutating func name(_ name: StaticString) {
    let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    assert(!JSONText.needsEscape(bytes))
    output.appendFramed(bytes, comma: takeNamePlace(), colon: true)
  }

  /// Writes a member's name; its value must follow.
  @_disfavoredOverload
  public mutating func name(_ name: String) {
    JSONText.appendQuoted(
      name, to: &output, JSONText.Frame(comma: takeNamePlace(), colon: true))
  }

  /// Writes a string value.
  ///
  /// A literal argument chooses this overload.
  public mutating func string(_ text: StaticString) {
    let frame = JSONText.Frame(comma: takePlace())
    text.withUTF8Buffer { JSONText.appendQuoted($0, to: &output, frame) }
  }

  /// Writes a string value.
  @_disfavoredOverload
  public mutating func string(_ text: String) {
    JSONText.appendQuoted(text, to: &output, JSONText.Frame(comma: takePlace()))
  }

  /// Writes a string value of `count` ASCII bytes that `fill` puts in place.
  ///
  /// It is taken on trust that they need no escape, which only debug builds check.
  public mutating func string(count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) {
    beginValue()
    output.reserve(count + 2)
    output.append(0x22)
    output.append(count: count) { target in
      fill(target)
      assert(
        !JSONText.needsEscape(
          UnsafeBufferPointer(
            start: target.assumingMemoryBound(to: UInt8.self), count: count)))
    }
    output.append(0x22)
  }

  /// Writes an integer.
  ///
  /// A literal argument chooses this overload.
  public mutating func integer(_ value: Int) {
    integer(Int64(value))
  }

  /// Writes an integer.
  public mutating func integer(_ value: Int64) {
    beginValue()
    JSONText.appendDecimal(value, to: &output)
  }

  /// Writes an integer; readers other than this module's need not take more than 2^53.
  public mutating func integer(_ value: Int128) {
    beginValue()
    if let small = Int64(exactly: value) {
      JSONText.appendDecimal(small, to: &output)
    } else {
      output.append(contentsOf: String(value).utf8)
    }
  }

  /// Writes `true` or `false`.
  public mutating func bool(_ value: Bool) {
    beginValue()
    output.append(value ? "true" : "false")
  }

  /// Writes `null`.
  public mutating func null() {
    beginValue()
    output.append("null")
  }

  /// Writes one value that is already encoded.
  ///
  /// It is taken on trust: the caller must pass one
  /// whole JSON value without a raw newline.
  public mutating func raw(_ encoded: some Collection<UInt8>) {
    precondition(!encoded.isEmpty, "an encoded value is never empty")
    beginValue()
    output.append(contentsOf: encoded)
  }

  /// Starts over with an empty text.
  public mutating func removeAll(keepingCapacity: Bool = true) {
    output.removeAll(keepingCapacity: keepingCapacity)
    (containers, depth, needsComma, hasName, start) = (0, 0, false, false, 0)
  }

  /// Takes back what was written since the last text ended.
  public mutating func dropText() {
    output.truncate(to: start)
    (containers, depth, needsComma, hasName) = (0, 0, false, false)
  }

  /// Ends the text that was written, which must be complete: another follows behind it.
  ///
  /// Where the finished one stands in what was written.
  public mutating func endText() -> Range<Int> {
    precondition(depth == 0 && output.count > start, "a text is a whole value")
    defer { (start, needsComma) = (output.count, false) }
    return start..<output.count
  }
}
