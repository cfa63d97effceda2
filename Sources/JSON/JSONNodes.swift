// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The nodes of a text, in document order, while it is parsed; there is room for the text behind
/// them.
///
/// One owner and plain memory, as `GrowingBytes`: an array is asked at each change whether it is
/// shared.
struct JSONNodes: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  /// How many bytes there are behind the nodes.
  private var room: Int
  private var base: UnsafeMutablePointer<JSONNode>

  init(reservingCapacity capacity: Int, room: Int) {
    self.capacity = max(capacity, 4)
    self.room = room
    base = Self.allocate(self.capacity, room)
  }

  deinit { base.deallocate() }

  private static func allocate(_ capacity: Int, _ room: Int) -> UnsafeMutablePointer<JSONNode> {
    UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<JSONNode>.stride + room,
      alignment: MemoryLayout<JSONNode>.alignment
    ).assumingMemoryBound(to: JSONNode.self)
  }

  subscript(index: Int) -> JSONNode {
    @inline(__always)
    get {
      precondition(index >= 0 && index < count, "a node of the text")
      return base[index]
    }
    @inline(__always)
    _modify {
      precondition(index >= 0 && index < count, "a node of the text")
      yield &base[index]
    }
  }

  @inline(__always)
  mutating func append(_ node: JSONNode) {
    if count == capacity { grow() }
    (base + count).initialize(to: node)
    count &+= 1
  }

  @inline(never)
  private mutating func grow() { move(to: 2 * capacity, room) }

  private mutating func move(to capacity: Int, _ room: Int) {
    let moved = Self.allocate(capacity, room)
    moved.moveInitialize(from: base, count: count)
    base.deallocate()
    (base, self.capacity, self.room) = (moved, capacity, room)
  }

  /// Lends the nodes.
  func withNodes<Result>(_ body: (UnsafeBufferPointer<JSONNode>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: base, count: count))
  }

  /// Puts the text behind the nodes, and behind that what was unescaped of it; hands the memory
  /// over to whoever deallocates it.
  consuming func release(
    with text: UnsafeBufferPointer<UInt8>, _ unescaped: [UInt8]
  ) -> (nodes: UnsafeBufferPointer<JSONNode>, bytes: UnsafeBufferPointer<UInt8>) {
    let wanted = text.count + unescaped.count
    let free = (capacity - count) * MemoryLayout<JSONNode>.stride + room
    if free < wanted { move(to: count, wanted) }
    let end = UnsafeMutableRawPointer(base + count).assumingMemoryBound(to: UInt8.self)
    if let start = text.baseAddress { end.initialize(from: start, count: text.count) }
    unescaped.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return }
      (end + text.count).initialize(from: start, count: bytes.count)
    }
    let nodes = UnsafeBufferPointer(start: UnsafePointer(base), count: count)
    discard self
    return (nodes, UnsafeBufferPointer(start: UnsafePointer(end), count: wanted))
  }
}
