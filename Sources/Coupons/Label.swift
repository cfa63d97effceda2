// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A merchant's own text, such as a SKU or a category: equal only byte by byte.
///
/// `String` would call two spellings of one letter equal that a till, an index and a journal keep
/// apart, and would order them differently in another version of Unicode.
package struct Label: Hashable, Comparable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  /// How many code points a name in a document has.
  static let lengths = 1...64

  package static func == (left: Label, right: Label) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  package static func < (left: Label, right: Label) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Equal bytes are equal texts to `String`, whose hash is fast where it matters, in ASCII.
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A set of labels in one order, with quick look-up.
package struct LabelSet: Hashable, Sendable {
  /// By their bytes, each once.
  package let sorted: [Label]
  private let members: Set<Label>

  package init(_ labels: [Label] = []) {
    members = Set(labels)
    sorted = members.sorted()
  }

  package var isEmpty: Bool { sorted.isEmpty }

  package var count: Int { sorted.count }

  package func contains(_ label: Label) -> Bool { members.contains(label) }

  /// Whether the label is there and in the set.
  package func contains(_ label: Label?) -> Bool { label.map { members.contains($0) } ?? false }

  package static func == (left: LabelSet, right: LabelSet) -> Bool { left.sorted == right.sorted }

  package func hash(into hasher: inout Hasher) { hasher.combine(sorted) }
}
