// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON

/// One answer of the engine: a response object, as it came.
package struct Answer: CustomStringConvertible {
  /// The line, or the batch's element, without the line's end.
  package let text: String
  package let tree: JSONTree
  /// The text of the result as it came; nil for an error.
  package let resultText: String?
  /// The text of the id as it came; nil when there is none.
  package let idText: String?

  package init(_ line: [UInt8]) throws {
    do {
      self.init(try JSONDocument.parse(line).root)
    } catch {
      throw HarnessFailure("no JSON (\(error)): \(String(decoding: line, as: UTF8.self))")
    }
  }

  package init(_ value: JSONValue) {
    text = value.rawText
    tree = JSONTree(value)
    resultText = value["result"]?.rawText
    idText = value["id"]?.rawText
  }

  package var description: String { text }

  /// The elements of an answer to a batch; none when it is no array.
  package var elements: [Answer] {
    guard let root = try? JSONDocument.parse(text.utf8).root else { return [] }
    return root.elements.map { Answer($0) }
  }

  package var id: JSONTree? { tree["id"] }
  package var result: JSONTree? { tree["result"] }
  package var error: JSONTree? { tree["error"] }
  package var isResult: Bool { resultText != nil }

  /// The number of the error.
  package var number: Int64? { error?["code"]?.integer }
  /// The string code of a refusal, which is the contract; nil for a result and bare faults.
  package var refusal: String? { error?["data"]?["code"]?.string }
  /// The JSON pointer to the offending member.
  package var field: String? { error?["data"]?["field"]?.string }

  package func detail(_ name: String) -> JSONTree? { error?["data"]?["details"]?[name] }

  /// What stands at a place of the result, such as `/account/balance/bonus`.
  package subscript(_ place: String) -> JSONTree? { result?.at(place) }

  /// The whole number at a place of the result; nil when there is none.
  package func int(_ place: String) -> Int64? { self[place]?.integer }

  /// The text at a place of the result; a test without it cannot go on.
  package func string(_ place: String) throws -> String {
    guard let text = self[place]?.string else {
      throw HarnessFailure("no text at \(place) in \(self.text)")
    }
    return text
  }

  package var isReplayed: Bool { self["/replayed"] == true }

  /// The result's text without the mark of a repetition, for comparing byte by byte.
  package var textWithoutReplayMark: String? {
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
