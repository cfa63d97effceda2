// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// A value of the document and where it stands in it; reads it as one type or says what is allowed.
struct LocatedValue {
  let value: JSONValue
  let place: JSONPointer

  /// Which characters a text may hold.
  enum Alphabet {
    case any
    case noControls
    case printableASCII

    fileprivate func allows(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .any: true
      case .noControls: scalar.properties.generalCategory != .control
      case .printableASCII: (0x20...0x7E).contains(scalar.value)
      }
    }

    fileprivate var phrase: String {
      switch self {
      case .any: "characters"
      case .noControls: "characters, none of them a control character"
      case .printableASCII: "printable ASCII characters"
      }
    }
  }

  func problem(_ message: String) -> ProgramProblem { ProgramProblem(place, message) }

  /// An integer as JSON writes one; `-0`, a fraction, an exponent and a string are refused.
  func integer(in range: ClosedRange<Int64>) throws(ProgramProblem) -> Int64 {
    guard let number = value.integer, range.contains(number) else {
      throw problem("must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Minor units, at most what one request may name.
  func amount(from least: Int64 = 1) throws(ProgramProblem) -> Amount {
    Amount(try integer(in: least...Amount.requestLimit.minorUnits))
  }

  /// A rate; the range must lie within that of `BasisPoints`.
  func basisPoints(in range: ClosedRange<Int32>) throws(ProgramProblem) -> BasisPoints {
    let number = try integer(in: Int64(range.lowerBound)...Int64(range.upperBound))
    return BasisPoints(Int32(number))
  }

  func bool() throws(ProgramProblem) -> Bool {
    guard let bool = value.bool else { throw problem("must be true or false") }
    return bool
  }

  /// One of the words that are the type's raw values.
  func choice<Choice>() throws(ProgramProblem) -> Choice
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let choice = Choice.allCases.first(where: { value.isString($0.rawValue) }) else {
      let words = Choice.allCases.map { "\"\($0.rawValue)\"" }
      throw problem("must be " + words.joined(separator: " or "))
    }
    return choice
  }

  /// A string; its length is counted in code points, as JSON Schema does.
  func text(
    _ lengths: ClosedRange<Int>, of alphabet: Alphabet = .any
  ) throws(ProgramProblem) -> String {
    guard let text = value.string, lengths.contains(text.unicodeScalars.count),
      text.unicodeScalars.allSatisfy({ alphabet.allows($0) })
    else {
      throw problem(
        "must be a string of \(lengths.lowerBound) to \(lengths.upperBound) \(alphabet.phrase)")
    }
    return text
  }

  /// A real day as `YYYY-MM-DD`.
  func date() throws(ProgramProblem) -> BusinessDate {
    guard let text = value.string, let date = BusinessDate(text: text) else {
      throw problem("must be a day that exists, written YYYY-MM-DD")
    }
    return date
  }

  /// The elements of an array.
  func list(atMost limit: Int) throws(ProgramProblem) -> [LocatedValue] {
    guard value.kind == .array, value.count <= limit else {
      throw problem("must be an array of at most \(limit) elements")
    }
    return value.elements.enumerated().map {
      LocatedValue(value: $1, place: place.appending(index: $0))
    }
  }

  /// The elements of an array, each read by `read`; a repeated one is refused where it repeats.
  func distinct<Element: Hashable>(
    atMost limit: Int, _ read: (LocatedValue) throws(ProgramProblem) -> Element
  ) throws(ProgramProblem) -> [Element] {
    var seen: Set<Element> = []
    var result: [Element] = []
    for item in try list(atMost: limit) {
      let element = try read(item)
      guard seen.insert(element).inserted else {
        throw item.problem("must differ from those before it")
      }
      result.append(element)
    }
    return result
  }
}

/// An object of the document whose members are all known.
struct Fields {
  private let object: JSONValue
  let place: JSONPointer

  /// Refuses what is no object, and the first member that is neither allowed nor starts with `x_`.
  init(_ located: LocatedValue, allowing names: [StaticString]) throws(ProgramProblem) {
    (object, place) = (located.value, located.place)
    guard object.kind == .object else { throw located.problem("must be an object") }
    for member in object.members where !member.isNamed(startingWith: "x_") {
      guard names.contains(where: { member.isNamed($0) }) else {
        let known = names.map(\.description).joined(separator: ", ")
        throw ProgramProblem(
          place.appending(member.name), "unknown member; allowed here: \(known)")
      }
    }
  }

  /// The member's value, or nil when it is absent or null.
  subscript(_ name: StaticString) -> LocatedValue? {
    guard let value = object[name], !value.isNull else { return nil }
    return LocatedValue(value: value, place: place(of: name))
  }

  func required(_ name: StaticString) throws(ProgramProblem) -> LocatedValue {
    guard let value = self[name] else { throw ProgramProblem(place(of: name), "is required") }
    return value
  }

  /// True if the member is there and null, for the member where that is not the same as absent.
  func isNull(_ name: StaticString) -> Bool { object[name]?.isNull == true }

  /// The member's own members, or nil when it is absent or null.
  func section(
    _ name: StaticString, allowing names: [StaticString]
  ) throws(ProgramProblem) -> Fields? {
    guard let value = self[name] else { return nil }
    return try Fields(value, allowing: names)
  }

  private func place(of name: StaticString) -> JSONPointer { place.appending(name.description) }
}
