// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One parsed JSON text: its bytes, and a flat array of nodes in document order.
///
/// Strict RFC 8259: see `JSONError.Reason` for what is refused. Nothing is converted until asked
/// for, so parsing makes no strings. A copy shares the storage.
public struct JSONDocument: Sendable {
  let storage: JSONStorage

  /// The whole value.
  public var root: JSONValue { JSONValue(storage: storage, index: 0) }

  /// Parses bytes, of which a copy is kept.
  ///
  /// - Parameter maximumDepth: how many arrays and objects may be open at once, 1…512.
  ///   The bound of 512 keeps recursion over parsed values (`JSONTree`) safe on any stack.
  /// - Parameter wipe: called with the copy when it is let go of, where the text holds a secret.
  /// - Throws: `JSONError`, for the first fault in reading order; a duplicate name is reported
  ///   when its object closes.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = 64, wipe: JSONWipe? = nil
  ) throws(JSONError) -> JSONDocument {
    precondition((1...512).contains(maximumDepth), "maximumDepth must be 1...512")
    guard bytes.count <= Int(Int32.max) else {
      throw JSONError(reason: .tooLarge, offset: Int(Int32.max))
    }
    guard let base = bytes.baseAddress else {
      throw JSONError(reason: .unexpectedEnd, offset: 0)
    }
    var parser = JSONParser(base: base, end: bytes.count, maximumDepth: maximumDepth)
    try parser.parse()
    let unescaped = parser.unescaped
    let (nodes, copy) = parser.nodes.release(with: bytes, unescaped)
    return JSONDocument(
      storage: JSONStorage(nodes: nodes, bytes: copy, text: bytes.count, wipe: wipe))
  }

  /// Parses a copy of an array; see `parse(_: UnsafeBufferPointer<UInt8>, maximumDepth:)`.
  public static func parse(
    _ bytes: [UInt8], maximumDepth: Int = 64, wipe: JSONWipe? = nil
  ) throws(JSONError) -> JSONDocument {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try parse(bytes, maximumDepth: maximumDepth, wipe: wipe)
    }
  }

  /// Parses a copy of a slice; see `parse(_: UnsafeBufferPointer<UInt8>, maximumDepth:)`.
  public static func parse(
    _ bytes: ArraySlice<UInt8>, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
      try parse(bytes, maximumDepth: maximumDepth)
    }
  }

  /// Parses a copy of raw memory; see `parse(_: UnsafeBufferPointer<UInt8>, maximumDepth:)`.
  public static func parse(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try parse(bytes.assumingMemoryBound(to: UInt8.self), maximumDepth: maximumDepth)
  }

  /// Parses a copy of any bytes, such as `text.utf8`; see
  /// `parse(_: UnsafeBufferPointer<UInt8>, maximumDepth:)`.
  public static func parse(
    _ bytes: some Collection<UInt8>, maximumDepth: Int = 64
  ) throws(JSONError) -> JSONDocument {
    try parse(Array(bytes), maximumDepth: maximumDepth)
  }
}

/// Overwrites memory that held a secret.
public typealias JSONWipe = @Sendable (UnsafeMutableRawBufferPointer) -> Void

/// What documents and cursors share; immutable, hence freely shared between threads.
///
/// `@unchecked Sendable`: the memory is this object's own, and nobody writes to it.
final class JSONStorage: @unchecked Sendable {
  /// In one piece with the text, at its beginning.
  private let nodes: UnsafeBufferPointer<JSONNode>
  /// The text, and behind its end the unescaped UTF-8 of all strings with escapes, one after the
  /// other.
  private let text: UnsafePointer<UInt8>
  private let unescaped: UnsafePointer<UInt8>
  private let bytes: UnsafeBufferPointer<UInt8>
  private let wipe: JSONWipe?

  /// Takes the memory over; the first `count` of the bytes are the text.
  init(
    nodes: UnsafeBufferPointer<JSONNode>, bytes: UnsafeBufferPointer<UInt8>, text count: Int,
    wipe: JSONWipe?
  ) {
    guard let base = bytes.baseAddress else {
      preconditionFailure("a text that was parsed has a byte")
    }
    self.nodes = nodes
    self.bytes = bytes
    self.wipe = wipe
    text = base
    unescaped = base + count
  }

  deinit {
    if let wipe { wipe(UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer(bytes))) }
    nodes.deallocate()
  }

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
  func withTape<Result, Failure: Error>(
    _ body: (JSONTape) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(tape)
  }

  /// A view of all, for whoever keeps this object.
  @inline(__always)
  var tape: JSONTape { JSONTape(nodes: nodes, text: text, unescaped: unescaped) }
}
