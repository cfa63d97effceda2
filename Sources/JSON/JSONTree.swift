// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A JSON value in memory, for building and comparing documents in code.
public indirect enum JSONTree: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number that is not written as an `Int64`, as the source wrote it: `1.5`, `1e3`, `-0`.
  /// Must be a JSON number; writing anything else traps.
  case number(String)
  case string(String)
  case array([JSONTree])
  /// Members in order. Names must differ.
  case object([Member])

  /// One member of an object.
  public struct Member: Sendable, Equatable {
    /// Its name, unescaped.
    public var name: String
    /// Its value.
    public var value: JSONTree

    /// A member of this name and value.
    public init(_ name: String, _ value: JSONTree) {
      self.name = name
      self.value = value
    }

    /// Names are the same by their bytes.
    public static func == (left: Member, right: Member) -> Bool {
      left.name.utf8.elementsEqual(right.name.utf8) && left.value == right.value
    }
  }

  /// Copies a parsed value.
  ///
  /// Integers in the spelling of `JSONValue.integer` become `integer`,
  /// all other numbers keep their text.
  public init(_ value: JSONValue) {
    switch value.kind {
    case .null: self = .null
    case .bool: self = .bool(value.bool ?? false)
    case .number: self = value.integer.map { .integer($0) } ?? .number(value.rawText)
    case .string: self = .string(value.string ?? "")
    case .array: self = .array(value.elements.map { JSONTree($0) })
    case .object: self = .object(value.members.map { Member($0.name, JSONTree($0.value)) })
    }
  }

  /// The value of an object's member; nil if there is none or this is not an object.
  public subscript(_ name: String) -> JSONTree? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// Writes this value as the writer's next one.
  ///
  /// Traps beyond the writer's depth.
  public func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.null()
    case .bool(let value): writer.bool(value)
    case .integer(let value): writer.integer(value)
    case .number(let token): writer.raw(Self.checked(token).utf8)
    case .string(let text): writer.string(text)
    case .array(let elements):
      writer.beginArray()
      for element in elements { element.write(to: &writer) }
      writer.endArray()
    case .object(let members):
      writer.beginObject()
      for member in members {
        writer.name(member.name)
        member.value.write(to: &writer)
      }
      writer.endObject()
    }
  }

  /// A number's token, after making sure it is one: raw text must not smuggle in other JSON.
  static func checked(_ token: String) -> String {
    let document = try? JSONDocument.parse(token.utf8)
    let isNumber = document?.root.kind == .number && document?.root.rawText == token
    precondition(isNumber, "not a JSON number")
    return token
  }
}

extension JSONTree: Equatable {
  /// Equal types, values and member order.
  ///
  /// Strings are compared byte by byte, not by canonical
  /// equivalence; numbers by their spelling. To ignore order compare `canonicalText`.
  public static func == (left: JSONTree, right: JSONTree) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a.utf8.elementsEqual(b.utf8)
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSONTree: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByStringInterpolation
{
  /// `nil` stands for null.
  public init(nilLiteral: ()) { self = .null }
  /// A literal boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A literal integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A literal string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A literal array.
  public init(arrayLiteral elements: JSONTree...) { self = .array(elements) }

  /// Members stand in the order written.
  public init(dictionaryLiteral elements: (String, JSONTree)...) {
    self = .object(elements.map { Member($0.0, $0.1) })
  }
}
