// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One value or member name on the tape.
///
/// A member is its name's node followed by its value's.
struct JSONNode: Sendable {
  /// Byte range of the token or container in the text, quotes and brackets included.
  var start: UInt32
  var end: UInt32
  /// Container: index of the node after its last descendant (while still open: its parent).
  ///
  /// Escaped string: offset of its content in `unescaped`. Otherwise unused.
  var link: UInt32
  /// Container: number of elements or members.
  ///
  /// Escaped string: length in `unescaped`.
  var count: UInt32
  var kind: JSONValue.Kind
  var isEscaped = false

  var isContainer: Bool { kind.rawValue >= JSONValue.Kind.array.rawValue }
}

/// A view of a tape and its text while both are pinned, to walk member names without touching a
/// reference count.
struct JSONTape {
  let nodes: UnsafeBufferPointer<JSONNode>
  let text: UnsafePointer<UInt8>
  /// Nil while a text is parsed in which no string has had an escape.
  let unescaped: UnsafePointer<UInt8>?

  /// The unescaped content of a string.
  @inline(__always)
  func content(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
    if node.isEscaped, let unescaped {
      return UnsafeBufferPointer(start: unescaped + Int(node.link), count: Int(node.count))
    }
    return UnsafeBufferPointer(
      start: text + Int(node.start) + 1, count: Int(node.end &- node.start) &- 2)
  }

  /// The bytes of a value as written.
  @inline(__always)
  func source(_ node: JSONNode) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text + Int(node.start), count: Int(node.end &- node.start))
  }

  /// The name after the one at `name`: past its value and the value's descendants.
  @inline(__always)
  func followingName(_ name: Int) -> Int {
    let value = nodes[name + 1]
    return value.isContainer ? Int(value.link) : name + 2
  }

  /// Index of the value of the member called `name` in the object at `object`.
  func member(_ name: UnsafeBufferPointer<UInt8>, of object: Int) -> Int? {
    guard nodes[object].kind == .object else { return nil }
    let last = Int(nodes[object].link)
    var index = object + 1
    while index < last {
      if JSONText.areEqual(content(nodes[index]), name) { return index + 1 }
      index = followingName(index)
    }
    return nil
  }
}
