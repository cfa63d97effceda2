// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// Params as they are compared: member order, null members and `x_` members do not count.
enum CanonicalValue {
  /// The hash of the canonical form of a value that is given; not secret.
  static func hash(at place: Int, of picks: JSONPicks) -> UInt64 {
    var hash: UInt64?
    picks.look(at: place) { value in
      switch value.kind {
      case .string, .number, .bool, .null: hash = Self.hash(ofScalar: value)
      case .array, .object: break
      }
    }
    if let hash { return hash }
    guard let value = picks[place] else { preconditionFailure("a value is given") }
    return StableHash.of(tree(value).canonicalText)
  }

  /// The hash of a scalar's bytes behind a tag, so that "1" and 1 differ.
  private static func hash(ofScalar value: JSONPeek) -> UInt64 {
    var hash = StableHash()
    hash.add(value.kind == .string ? 0x73 : 0x72)
    hash.add(value.bytes)
    return hash.finish()
  }

  /// The value without null and `x_` members, at every depth.
  static func tree(_ value: JSONValue) -> JSONTree { strip(JSONTree(value)) }

  private static func strip(_ tree: JSONTree) -> JSONTree {
    switch tree {
    case .array(let elements): return .array(elements.map(strip))
    case .object(let members):
      return .object(
        members.compactMap { member in
          // By bytes, as it is checked: a mark behind the line combines with it into one character.
          if member.name.utf8.starts(with: "x_".utf8) || member.value == .null { return nil }
          return JSONTree.Member(member.name, strip(member.value))
        })
    default: return tree
    }
  }
}
