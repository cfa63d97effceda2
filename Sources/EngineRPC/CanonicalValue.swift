// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Store

/// Params as they are compared: member order, null members and `x_` members do not count.
enum CanonicalValue {
  /// The hash of a value's canonical form; not secret.
  static func hash(_ value: JSONValue) -> UInt64 {
    switch value.kind {
    case .string:
      value.withStringBytes { stableHash(Tagged(tag: 0x73, bytes: $0)) } ?? 0
    case .number, .bool, .null:
      value.withRawBytes { stableHash(Tagged(tag: 0x72, bytes: $0)) }
    case .array, .object: stableHash(tree(value).canonicalText.utf8)
    }
  }

  /// The value without null and `x_` members, at every depth.
  static func tree(_ value: JSONValue) -> JSONTree { strip(JSONTree(value)) }

  private static func strip(_ tree: JSONTree) -> JSONTree {
    switch tree {
    case .array(let elements): return .array(elements.map(strip))
    case .object(let members):
      return .object(
        members.compactMap { member in
          if member.name.hasPrefix("x_") || member.value == .null { return nil }
          return JSONTree.Member(member.name, strip(member.value))
        })
    default: return tree
    }
  }

  /// Bytes behind a tag, so that "1" and 1 differ.
  private struct Tagged: Sequence {
    let tag: UInt8
    let bytes: UnsafeBufferPointer<UInt8>

    func makeIterator() -> Iterator { Iterator(tag: tag, rest: bytes.makeIterator()) }

    struct Iterator: IteratorProtocol {
      var tag: UInt8?
      var rest: UnsafeBufferPointer<UInt8>.Iterator

      mutating func next() -> UInt8? {
        if let tag {
          self.tag = nil
          return tag
        }
        return rest.next()
      }
    }
  }
}
