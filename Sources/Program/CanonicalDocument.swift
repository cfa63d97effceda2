// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The text under which a document is kept and compared.
enum CanonicalDocument {
  /// The one place where null is a value: absent means the default, null no end by itself.
  private static let meaningfulNull = JSONPointer("pin").appending("lock_seconds")

  /// The canonical text without `x_` members and nulls.
  ///
  /// For a document that was accepted only: its depth is bounded by the members that exist.
  static func text(of document: JSONValue) -> [UInt8] {
    Array(kept(document, at: JSONPointer()).canonicalText.utf8)
  }

  private static func kept(_ value: JSONValue, at place: JSONPointer) -> JSONTree {
    switch value.kind {
    case .array:
      return .array(
        value.elements.enumerated().map { kept($1, at: place.appending(index: $0)) })
    case .object:
      var members: [JSONTree.Member] = []
      for member in value.members where !member.isNamed(startingWith: "x_") {
        let name = member.name
        let own = place.appending(name)
        if member.value.isNull, own != meaningfulNull { continue }
        members.append(JSONTree.Member(name, kept(member.value, at: own)))
      }
      return .object(members)
    case .null, .bool, .number, .string:
      return JSONTree(value)
    }
  }
}
