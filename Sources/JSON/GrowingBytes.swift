// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Bytes that grow at their end: what the writer writes into.
///
/// One owner and plain memory, because an `Array` is asked at each append whether it is shared,
/// and that was a third of the cost of writing an answer.
struct GrowingBytes: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var base: UnsafeMutableRawPointer

  init(capacity: Int) {
    self.capacity = max(capacity, 16)
    base = .allocate(byteCount: self.capacity, alignment: 8)
  }

  deinit { base.deallocate() }

  /// Lends what was written.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    body(UnsafeRawBufferPointer(start: base, count: count))
  }

  /// What was written, copied.
  var array: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer)
        .copyMemory(from: UnsafeRawBufferPointer(start: base, count: count))
      initialized = count
    }
  }

  /// Leaves the first `count` of what was written.
  mutating func truncate(to count: Int) {
    precondition(count <= self.count, "there are as many")
    self.count = count
  }

  mutating func removeAll(keepingCapacity: Bool) {
    count = 0
    guard !keepingCapacity else { return }
    base.deallocate()
    capacity = 16
    base = .allocate(byteCount: capacity, alignment: 8)
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    (base + count).copyMemory(from: start, byteCount: bytes.count)
    count &+= bytes.count
  }

  @inline(__always)
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    append(UnsafeRawBufferPointer(bytes))
  }

  @inline(__always)
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { append($0) }
  }

  /// Appends a text in quotes, with a comma in front and a colon behind where they are wanted.
  ///
  /// For each name and short string of an answer: one look at the room, no call of `memcpy`.
  @inline(__always)
  mutating func appendFramed(_ text: UnsafeBufferPointer<UInt8>, comma: Bool, colon: Bool) {
    reserve(text.count &+ 4)
    var end = base + count
    if comma {
      end.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
      end += 1
    }
    end.storeBytes(of: 0x22, as: UInt8.self)
    end += 1
    Self.copy(UnsafeRawBufferPointer(text), to: end)
    end += text.count
    end.storeBytes(of: 0x22, as: UInt8.self)
    end += 1
    if colon {
      end.storeBytes(of: UInt8(ascii: ":"), as: UInt8.self)
      end += 1
    }
    count = end - base
  }

  /// Copies, short texts by words that overlap.
  @inline(__always)
  private static func copy(_ text: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer) {
    guard let start = text.baseAddress else { return }
    let count = text.count
    switch count {
    case 8...16:
      let first = start.loadUnaligned(as: UInt64.self)
      let last = start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
      target.storeBytes(of: first, as: UInt64.self)
      target.storeBytes(of: last, toByteOffset: count &- 8, as: UInt64.self)
    case 4..<8:
      let first = start.loadUnaligned(as: UInt32.self)
      let last = start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      target.storeBytes(of: first, as: UInt32.self)
      target.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
    case 0..<4:
      for index in 0..<count {
        target.storeBytes(
          of: start.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index,
          as: UInt8.self)
      }
    default: target.copyMemory(from: start, byteCount: count)
    }
  }

  mutating func append(contentsOf bytes: some Collection<UInt8>) {
    let isCopied: Void? = bytes.withContiguousStorageIfAvailable { append($0) }
    if isCopied == nil { for byte in bytes { append(byte) } }
  }

  /// Appends as many bytes as `body` fills in; it must fill in all of them.
  @inline(__always)
  mutating func append(count more: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
    reserve(more)
    body(base + count)
    count &+= more
  }

  @inline(__always)
  mutating func reserve(_ more: Int) {
    if capacity &- count < more { grow(by: more) }
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    let wanted = max(capacity * 2, count + more)
    let moved = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 8)
    moved.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = moved
    capacity = wanted
  }
}
