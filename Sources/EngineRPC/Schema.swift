// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// What a member of the params may be: the check that is made and the JSON Schema that is shown.
indirect enum Schema: Sendable {
  /// Minor units, from `minimum` to 10^12.
  case amount(minimum: Int64)
  case integer(ClosedRange<Int64>)
  /// Unicode text of so many characters, none of them a control character.
  case text(ClosedRange<Int>)
  /// Printable ASCII with spaces.
  case printable(ClosedRange<Int>)
  /// Printable ASCII without spaces.
  case cardNumber
  /// A string; whether it has the form of a PIN is judged as `pin_format`.
  case pin
  case boolean
  /// RFC 3339 with a zone.
  case instant
  /// `YYYY-MM-DD`.
  case date
  case choice([String])
  case object(ParamList)
  /// Any string, judged by the method itself.
  case string
  /// An object, judged by the method itself.
  case document
  /// Judged by the method itself, whatever its type.
  case anything
  /// An array, its elements judged by the method itself.
  case list

  /// What is wrong with `value`, and at which pointer below it; nil when it fits.
  func problem(with value: JSONValue) -> (pointer: String, message: String)? {
    if case .object(let members) = self { return objectProblem(members, value) }
    return admits(value) ? nil : ("", "must be " + allowed)
  }

  private func admits(_ value: JSONValue) -> Bool {
    if let plain {
      var fits = false
      value.withPeek { fits = plain.admits($0) }
      return fits
    }
    return switch self {
    case .instant: value.string.flatMap { Instant(text: $0) } != nil
    case .date: value.string.flatMap { BusinessDate(text: $0) } != nil
    case .choice(let choices): value.string.map { choices.contains($0) } ?? false
    default: false
    }
  }

  /// The check, where it is one that needs nothing but the value.
  var plain: PlainSchema? {
    switch self {
    case .amount(let minimum): .integer(minimum, Amount.requestLimit.minorUnits)
    case .integer(let range): .integer(range.lowerBound, range.upperBound)
    case .text(let range): .text(range.lowerBound, range.upperBound)
    case .printable(let range): .printable(range.lowerBound, range.upperBound)
    case .cardNumber: .cardNumber
    case .boolean: .kind(.bool)
    case .pin, .string: .kind(.string)
    case .document: .kind(.object)
    case .list: .kind(.array)
    case .anything: .anything
    case .instant, .date, .choice, .object: nil
    }
  }

  static func isPrintable(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in text where byte < 0x20 || byte >= 0x7F { return false }
    return true
  }

  /// Characters are Unicode scalars; those of the categories Cc, and U+2028 and U+2029, are out.
  static func isText(
    _ text: UnsafeBufferPointer<UInt8>, _ range: ClosedRange<Int>
  ) -> Bool {
    if isPrintable(text) { return range.contains(text.count) }
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
    return range.contains(scalars.count)
      && scalars.allSatisfy { scalar in
        scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
          && scalar.value != 0x2028 && scalar.value != 0x2029
      }
  }

  private func objectProblem(
    _ members: ParamList, _ value: JSONValue
  ) -> (pointer: String, message: String)? {
    guard value.kind == .object else { return ("", "must be an object") }
    do {
      _ = try Params(value, as: members)
      return nil
    } catch {
      return (error.field, error.message)
    }
  }

  /// The allowed values in words, for messages.
  private var allowed: String {
    switch self {
    case .amount(let minimum):
      "an integer from \(minimum) to \(Amount.requestLimit.minorUnits), in minor units"
    case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
    case .text(let range):
      "a string of \(range.lowerBound) to \(range.upperBound) characters without control characters"
    case .printable(let range):
      "a string of \(range.lowerBound) to \(range.upperBound) printable ASCII characters"
    case .cardNumber: "a string of 1 to 64 printable ASCII characters without spaces"
    case .pin: "a string of digits"
    case .boolean: "true or false"
    case .instant: "an RFC 3339 time with a zone, such as 2026-01-31T08:00:00Z"
    case .date: "a date that exists, as YYYY-MM-DD"
    case .choice(let choices): "one of " + choices.joined(separator: ", ")
    case .string: "a string"
    case .object, .document: "an object"
    case .anything: "a value"
    case .list: "an array"
    }
  }

  /// The JSON Schema of these values.
  var tree: JSONTree {
    switch self {
    case .amount(let minimum):
      return [
        "type": "integer", "minimum": .integer(minimum),
        "maximum": .integer(Amount.requestLimit.minorUnits),
      ]
    case .integer(let range):
      return [
        "type": "integer", "minimum": .integer(range.lowerBound),
        "maximum": .integer(range.upperBound),
      ]
    case .text(let range): return Schema.string(range)
    case .printable(let range): return Schema.string(range, pattern: "^[ -~]*$")
    case .cardNumber: return Schema.string(1...64, pattern: "^[!-~]*$")
    case .pin: return Schema.string(4...12, pattern: "^[0-9]*$")
    case .boolean: return ["type": "boolean"]
    case .instant: return ["type": "string", "format": "date-time"]
    case .date: return ["type": "string", "format": "date"]
    case .choice(let choices):
      return ["type": "string", "enum": .array(choices.map { .string($0) })]
    case .string: return ["type": "string"]
    case .document: return ["type": "object"]
    case .anything: return [:]
    case .list: return ["type": "array"]
    case .object(let members): return Schema.object(members.params)
    }
  }

  private static func string(_ range: ClosedRange<Int>, pattern: String? = nil) -> JSONTree {
    var members: [JSONTree.Member] = [
      .init("type", "string"), .init("minLength", .integer(Int64(range.lowerBound))),
      .init("maxLength", .integer(Int64(range.upperBound))),
    ]
    if let pattern { members.append(.init("pattern", .string(pattern))) }
    return .object(members)
  }

  private static func object(_ members: [Param]) -> JSONTree {
    [
      "type": "object",
      "properties": .object(members.map { .init($0.name, $0.schema.tree) }),
      "required": .array(members.filter(\.isRequired).map { .string($0.name) }),
      "patternProperties": ["^x_": true],
      "additionalProperties": false,
    ]
  }
}
