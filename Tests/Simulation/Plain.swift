// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A JSON value as the model writes it: in a request, or expected in an answer.
indirect enum Plain: Hashable, Sendable {
  case null
  case bool(Bool)
  case number(Int)
  case text(String)
  case list([Plain])
  /// Of an answer: these elements in any order.
  case bag([Plain])
  /// Of an answer only these members are looked at: new ones may come at any time.
  case object([String: Plain])
  /// An opaque id. The model has its own name for the thing, and learns the id when it sees it.
  case name(String)
  /// A member of an answer that must not be there.
  case absent
  /// Something that the model cannot foretell.
  case any

  /// The text, or null.
  static func optional(_ text: String?) -> Plain { text.map { .text($0) } ?? .null }

  /// The number, or null.
  static func optional(_ number: Int?) -> Plain { number.map { .number($0) } ?? .null }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int? { if case .number(let number) = self { number } else { nil } }
  var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  var list: [Plain]? { if case .list(let list) = self { list } else { nil } }
  var name: String? { if case .name(let name) = self { name } else { nil } }

  /// The member of an object; nil where it is null.
  subscript(_ member: String) -> Plain? {
    guard case .object(let members) = self, let value = members[member], value != .null else {
      return nil
    }
    return value
  }

  /// This object with one member more.
  func with(_ member: String, _ value: Plain) -> Plain {
    guard case .object(var members) = self else { return self }
    members[member] = value
    return .object(members)
  }
}

extension Plain: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(integerLiteral value: Int) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(dictionaryLiteral elements: (String, Plain)...) {
    self = .object(Dictionary(uniqueKeysWithValues: elements))
  }
  init(arrayLiteral elements: Plain...) { self = .list(elements) }
}

/// A request before it is a line.
struct PlainRequest: Sendable {
  var method: String
  var params: [String: Plain]
  /// The member that was spoilt on purpose, as a pointer: the answer must name it.
  var spoilt: String?

  init(_ method: String, _ params: [String: Plain] = [:]) {
    self.method = method
    self.params = params
  }

  var key: String? { params["idempotency_key"]?.text }
}

/// What the model says a request is answered.
enum PlainAnswer: Hashable, Sendable {
  case result(Plain)
  case refused(String, field: String?, details: [String: Plain])
  /// `-32602` naming this member.
  case invalid(String)

  static func refused(_ code: String, _ field: String? = nil) -> PlainAnswer {
    .refused(code, field: field, details: [:])
  }

  var isResult: Bool { if case .result = self { true } else { false } }
}

/// A refusal on its way out of the model.
struct PlainRefusal: Error {
  let answer: PlainAnswer

  init(_ code: String, _ field: String? = nil, _ details: [String: Plain] = [:]) {
    answer = .refused(code, field: field, details: details)
  }
}
