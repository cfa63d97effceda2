// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The strict RFC 8259 parser: one pass over the bytes, appending to the node tape.
///
/// It does not recurse. Open containers are chained through the `link` of their own nodes, so
/// nesting needs neither call stack nor a second array.
struct JSONParser: ~Copyable {
  let base: UnsafePointer<UInt8>
  let end: Int
  let maximumDepth: Int
  var position = 0
  var nodes: JSONNodes
  var unescaped: [UInt8] = []
  private var depth = 0
  /// Index of the innermost open container.
  private var open = JSONParser.noContainer

  private static let noContainer = UInt32.max

  init(base: UnsafePointer<UInt8>, end: Int, maximumDepth: Int) {
    self.base = base
    self.end = end
    self.maximumDepth = maximumDepth
    // A node for every 10 bytes fits requests; large texts grow the tape as they need it, since
    // they may as well be one long string.
    nodes = JSONNodes(reservingCapacity: min(end / 10 + 4, 512), room: end)
  }

  mutating func parse() throws(JSONError) {
    repeat {
      var isComplete = try value()
      while isComplete, open != Self.noContainer {
        isComplete = try afterValue()
      }
      if isComplete { break }
    } while true
    skipWhitespace()
    if position < end { throw error(.trailingBytes) }
  }

  func error(_ reason: JSONError.Reason) -> JSONError {
    JSONError(reason: reason, offset: position)
  }

  /// The byte at the current position, which must exist.
  @inline(__always)
  func current() throws(JSONError) -> UInt8 {
    guard position < end else { throw error(.unexpectedEnd) }
    return base[position]
  }

  @inline(__always)
  mutating func skipWhitespace() {
    while position < end {
      let byte = base[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      position += 1
    }
  }

  /// Reads a value's start.
  ///
  /// True: the value is complete. False: a container was opened, and the
  /// position is at its first value.
  private mutating func value() throws(JSONError) -> Bool {
    skipWhitespace()
    switch try current() {
    case UInt8(ascii: "\""):
      try string()
    case UInt8(ascii: "{"):
      return try openContainer(.object, closing: UInt8(ascii: "}"))
    case UInt8(ascii: "["):
      return try openContainer(.array, closing: UInt8(ascii: "]"))
    case UInt8(ascii: "t"):
      try literal("true", .bool)
    case UInt8(ascii: "f"):
      try literal("false", .bool)
    case UInt8(ascii: "n"):
      try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      try number()
    case UInt8(ascii: "+"), UInt8(ascii: "."):
      throw error(.badNumber)
    default:
      throw error(.unexpectedByte)
    }
    return true
  }

  private mutating func openContainer(
    _ kind: JSONValue.Kind, closing: UInt8
  ) throws(JSONError) -> Bool {
    guard depth < maximumDepth else { throw error(.tooDeep) }
    depth += 1
    let index = UInt32(truncatingIfNeeded: nodes.count)
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: position), end: 0, link: open, count: 0, kind: kind))
    open = index
    position += 1
    skipWhitespace()
    if try current() == closing {
      try close()
      return true
    }
    if kind == .object { try name() }
    return false
  }

  /// Reads what follows a complete value inside the open container.
  ///
  /// True: the container closed,
  /// and is itself a complete value. False: the position is at the next value.
  private mutating func afterValue() throws(JSONError) -> Bool {
    nodes[Int(open)].count &+= 1
    let isObject = nodes[Int(open)].kind == .object
    skipWhitespace()
    let byte = try current()
    if byte == UInt8(ascii: ",") {
      position += 1
      guard isObject else { return false }
      skipWhitespace()
      try name()
      return false
    }
    guard byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
      throw error(.unexpectedByte)
    }
    try close()
    return true
  }

  private mutating func name() throws(JSONError) {
    guard try current() == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
    try string()
    skipWhitespace()
    guard try current() == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
    position += 1
  }

  /// Closes the open container at its closing bracket.
  private mutating func close() throws(JSONError) {
    position += 1
    let index = Int(open)
    open = nodes[index].link
    nodes[index].end = UInt32(truncatingIfNeeded: position)
    nodes[index].link = UInt32(truncatingIfNeeded: nodes.count)
    depth -= 1
    if nodes[index].kind == .object, nodes[index].count > 1 {
      try refuseDuplicateNames(in: index)
    }
  }

  mutating func appendScalar(_ kind: JSONValue.Kind, start: Int) {
    nodes.append(
      JSONNode(
        start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: position),
        link: 0, count: 0, kind: kind))
  }
}
