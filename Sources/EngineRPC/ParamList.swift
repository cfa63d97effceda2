// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The members that a method, or an object inside its params, declares; found by name.
final class ParamList: Sendable {
  let params: [Param]
  private let names: JSONNames
  /// Where those stand that every mutation looks for; nil for one that is not declared.
  let key: Int?
  let store: Int?
  let terminal: Int?
  let `operator`: Int?
  /// Those that say why something is asked for.
  let grounds: [Int]

  init(_ params: [Param]) {
    self.params = params
    let names = JSONNames(params.map(\.name))
    self.names = names
    key = names.place(of: Param.key.name)
    store = names.place(of: Param.store.name)
    terminal = names.place(of: Param.terminal.name)
    `operator` = names.place(of: Param.operator.name)
    grounds = [Param.reason.name, "proof", "override_reason"].compactMap { names.place(of: $0) }
  }

  var count: Int { params.count }

  /// The members of an object, sorted out by these names.
  func pick(from object: JSONValue) -> JSONPicks { JSONPicks(of: object, by: names) }

  /// The place of the member that has this name.
  @_disfavoredOverload
  func place(of name: String) -> Int? { names.place(of: name) }

  /// The place of the member that has this name; a literal chooses this overload.
  func place(of name: StaticString) -> Int? { names.place(of: name) }
}
