// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Testing

/// One answer of the engine: a response object, as it came.
struct Answer: CustomStringConvertible {
  /// The line, or the batch's element, without the line's end.
  let text: String
  let tree: JSONTree
  /// The text of the result as it came; nil for an error.
  let resultText: String?
  /// The text of the id as it came; nil when there is none.
  let idText: String?

  init(_ line: [UInt8]) throws {
    do {
      self.init(try JSONDocument.parse(line).root)
    } catch {
      throw HarnessFailure("no JSON (\(error)): \(String(decoding: line, as: UTF8.self))")
    }
  }

  init(_ value: JSONValue) {
    text = value.rawText
    tree = JSONTree(value)
    resultText = value["result"]?.rawText
    idText = value["id"]?.rawText
  }

  var description: String { text }

  /// The elements of an answer to a batch; none when it is no array.
  var elements: [Answer] {
    guard let root = try? JSONDocument.parse(text.utf8).root else { return [] }
    return root.elements.map { Answer($0) }
  }

  var id: JSONTree? { tree["id"] }
  var result: JSONTree? { tree["result"] }
  var error: JSONTree? { tree["error"] }
  var isResult: Bool { resultText != nil }

  /// The number of the error.
  var number: Int64? { error?["code"]?.integer }
  /// The string code of a refusal, which is the contract; nil for a result and bare faults.
  var refusal: String? { error?["data"]?["code"]?.string }
  /// The JSON pointer to the offending member.
  var field: String? { error?["data"]?["field"]?.string }

  func detail(_ name: String) -> JSONTree? { error?["data"]?["details"]?[name] }

  /// What stands at a place of the result, such as `/account/balance/bonus`.
  subscript(_ place: String) -> JSONTree? { result?.at(place) }

  /// The whole number at a place of the result; nil when there is none.
  func int(_ place: String) -> Int64? { self[place]?.integer }

  /// The text at a place of the result; a test without it cannot go on.
  func string(_ place: String) throws -> String {
    guard let text = self[place]?.string else {
      throw HarnessFailure("no text at \(place) in \(self.text)")
    }
    return text
  }

  var isReplayed: Bool { self["/replayed"] == true }

  /// The result's text without the mark of a repetition, for comparing byte by byte.
  var textWithoutReplayMark: String? {
    resultText.map { text in
      let mark = "\"replayed\":true"
      guard let range = text.firstRange(of: mark) else { return text }
      var (start, end) = (range.lowerBound, range.upperBound)
      if start > text.startIndex, text[text.index(before: start)] == "," {
        start = text.index(before: start)
      } else if end < text.endIndex, text[end] == "," {
        end = text.index(after: end)
      }
      return String(text[..<start] + text[end...])
    }
  }
}

extension JSONTree {
  /// What stands at an RFC 6901 pointer; nil when there is nothing.
  func at(_ pointer: String) -> JSONTree? {
    var place: JSONTree? = self
    for part in pointer.split(separator: "/") {
      if case .array(let elements) = place {
        guard let index = Int(part), elements.indices.contains(index) else { return nil }
        place = elements[index]
      } else {
        place = place?[String(part)]
      }
    }
    return place
  }

  var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  var elements: [JSONTree] {
    if case .array(let values) = self { values } else { [] }
  }

  var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  var names: [String] { members.map(\.name) }

  /// One line of JSON, members in their order.
  var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// This object with the members of another added or put in place of those with their names.
  func merging(_ other: JSONTree) -> JSONTree {
    var merged = members
    for member in other.members {
      if let index = merged.firstIndex(where: { $0.name == member.name }) {
        merged[index] = member
      } else {
        merged.append(member)
      }
    }
    return .object(merged)
  }

  /// This object without one member.
  func without(_ name: String) -> JSONTree { .object(members.filter { $0.name != name }) }

  /// A whole number that a variable holds.
  static func number(_ value: Int) -> JSONTree { .integer(Int64(value)) }
}

/// Expects a result.
@discardableResult
func expectResult(
  _ answer: Answer, _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation
) -> Answer {
  if !answer.isResult {
    Issue.record(
      "\(comment.map { "\($0): " } ?? "")no result but \(answer)", sourceLocation: location)
  }
  return answer
}

/// Expects a refusal with this string code, and with this field where one is given.
///
/// Whatever the code, the error must have the form that every refusal has.
@discardableResult
func expectRefusal(
  _ answer: Answer, _ code: String, field: String? = nil, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) -> Answer {
  let isRight = answer.refusal == code && (field == nil || answer.field == field)
  let faults = isRight ? RefusalForm.faults(of: answer) : []
  if !isRight || !faults.isEmpty {
    let wanted = code + (field.map { " at \($0)" } ?? "")
    Issue.record(
      "\(comment.map { "\($0): " } ?? "")wanted \(wanted), got \(answer) \(faults)",
      sourceLocation: location)
  }
  return answer
}

/// Expects `-32602` naming the member.
@discardableResult
func expectInvalid(
  _ answer: Answer, _ field: String, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) -> Answer {
  expectRefusal(answer, "invalid_params", field: field, comment, at: location)
}

/// The form of an error that carries `data` (contract §2, Errors).
enum RefusalForm {
  static let bands: [Int64: String] = [
    1: "declined", 2: "invalid", 3: "not_found", 4: "conflict", 5: "not_permitted", 6: "try_again",
  ]

  /// What is wrong with the form of a refusal's error; nothing when it is as it must be.
  static func faults(of answer: Answer) -> [String] {
    guard let error = answer.error, let data = error["data"] else { return ["no data"] }
    var faults: [String] = []
    if answer.isResult { faults.append("result and error") }
    if error["message"]?.string?.isEmpty ?? true { faults.append("no message") }
    let number = error["code"]?.integer ?? 0
    let category = data["category"]?.string
    if data["code"] == "invalid_params" {
      if number != -32602 || category != "invalid" { faults.append("number or category") }
      if data["field"]?.string == nil { faults.append("no field") }
    } else if number < 1000 || bands[number / 1000] != category {
      faults.append("the number is not in the band of its category")
    }
    guard case .bool(let retryable)? = data["retryable"] else { return faults + ["no retryable"] }
    if retryable != (category == "try_again") { faults.append("retryable") }
    if data["field"] == nil { faults.append("no field") }
    if case .object? = data["details"] {} else { faults.append("no details") }
    return faults
  }
}
