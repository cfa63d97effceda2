// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The members that a method, or an object inside its params, declares; found by name.
final class ParamList: Sendable {
  let params: [Param]
  private let names: JSONNames

  init(_ params: [Param]) {
    self.params = params
    names = JSONNames(params.map(\.name))
  }

  var count: Int { params.count }

  /// The members of an object, sorted out by these names.
  func pick(from object: JSONValue) -> JSONPicks { JSONPicks(of: object, by: names) }

  /// The place of the member that has this name.
  func place(of name: String) -> Int? { names.place(of: name) }
}
