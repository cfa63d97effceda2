// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// A value of a document and where it stands; reads it as one type or says what is allowed.
struct LocatedValue {
  let value: JSONValue
  let place: JSONPointer

  func problem(_ message: String) -> DocumentProblem { DocumentProblem(place, message) }

  /// An integer as JSON writes one; `-0`, a fraction, an exponent and a string are refused.
  func integer(in range: ClosedRange<Int64>) throws(DocumentProblem) -> Int64 {
    guard let number = value.integer, range.contains(number) else {
      throw problem("must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Minor units, at most what one request may name.
  func amount(from least: Int64 = 1) throws(DocumentProblem) -> Amount {
    Amount(try integer(in: least...Amount.requestLimit.minorUnits))
  }

  func bool() throws(DocumentProblem) -> Bool {
    guard let bool = value.bool else { throw problem("must be true or false") }
    return bool
  }

  /// One of the words that are the type's raw values.
  func choice<Choice>() throws(DocumentProblem) -> Choice
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let choice = Choice.allCases.first(where: { value.isString($0.rawValue) }) else {
      let words = Choice.allCases.map { "\"\($0.rawValue)\"" }
      throw problem("must be " + words.joined(separator: " or "))
    }
    return choice
  }

  /// A string without control characters; its length is counted in code points, as JSON Schema
  /// does.
  func text(_ lengths: ClosedRange<Int>) throws(DocumentProblem) -> String {
    guard let text = value.string, text.isPlain(lengths) else {
      throw problem(
        """
        must be a string of \(lengths.lowerBound) to \(lengths.upperBound) characters, none of \
        them a control character
        """)
    }
    return text
  }

  /// A name of the merchant's: a SKU, category, store, level or class.
  func label() throws(DocumentProblem) -> Label { Label(try text(Label.lengths)) }

  /// A real day as `YYYY-MM-DD`.
  func date() throws(DocumentProblem) -> CivilDate {
    guard let text = value.string, let date = BusinessDate(text: text) else {
      throw problem("must be a day that exists, written YYYY-MM-DD")
    }
    return CivilDate(daysSince1970: date.daysSince1970)
  }

  /// A moment in RFC 3339 with its offset.
  func instant() throws(DocumentProblem) -> Instant {
    guard let text = value.string, let instant = Instant(text: text) else {
      throw problem("must be a moment with its offset (RFC 3339), such as 2026-01-31T09:00:00Z")
    }
    return instant
  }

  /// The elements of an array.
  func list(_ counts: ClosedRange<Int>) throws(DocumentProblem) -> [LocatedValue] {
    guard value.kind == .array, counts.contains(value.count) else {
      throw problem("must be an array of \(counts.lowerBound) to \(counts.upperBound) elements")
    }
    return value.elements.enumerated().map {
      LocatedValue(value: $1, place: place.appending(index: $0))
    }
  }

  /// The elements of an array, each read by `read`; a repeated one is refused where it repeats.
  func distinct<Element: Hashable>(
    _ counts: ClosedRange<Int>, _ read: (LocatedValue) throws(DocumentProblem) -> Element
  ) throws(DocumentProblem) -> [Element] {
    var seen: Set<Element> = []
    var result: [Element] = []
    for item in try list(counts) {
      let element = try read(item)
      guard seen.insert(element).inserted else {
        throw item.problem("must differ from those before it")
      }
      result.append(element)
    }
    return result
  }

  /// A set of names.
  func labels(atMost limit: Int) throws(DocumentProblem) -> LabelSet {
    LabelSet(
      try distinct(0...limit) { item throws(DocumentProblem) in try item.label() })
  }
}

extension String {
  /// Whether it has so many code points, none of them a control character.
  func isPlain(_ lengths: ClosedRange<Int>) -> Bool {
    lengths.contains(unicodeScalars.count)
      && unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
  }
}

/// An object of a document whose members are all known.
struct Fields {
  private let object: JSONValue
  let place: JSONPointer

  /// Refuses what is no object, and the first member that is neither allowed nor starts with `x_`.
  init(_ located: LocatedValue, allowing names: [StaticString]) throws(DocumentProblem) {
    (object, place) = (located.value, located.place)
    guard object.kind == .object else { throw located.problem("must be an object") }
    for member in object.members where !member.isNamed(startingWith: "x_") {
      guard names.contains(where: { member.isNamed($0) }) else {
        let known = names.map(\.description).joined(separator: ", ")
        throw DocumentProblem(
          place.appending(member.name), "unknown member; allowed here: \(known)")
      }
    }
  }

  /// The member's value, or nil when it is absent or null.
  subscript(_ name: StaticString) -> LocatedValue? {
    guard let value = object[name], !value.isNull else { return nil }
    return LocatedValue(value: value, place: place(of: name))
  }

  func required(_ name: StaticString) throws(DocumentProblem) -> LocatedValue {
    guard let value = self[name] else { throw DocumentProblem(place(of: name), "is required") }
    return value
  }

  /// The member's own members, or nil when it is absent or null.
  func section(
    _ name: StaticString, allowing names: [StaticString]
  ) throws(DocumentProblem) -> Fields? {
    guard let value = self[name] else { return nil }
    return try Fields(value, allowing: names)
  }

  func place(of name: StaticString) -> JSONPointer { place.appending(name.description) }
}
