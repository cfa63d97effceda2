// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The nodes of a text, in document order, while it is parsed.
///
/// One owner and plain memory, as `GrowingBytes`: an array is asked at each change whether it is
/// shared.
struct JSONNodes: ~Copyable {
  private(set) var count = 0
  private var capacity: Int
  private var base: UnsafeMutablePointer<JSONNode>

  init(reservingCapacity capacity: Int) {
    self.capacity = max(capacity, 4)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

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
  private mutating func grow() {
    let moved = UnsafeMutablePointer<JSONNode>.allocate(capacity: 2 * capacity)
    moved.moveInitialize(from: base, count: count)
    base.deallocate()
    (base, capacity) = (moved, 2 * capacity)
  }

  /// Lends the nodes.
  func withNodes<Result>(_ body: (UnsafeBufferPointer<JSONNode>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: base, count: count))
  }

  /// Hands the memory over to whoever deallocates it.
  consuming func release() -> UnsafeBufferPointer<JSONNode> {
    let nodes = UnsafeBufferPointer(start: UnsafePointer(base), count: count)
    discard self
    return nodes
  }
}
