// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One parsed JSON text: its bytes, and a flat array of nodes in document order.
///
/// Strict RFC 8259: see `JSONError.Reason` for what is refused. Nothing is converted until asked
/// for, so parsing makes no strings. A copy shares the storage.
package struct JSONDocument: Sendable {
  let storage: JSONStorage

  /// The whole value.
  package var root: JSONValue { JSONValue(storage: storage, index: 0) }

  /// Parses an array of bytes without copying it.
  ///
  /// - Parameter maximumDepth: how many arrays and objects may be open at once, 1…512.
  ///   The bound of 512 keeps recursion over parsed values (`JSONTree`) safe on any stack.
  /// - Throws: `JSONError`, for the first fault in reading order; a duplicate name is reported
  ///   when its object closes.
  package static func parse(
    _ bytes: [UInt8], maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    precondition((1...512).contains(maximumDepth), "maximumDepth must be 1...512")
    guard bytes.count <= Int(Int32.max) else {
      throw JSONError(reason: .tooLarge, offset: Int(Int32.max))
    }
    let storage = try bytes.withUnsafeBufferPointer {
      (buffer: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONStorage in
      guard let base = buffer.baseAddress else {
        throw JSONError(reason: .unexpectedEnd, offset: 0)
      }
      var parser = JSONParser(base: base, end: buffer.count, maximumDepth: maximumDepth)
      try parser.parse()
      let unescaped = parser.unescaped
      return JSONStorage(bytes: bytes, nodes: parser.nodes.release(), unescaped: unescaped)
    }
    return JSONDocument(storage: storage)
  }

  /// Parses a copy of a slice; see `parse(_: [UInt8], maximumDepth:)`.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try parse(Array(bytes), maximumDepth: maximumDepth)
  }

  /// Parses a copy of raw memory; see `parse(_: [UInt8], maximumDepth:)`.
  package static func parse(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try parse(Array(bytes), maximumDepth: maximumDepth)
  }

  /// Parses a copy of any bytes, such as `text.utf8`; see `parse(_: [UInt8], maximumDepth:)`.
  package static func parse(
    _ bytes: some Collection<UInt8>, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try parse(Array(bytes), maximumDepth: maximumDepth)
  }
}

/// What documents and cursors share; immutable, hence freely shared between threads.
///
/// `@unchecked Sendable`: the nodes are this object's own, and nobody writes to them.
final class JSONStorage: @unchecked Sendable {
  let bytes: [UInt8]
  private let nodes: UnsafeBufferPointer<JSONNode>
  /// The unescaped UTF-8 of all strings that contain escapes, one after the other.
  let unescaped: [UInt8]

  /// Takes the memory of the nodes over.
  init(bytes: [UInt8], nodes: UnsafeBufferPointer<JSONNode>, unescaped: [UInt8]) {
    self.bytes = bytes
    self.nodes = nodes
    self.unescaped = unescaped
  }

  deinit { nodes.deallocate() }

  /// The node at a place of the tape.
  @inline(__always)
  func node(_ index: Int) -> JSONNode {
    precondition(nodes.indices.contains(index), "a node of the text")
    return nodes[index]
  }

  /// Index of the node after the value at `index` and its descendants.
  @inline(__always)
  func following(_ index: Int) -> Int {
    let node = node(index)
    return node.isContainer ? Int(node.link) : index + 1
  }

  /// Index of the value of the member called `name` in the object at `object`.
  func member(_ name: UnsafeBufferPointer<UInt8>, of object: Int) -> Int? {
    withTape { $0.member(name, of: object) }
  }

  /// Calls `body` with a view of all while it is kept.
  @inline(__always)
  func withTape<Result>(_ body: (JSONTape) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { text in
      unescaped.withUnsafeBufferPointer { unescaped in
        guard let base = text.baseAddress else {
          preconditionFailure("a text that was parsed has a byte")
        }
        return withExtendedLifetime(self) {
          body(JSONTape(nodes: nodes, text: base, unescaped: unescaped.baseAddress))
        }
      }
    }
  }
}
