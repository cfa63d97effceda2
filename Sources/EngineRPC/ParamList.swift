// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// The members that a method, or an object inside its params, declares; found by name.
final class ParamList: Sendable {
  let params: [Param]
  private let names: JSONNames
  /// What each is checked by, where that is plain.
  private let plain: [PlainSchema?]
  /// The places of those that must be given.
  let required: [Int]
  /// Those by which a repetition is compared, by place.
  let compared: [Compared]
  /// Where those stand that most mutations look for; nil for one that is not declared.
  let cardNumber: Int?
  let account: Int?
  let amount: Int?
  let key: Int?
  let store: Int?
  let terminal: Int?
  let `operator`: Int?
  /// Those that say why something is asked for.
  let grounds: [Int]

  /// A member by which a repetition is compared.
  struct Compared: Sendable {
    enum Form: Sendable {
      case plain, personal, pin
    }

    let place: Int
    let member: RequestMember
    let form: Form

    init?(_ param: Param, at place: Int) {
      guard let member = param.member else { return nil }
      self.place = place
      self.member = member
      form =
        switch param.schema {
        case .pin: .pin
        case .object where member == .holder: .personal
        default: .plain
        }
    }
  }

  init(_ params: [Param]) {
    self.params = params
    let names = JSONNames(params.map(\.name))
    self.names = names
    plain = params.map(\.schema.plain)
    required = params.indices.filter { params[$0].isRequired }
    compared = params.indices.compactMap { Compared(params[$0], at: $0) }
    cardNumber = names.place(of: Param.cardNumber.name)
    account = names.place(of: Param.accountID.name)
    amount = names.place(of: Param.amount.name)
    key = names.place(of: Param.key.name)
    store = names.place(of: Param.store.name)
    terminal = names.place(of: Param.terminal.name)
    `operator` = names.place(of: Param.operator.name)
    grounds = [Param.reason.name, "proof", "override_reason"].compactMap { names.place(of: $0) }
  }

  var count: Int { params.count }

  /// The members of an object, sorted out by these names.
  func pick(from object: JSONValue) -> JSONPicks { JSONPicks(of: object, by: names) }

  /// Whether a value that is given for the member at this place fits, as far as that is plain.
  @inline(__always)
  func admits(_ value: JSONPeek, at place: Int) -> Bool { plain[place]?.admits(value) ?? false }

  /// The place of the member that has this name.
  @_disfavoredOverload
  func place(of name: String) -> Int? { names.place(of: name) }

  /// The place of the member that has this name; a literal chooses this overload.
  func place(of name: StaticString) -> Int? { names.place(of: name) }
}
