// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension JSONValue {
  /// The elements of an array in order; empty for any other type.
  public var elements: JSONElements { JSONElements(of: self) }

  /// The members of an object in the order written; empty for any other type.
  public var members: JSONMembers { JSONMembers(of: self) }

  /// The value of the member with this name, compared byte by byte after unescaping; nil if
  /// there is none or this is not an object.
  ///
  /// Linear in the number of members.
  public subscript(_ name: StaticString) -> JSONValue? {
    name.withUTF8Buffer { storage.member($0, of: index) }
      .map { JSONValue(storage: storage, index: $0) }
  }

  /// The value of the member with this name; see the subscript by `StaticString`.
  @_disfavoredOverload
  public subscript(_ name: String) -> JSONValue? {
    var name = name
    return name.withUTF8 { storage.member($0, of: index) }
      .map { JSONValue(storage: storage, index: $0) }
  }
}

/// One member of an object.
public struct JSONMember: Sendable {
  private let nameValue: JSONValue
  /// The member's value.
  public let value: JSONValue

  fileprivate init(storage: JSONStorage, nameIndex: Int) {
    nameValue = JSONValue(storage: storage, index: nameIndex)
    value = JSONValue(storage: storage, index: nameIndex + 1)
  }

  /// The unescaped name, made anew at each call.
  public var name: String { nameValue.string ?? "" }

  /// True if the unescaped name has exactly these bytes; makes no `String`.
  public func isNamed(_ name: StaticString) -> Bool { nameValue.isString(name) }

  /// True if the unescaped name has exactly these bytes.
  @_disfavoredOverload
  public func isNamed(_ name: String) -> Bool { nameValue.isString(name) }

  /// True if the unescaped name starts with these bytes, as `x_` members do.
  public func isNamed(startingWith prefix: StaticString) -> Bool {
    nameValue.isString(startingWith: prefix)
  }

  /// Calls `body` with the unescaped UTF-8 of the name, without allocating.
  public func withNameBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let result = try nameValue.withStringBytes(body) else {
      preconditionFailure("a member's name is a string")
    }
    return result
  }
}

/// The elements of an array; walking them costs one step each, however large they are.
public struct JSONElements: Sequence, Sendable {
  private let storage: JSONStorage
  private let first: Int
  private let count: Int

  fileprivate init(of array: JSONValue) {
    storage = array.storage
    first = array.index + 1
    count = array.kind == .array ? array.count : 0
  }

  /// How many there are: exact.
  public var underestimatedCount: Int { count }

  /// Begins with the first.
  public func makeIterator() -> Iterator {
    Iterator(storage: storage, index: first, remaining: count)
  }

  /// Gives the elements in the order written.
  public struct Iterator: IteratorProtocol, Sendable {
    fileprivate let storage: JSONStorage
    fileprivate var index: Int
    fileprivate var remaining: Int

    /// The next element; nil after the last.
    public mutating func next() -> JSONValue? {
      guard remaining > 0 else { return nil }
      defer {
        remaining -= 1
        index = storage.following(index)
      }
      return JSONValue(storage: storage, index: index)
    }
  }
}

/// The members of an object; walking them costs one step each, however large they are.
public struct JSONMembers: Sequence, Sendable {
  private let storage: JSONStorage
  private let first: Int
  private let count: Int

  fileprivate init(of object: JSONValue) {
    storage = object.storage
    first = object.index + 1
    count = object.kind == .object ? object.count : 0
  }

  /// How many there are: exact.
  public var underestimatedCount: Int { count }

  /// Begins with the first.
  public func makeIterator() -> Iterator {
    Iterator(storage: storage, index: first, remaining: count)
  }

  /// Gives the members in the order written.
  public struct Iterator: IteratorProtocol, Sendable {
    fileprivate let storage: JSONStorage
    fileprivate var index: Int
    fileprivate var remaining: Int

    /// The next member; nil after the last.
    public mutating func next() -> JSONMember? {
      guard remaining > 0 else { return nil }
      defer {
        remaining -= 1
        index = storage.following(index + 1)
      }
      return JSONMember(storage: storage, nameIndex: index)
    }
  }
}
