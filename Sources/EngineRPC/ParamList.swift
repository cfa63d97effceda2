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

  /// The place of the member that has this name.
  @_disfavoredOverload
  func place(of name: String) -> Int? { names.place(of: name) }

  /// The place of the member that has this name; a literal chooses this overload.
  func place(of name: StaticString) -> Int? { names.place(of: name) }
}

extension ParamList {
  /// Checks the members in the order written; throws for the first that is wrong.
  func check(_ values: JSONPicks) throws(InvalidParams) {
    var next = 0
    while let order = values.firstMisfit(from: next, { plain[$0]?.admits($1) ?? false }) {
      try check(member: order, of: values)
      next = order + 1
    }
  }

  /// Checks a member that is not known to fit.
  private func check(member order: Int, of values: JSONPicks) throws(InvalidParams) {
    guard let place = values.place(ofMember: order) else {
      if values.isMember(order, namedStartingWith: "x_") { return }
      let field = JSONPointer().appending(values.name(ofMember: order)).description
      throw InvalidParams(field: field, message: "no such member")
    }
    if let value = values[place] { try params[place].check(value) }
  }

  /// Throws for the first member that must be given and is not.
  func requireRequired(of values: JSONPicks) throws(InvalidParams) {
    // By index: going over the array itself would count a reference.
    for index in required.indices where !values.hasValue(at: required[index]) {
      throw InvalidParams(field: "/" + params[required[index]].name, message: "is required")
    }
  }
}
