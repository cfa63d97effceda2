// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON

extension JSONTree {
  /// What stands at an RFC 6901 pointer; nil when there is nothing.
  package func at(_ pointer: String) -> JSONTree? {
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

  package var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  package var elements: [JSONTree] {
    if case .array(let values) = self { values } else { [] }
  }

  package var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  package var names: [String] { members.map(\.name) }

  /// One line of JSON, members in their order.
  package var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// This object with the members of another added or put in place of those with their names.
  package func merging(_ other: JSONTree) -> JSONTree {
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
  package func without(_ name: String) -> JSONTree { .object(members.filter { $0.name != name }) }

  /// A whole number that a variable holds.
  package static func number(_ value: Int) -> JSONTree { .integer(Int64(value)) }
}
