// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Appends the compact, deterministic encoding that journal entries and folded records use.
///
/// Integers are LEB128 with the low bits first; signed ones are zigzagged; texts are length and
/// UTF-8. There is one encoding of each value.
///
/// Plain memory with one owner: an array would ask at each byte whether it is shared.
package struct ByteWriter: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  /// How many bytes were written so far.
  package private(set) var count = 0

  package init(reserving capacity: Int = 256) {
    self.capacity = max(capacity, 16)
    base = .allocate(byteCount: self.capacity, alignment: 8)
  }

  deinit { base.deallocate() }

  /// What was written so far, copied.
  package var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: count)) }

  /// Forgets what was written, and keeps the room.
  package mutating func removeAll() { count = 0 }

  /// What was written so far, as long as `body` runs.
  package borrowing func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if capacity &- count < more { grow(by: more) }
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    let wanted = max(2 * capacity, count + more)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 8)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    (base, capacity) = (moved, wanted)
  }

  package mutating func byte(_ value: UInt8) {
    reserve(1)
    base.storeBytes(of: value, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  package mutating func bool(_ value: Bool) { byte(value ? 1 : 0) }

  /// Most numbers are small: those of one byte are written in place.
  @inline(__always)
  package mutating func unsigned(_ value: UInt64) {
    guard value < 0x80 else { return unsigned(long: value) }
    byte(UInt8(truncatingIfNeeded: value))
  }

  @inline(never)
  private mutating func unsigned(long value: UInt64) {
    reserve(10)
    var rest = value
    var end = base + count
    while rest >= 0x80 {
      end.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
      end += 1
      rest >>= 7
    }
    end.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
    count = end - base + 1
  }

  package mutating func signed(_ value: Int64) {
    unsigned(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// Eight bytes, most significant first: for values without small numbers, such as digests.
  package mutating func fixed(_ value: UInt64) {
    reserve(8)
    base.storeBytes(of: value.bigEndian, toByteOffset: count, as: UInt64.self)
    count &+= 8
  }

  /// Appends bytes as they are, without their count.
  package mutating func append(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { append($0) }
  }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count &+= bytes.count
  }

  package mutating func amount(_ value: Amount) { unsigned(UInt64(value.minorUnits)) }

  package mutating func text(_ value: String) {
    value.utf8.span.withUnsafeBufferPointer { utf8 in
      unsigned(UInt64(utf8.count))
      append(UnsafeRawBufferPointer(utf8))
    }
  }

  package mutating func blob(_ value: [UInt8]) {
    unsigned(UInt64(value.count))
    value.withUnsafeBytes { append($0) }
  }

  /// As `optional(_:_:)`, for what is written most: the general form costs ten times as much.
  package mutating func optional(text: String?) {
    bool(text != nil)
    if let text { self.text(text) }
  }

  package mutating func optional(blob: [UInt8]?) {
    bool(blob != nil)
    if let blob { self.blob(blob) }
  }

  package mutating func optional(amount: Amount?) {
    bool(amount != nil)
    if let amount { self.amount(amount) }
  }

  package mutating func optional(instant: Instant?) {
    bool(instant != nil)
    if let instant { signed(instant.milliseconds) }
  }

  package mutating func optional(entry: EntryID?) {
    bool(entry != nil)
    if let entry { unsigned(UInt64(entry.sequence)) }
  }

  /// The count in front of a list's elements.
  package mutating func count(_ count: Int) { unsigned(UInt64(count)) }

  /// A byte that says whether a value follows, and the value.
  package mutating func optional<Value>(
    _ value: Value?, _ write: (inout ByteWriter, Value) -> Void
  ) {
    bool(value != nil)
    if let value { write(&self, value) }
  }

  package mutating func list<Value>(_ values: [Value], _ write: (inout ByteWriter, Value) -> Void) {
    unsigned(UInt64(values.count))
    for value in values { write(&self, value) }
  }
}

/// What was read is not what a writer of this format wrote: a damaged or foreign record.
package struct MalformedRecord: Error, Equatable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}

/// Reads what `ByteWriter` wrote; every read throws `MalformedRecord` rather than trap.
package struct ByteReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  package mutating func byte() throws(MalformedRecord) -> UInt8 {
    guard position < bytes.endIndex else { throw MalformedRecord("ends early") }
    defer { position += 1 }
    return bytes[position]
  }

  package mutating func bool() throws(MalformedRecord) -> Bool {
    switch try byte() {
    case 0: false
    case 1: true
    default: throw MalformedRecord("flag out of range")
    }
  }

  /// Most numbers are small: those of one byte are read in place.
  @inline(__always)
  package mutating func unsigned() throws(MalformedRecord) -> UInt64 {
    let first = try byte()
    return first < 0x80 ? UInt64(first) : try unsigned(startingWith: first)
  }

  @inline(never)
  private mutating func unsigned(startingWith first: UInt8) throws(MalformedRecord) -> UInt64 {
    var value = UInt64(first & 0x7F)
    var shift: UInt64 = 7
    while true {
      let byte = try byte()
      guard shift < 63 || byte <= 1 else { throw MalformedRecord("number too large") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        guard byte != 0 else { throw MalformedRecord("number not in short form") }
        return value
      }
      shift += 7
      guard shift <= 63 else { throw MalformedRecord("number too long") }
    }
  }

  package mutating func signed() throws(MalformedRecord) -> Int64 {
    let value = try unsigned()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  package mutating func fixed() throws(MalformedRecord) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<8 { value = value << 8 | UInt64(try byte()) }
    return value
  }

  package mutating func amount() throws(MalformedRecord) -> Amount {
    guard let value = Int64(exactly: try unsigned()) else {
      throw MalformedRecord("amount out of range")
    }
    return Amount(value)
  }

  package mutating func text() throws(MalformedRecord) -> String {
    let slice = try slice()
    // `String(validating:)` is not specialised and takes six times as long; what is not UTF-8 comes
    // out changed here.
    let text = slice.withUnsafeBufferPointer { bytes -> String? in
      var text = String(decoding: bytes, as: UTF8.self)
      return Self.isASCII(bytes) || text.withUTF8 { $0.elementsEqual(bytes) } ? text : nil
    }
    guard let text else { throw MalformedRecord("text is not UTF-8") }
    return text
  }

  private static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80
  }

  package mutating func blob() throws(MalformedRecord) -> [UInt8] { Array(try slice()) }

  private mutating func slice() throws(MalformedRecord) -> ArraySlice<UInt8> {
    guard let count = Int(exactly: try unsigned()), count <= bytes.endIndex - position else {
      throw MalformedRecord("ends early")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  package mutating func optional<Value>(
    _ read: (inout ByteReader) throws(MalformedRecord) -> Value
  ) throws(MalformedRecord) -> Value? {
    try bool() ? try read(&self) : nil
  }

  package mutating func list<Value>(
    _ read: (inout ByteReader) throws(MalformedRecord) -> Value
  ) throws(MalformedRecord) -> [Value] {
    let count = try count()
    guard count > 0 else { return [] }
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try read(&self)) }
    return values
  }

  /// As `optional(_:)`, for what is read most.
  package mutating func optionalText() throws(MalformedRecord) -> String? {
    try bool() ? try text() : nil
  }

  package mutating func optionalBlob() throws(MalformedRecord) -> [UInt8]? {
    try bool() ? try blob() : nil
  }

  package mutating func optionalAmount() throws(MalformedRecord) -> Amount? {
    try bool() ? try amount() : nil
  }

  package mutating func optionalInstant() throws(MalformedRecord) -> Instant? {
    try bool() ? try instant() : nil
  }

  package mutating func optionalEntryID() throws(MalformedRecord) -> EntryID? {
    try bool() ? try entryID() : nil
  }

  /// The count in front of a list: never more than there are bytes left.
  package mutating func count() throws(MalformedRecord) -> Int {
    let count = try unsigned()
    guard count <= UInt64(bytes.endIndex - position) else { throw MalformedRecord("ends early") }
    return Int(count)
  }

  /// Throws unless everything has been read.
  package func finish() throws(MalformedRecord) {
    guard position == bytes.endIndex else { throw MalformedRecord("bytes left over") }
  }
}
