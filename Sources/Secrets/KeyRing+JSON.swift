// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The ring's text form, one line of strict JSON:
///
///     {"version":1,"issuer":9412873,"keys":[{"purpose":"pin","id":1,"state":"signing",
///     "created_at_ms":…,"changed_at_ms":…,"secret":"64 lower-case hexadecimal digits"},…]}
///
/// Reading takes the members in any order and refuses all that is missing, unknown or out of
/// range: a ring read wrongly would sign with the wrong key.
extension KeyRing {
  private static let version: Int64 = 1
  // The last millisecond of the year 9999, the last that RFC 3339 can write.
  private static let timeRange: ClosedRange<Int64> = 0...253_402_300_799_999

  /// The ring as JSON with a line feed.
  ///
  /// It holds the keys: store it as `KeyRingFile` does, wipe
  /// it after use.
  public func json() -> [UInt8] {
    // Reserved in full, so that growing leaves no copies of the keys behind.
    var writer = JSONWriter(reservingCapacity: 64 + 256 * keys.count)
    writer.beginObject()
    writer.name("version")
    writer.integer(Self.version)
    writer.name("issuer")
    writer.integer(Int64(issuer))
    writer.name("keys")
    writer.beginArray()
    for key in keys { Self.write(key, to: &writer) }
    writer.endArray()
    writer.endObject()
    // Taking the writer's bytes away from it leaves one copy, which the line feed then extends.
    var text = writer.bytes
    writer = JSONWriter()
    text.append(UInt8(ascii: "\n"))
    return text
  }

  /// Reads a ring from JSON.
  ///
  /// Throws `notJSON`, `unknownMember`, `missingMember`, `invalidMember`, `duplicateID`,
  /// `severalSigningKeys` or `noSigningKey`.
  public init(json text: [UInt8]) throws(KeyRingError) {
    let root: JSONValue
    do throws(JSONError) {
      root = try JSONDocument.parse(text, maximumDepth: 3, wipe: { wipe($0) }).root
    } catch {
      throw .notJSON
    }
    let ring = try RingMembers(root, at: JSONPointer(), names: ["version", "issuer", "keys"])
    _ = try ring.integer("version", in: Self.version...Self.version)
    let issuer = try ring.integer("issuer", in: 0...0xFF_FFFF)
    var keys: [Key] = []
    for (index, element) in try ring.elements("keys").enumerated() {
      keys.append(try Self.key(element, at: JSONPointer("keys").appending(index: index)))
    }
    try self.init(issuer: UInt32(issuer), keys: keys)
  }

  private static func write(_ key: Key, to writer: inout JSONWriter) {
    writer.beginObject()
    writer.name("purpose")
    writer.string(key.purpose.rawValue)
    writer.name("id")
    writer.integer(Int64(key.id))
    writer.name("state")
    writer.string(key.state.rawValue)
    writer.name("created_at_ms")
    writer.integer(key.createdAt)
    writer.name("changed_at_ms")
    writer.integer(key.changedAt)
    writer.name("secret")
    writer.string(key.secret.withUnsafeBytes { hexadecimal($0) })
    writer.endObject()
  }

  private static func key(
    _ value: JSONValue, at pointer: JSONPointer
  ) throws(KeyRingError) -> Key {
    let names = ["purpose", "id", "state", "created_at_ms", "changed_at_ms", "secret"]
    let key = try RingMembers(value, at: pointer, names: names)
    guard let purpose = try Purpose(rawValue: key.string("purpose")) else {
      throw key.invalid("purpose")
    }
    guard let state = try State(rawValue: key.string("state")) else {
      throw key.invalid("state")
    }
    var bytes = try key.bytes("secret")
    defer { wipe(&bytes) }
    guard let secret = SecretKey(bytes: bytes) else { throw key.invalid("secret") }
    let created = try key.integer("created_at_ms", in: timeRange)
    return Key(
      purpose: purpose, id: UInt8(try key.integer("id", in: 1...255)), state: state,
      createdAt: created, changedAt: try key.integer("changed_at_ms", in: timeRange),
      secret: secret)
  }
}

/// The members of one object of the ring, known to be complete and without others.
private struct RingMembers {
  private let value: JSONValue
  private let pointer: JSONPointer

  init(_ value: JSONValue, at pointer: JSONPointer, names: [String]) throws(KeyRingError) {
    guard value.kind == .object else { throw .invalidMember(pointer.description) }
    for member in value.members where !names.contains(where: { member.isNamed($0) }) {
      throw .unknownMember(pointer.appending(member.name).description)
    }
    for name in names where value[name] == nil {
      throw .missingMember(pointer.appending(name).description)
    }
    self.value = value
    self.pointer = pointer
  }

  func invalid(_ name: String) -> KeyRingError {
    .invalidMember(pointer.appending(name).description)
  }

  func integer(
    _ name: String, in range: ClosedRange<Int64>
  ) throws(KeyRingError) -> Int64 {
    guard let integer = value[name]?.integer, range.contains(integer) else {
      throw invalid(name)
    }
    return integer
  }

  func string(_ name: String) throws(KeyRingError) -> String {
    guard let string = value[name]?.string else { throw invalid(name) }
    return string
  }

  func bytes(_ name: String) throws(KeyRingError) -> [UInt8] {
    let decoded = value[name]?.withStringBytes { Secrets.bytes(hexadecimal: $0) }
    guard let decoded, let decoded else { throw invalid(name) }
    return decoded
  }

  func elements(_ name: String) throws(KeyRingError) -> JSONElements {
    guard let array = value[name], array.kind == .array else { throw invalid(name) }
    return array.elements
  }
}
