// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A second, deliberately plain reading of RFC 8259 to judge the fast parser by: recursive, over
/// Unicode scalars, with the standard library's UTF-8 validation and a set of names.
struct ReferenceParser {
  private struct Refused: Error {}

  private var scalars: [Unicode.Scalar]
  private var position = 0
  private let maximumDepth = 64

  static func accepts(_ bytes: [UInt8]) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else { return false }
    var parser = ReferenceParser(scalars: Array(text.unicodeScalars))
    do {
      try parser.value(depth: 0)
      parser.skipWhitespace()
      return parser.position == parser.scalars.count
    } catch {
      return false
    }
  }

  private init(scalars: [Unicode.Scalar]) {
    self.scalars = scalars
  }

  private var current: Unicode.Scalar? {
    position < scalars.count ? scalars[position] : nil
  }

  private mutating func skipWhitespace() {
    while let scalar = current, " \n\r\t".unicodeScalars.contains(scalar) { position += 1 }
  }

  private mutating func take(_ text: String) throws {
    for scalar in text.unicodeScalars {
      guard current == scalar else { throw Refused() }
      position += 1
    }
  }

  private mutating func value(depth: Int) throws {
    skipWhitespace()
    switch current {
    case "{": try container(depth: depth, closing: "}", isObject: true)
    case "[": try container(depth: depth, closing: "]", isObject: false)
    case "\"": _ = try string()
    case "t": try take("true")
    case "f": try take("false")
    case "n": try take("null")
    default: try number()
    }
    skipWhitespace()
  }

  private mutating func container(
    depth: Int, closing: Unicode.Scalar, isObject: Bool
  ) throws {
    guard depth < maximumDepth else { throw Refused() }
    position += 1
    skipWhitespace()
    if current == closing {
      position += 1
      return
    }
    var names: Set<[UInt16]> = []
    while true {
      if isObject {
        skipWhitespace()
        guard names.insert(try string()).inserted else { throw Refused() }
        skipWhitespace()
        try take(":")
      }
      try value(depth: depth + 1)
      if current == closing {
        position += 1
        return
      }
      try take(",")
    }
  }

  /// The string as UTF-16 code units, in which every escape is one unit.
  private mutating func string() throws -> [UInt16] {
    try take("\"")
    var units: [UInt16] = []
    while let scalar = current, scalar != "\"" {
      position += 1
      if scalar == "\\" {
        units.append(try escape())
      } else {
        guard scalar.value >= 0x20 else { throw Refused() }
        units.append(contentsOf: UTF16.encode(scalar).map { Array($0) } ?? [])
      }
    }
    try take("\"")
    let decoded = String(validating: units, as: UTF16.self)
    guard decoded != nil else { throw Refused() }
    return units
  }

  private mutating func escape() throws -> UInt16 {
    guard let scalar = current else { throw Refused() }
    position += 1
    let simple: [Unicode.Scalar: UInt16] = [
      "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]
    if let unit = simple[scalar] { return unit }
    guard scalar == "u", position + 4 <= scalars.count else { throw Refused() }
    let digits = scalars[position..<position + 4]
    guard digits.allSatisfy({ $0.properties.isASCIIHexDigit }),
      let unit = UInt16(String(String.UnicodeScalarView(digits)), radix: 16)
    else { throw Refused() }
    position += 4
    return unit
  }

  private mutating func number() throws {
    if current == "-" { position += 1 }
    if current == "0" { position += 1 } else { try digits() }
    if current == "." {
      position += 1
      try digits()
    }
    if current == "e" || current == "E" {
      position += 1
      if current == "+" || current == "-" { position += 1 }
      try digits()
    }
  }

  private mutating func digits() throws {
    let start = position
    while let scalar = current, ("0"..."9").contains(scalar) { position += 1 }
    guard position > start else { throw Refused() }
  }
}
