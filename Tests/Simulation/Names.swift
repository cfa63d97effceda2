// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The ids learned from answers, by the model's own names of the things.
struct Names: Sendable {
  private var ids: [String: String] = [:]
  private var owners: [String: String] = [:]

  init() {}

  func id(of name: String) -> String? { ids[name] }

  /// Why the value is not what is expected; nil when it is.
  mutating func mismatch(
    _ expected: Plain, _ actual: JSONTree?, at place: String = ""
  ) -> String? {
    guard let actual else {
      return expected == .absent || expected == .any ? nil : "\(place) is not there"
    }
    switch (expected, actual) {
    case (.any, _), (.null, .null): return nil
    case (.bool(let mine), .bool(let theirs)) where mine == theirs: return nil
    case (.number(let mine), .integer(let theirs)) where Int64(mine) == theirs: return nil
    case (.text(let mine), .string(let theirs)) where mine == theirs: return nil
    case (.name(let name), .string(let id)): return learn(name, id, at: place)
    case (.list(let mine), .array(let theirs)):
      guard mine.count == theirs.count else {
        return "\(place) has \(theirs.count) elements instead of \(mine.count)"
      }
      for index in mine.indices {
        if let found = mismatch(mine[index], theirs[index], at: "\(place)/\(index)") {
          return found
        }
      }
      return nil
    case (.bag(let mine), .array(var theirs)):
      guard mine.count == theirs.count else { return "\(place) has \(theirs.count) elements" }
      for element in mine {
        var copy = self
        guard let found = theirs.firstIndex(where: { copy.mismatch(element, $0) == nil }) else {
          return "\(place) has no \(element)"
        }
        theirs.remove(at: found)
      }
      return nil
    case (.object(let mine), .object):
      for name in mine.keys.sorted() {
        if let found = mismatch(mine[name] ?? .any, actual[name], at: "\(place)/\(name)") {
          return found
        }
      }
      return nil
    default: return "\(place) is \(actual.canonicalText) instead of \(expected)"
    }
  }

  private mutating func learn(_ name: String, _ id: String, at place: String) -> String? {
    if let known = ids[name] {
      return known == id ? nil : "\(place) is \(id) instead of \(known) (\(name))"
    }
    if let owner = owners[id] { return "\(place) is \(id), which is \(owner), not \(name)" }
    ids[name] = id
    owners[id] = name
    return nil
  }

  /// What goes on the wire; a name that was never learned stands for itself.
  func tree(_ value: Plain) -> JSONTree {
    switch value {
    case .null, .absent, .any: .null
    case .bool(let flag): .bool(flag)
    case .number(let number): .integer(Int64(number))
    case .text(let text): .string(text)
    case .list(let elements), .bag(let elements): .array(elements.map { tree($0) })
    case .object(let members):
      .object(members.keys.sorted().map { .init($0, tree(members[$0] ?? .null)) })
    case .name(let name): .string(ids[name] ?? name)
    }
  }

  /// The request as a line.
  func line(_ request: PlainRequest, id: Int) -> [UInt8] {
    let tree: JSONTree = [
      "jsonrpc": "2.0", "id": .integer(Int64(id)), "method": .string(request.method),
      "params": self.tree(.object(request.params)),
    ]
    return Array(tree.canonicalText.utf8) + [0x0A]
  }
}
