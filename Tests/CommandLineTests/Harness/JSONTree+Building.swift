// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON

extension JSONTree {
  /// This object with a member of a member put in, such as `/topup/amount`.
  func setting(_ pointer: String, to value: JSONTree) -> JSONTree {
    let parts = pointer.split(separator: "/").map(String.init)
    guard let first = parts.first else { return value }
    let rest = parts.dropFirst().map { "/" + $0 }.joined()
    if case .array(var elements) = self {
      guard let index = Int(first), elements.indices.contains(index) else { return self }
      elements[index] = elements[index].setting(rest, to: value)
      return .array(elements)
    }
    let inner = (self[first] ?? .object([])).setting(rest, to: value)
    return merging(.object([.init(first, inner)]))
  }

  /// The tree that a JSON text writes.
  init(text: String) throws {
    do {
      self.init(try JSONDocument.parse(text.utf8).root)
    } catch {
      throw HarnessFailure("no JSON (\(error)): \(text)")
    }
  }
}
