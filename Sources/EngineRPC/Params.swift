// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Program
import StoredValue

/// The params are not what the method takes: `-32602`.
package struct InvalidParams: Error, Equatable, Sendable {
  /// JSON pointer into the params; empty for the params as a whole.
  package let field: String
  package let message: String
}

/// The params of one request, checked against what the method declares.
struct Params {
  private let declared: ParamList
  private let values: JSONPicks
  /// Where a request comes from that does not say.
  let defaults: Origin

  /// Checks and sorts out the members; null counts as absent, names starting `x_` are passed over.
  init(
    _ json: JSONValue?, as declared: ParamList, defaults: Origin = Origin()
  ) throws(InvalidParams) {
    let values: JSONPicks
    if let json {
      guard json.kind == .object else {
        throw InvalidParams(field: "", message: "must be an object")
      }
      values = declared.pick(from: json)
      try declared.check(values)
    } else {
      values = JSONPicks(none: declared.count)
    }
    try declared.requireRequired(of: values)
    self.declared = declared
    self.values = values
    self.defaults = defaults
  }

  /// The store that a query is asked for.
  var store: String? { text("store_id") ?? defaults.store }

  /// Where the request comes from, as far as it or the process says.
  var origin: Origin {
    let (store, terminal) = (text(at: declared.store), text(at: declared.terminal))
    let `operator` = text(at: declared.operator)
    guard store != nil || terminal != nil || `operator` != nil else { return defaults }
    return Origin(
      store: store ?? defaults.store, terminal: terminal ?? defaults.terminal,
      operator: `operator` ?? defaults.operator)
  }

  /// The key of a mutation.
  var key: IdempotencyKey {
    guard let key = text(at: declared.key).flatMap({ IdempotencyKey($0) }) else {
      preconditionFailure("idempotency_key was checked")
    }
    return key
  }

  /// Why it is asked for, by all members that say so and are declared.
  var grounds: [String] { declared.grounds.compactMap { text(at: $0) } }

  private func text(at place: Int?) -> String? {
    guard let place else { return nil }
    return values.string(at: place)
  }

  /// The value of a declared member; traps on a name the method does not declare.
  func value(_ name: StaticString) -> JSONValue? { values[place(of: name)] }

  private func place(of name: StaticString) -> Int {
    guard let place = declared.place(of: name) else {
      preconditionFailure("\(name) is not declared")
    }
    return place
  }

  /// The value of a declared member; traps on a name the method does not declare.
  @_disfavoredOverload
  func value(_ name: String) -> JSONValue? {
    guard let place = declared.place(of: name) else {
      preconditionFailure("\(name) is not declared")
    }
    return values[place]
  }

  func text(_ name: StaticString) -> String? { values.string(at: place(of: name)) }

  func integer(_ name: StaticString) -> Int64? { values.integer(at: place(of: name)) }

  func boolean(_ name: StaticString) -> Bool? { value(name)?.bool }

  func amount(_ name: StaticString) -> Amount? {
    integer(name).flatMap { Amount(exactly: $0) }
  }

  func instant(_ name: StaticString) -> Instant? { text(name).flatMap { Instant(text: $0) } }

  func nested(_ name: StaticString, _ members: ParamList) -> Params? {
    guard let value = value(name) else { return nil }
    do {
      return try Params(value, as: members)
    } catch {
      preconditionFailure("\(name) was checked")
    }
  }

  /// The value of a member that the method requires, made by `make` from its text.
  func required<Value>(_ name: StaticString, _ make: (String) -> Value?) -> Value {
    guard let value = text(name).flatMap(make) else { preconditionFailure("\(name) was checked") }
    return value
  }

  /// The amount of a method that requires one.
  func requiredAmount() -> Amount {
    guard let place = declared.amount, let given = values.integer(at: place),
      let amount = Amount(exactly: given)
    else { preconditionFailure("amount was checked") }
    return amount
  }

  /// A PIN to be compared; `pin_format` when it is not 4–12 ASCII digits.
  func pin(_ name: StaticString) throws(Refusal) -> PIN? {
    guard let text = text(name) else { return nil }
    guard let pin = PIN(text) else { throw Params.pinFormat(name, 4, 12) }
    return pin
  }

  /// A PIN to be set, of a length the program allows; else `pin_format`.
  func newPIN(_ name: StaticString, _ engine: Engine) throws(Refusal) -> PIN? {
    let rules = engine.program.storedValue.pin
    guard let pin = try pin(name) else { return nil }
    guard (rules.minimumLength...rules.maximumLength).contains(pin.digits.count) else {
      throw Params.pinFormat(name, rules.minimumLength, rules.maximumLength)
    }
    return pin
  }

  private static func pinFormat(_ name: StaticString, _ least: Int, _ most: Int) -> Refusal {
    Refusal(
      .pinFormat, field: "/\(name)",
      details: [
        .init("min_length", .integer(Int64(least))), .init("max_length", .integer(Int64(most))),
      ])
  }

  /// The account named by exactly one of `account_id` and `card_no`.
  func accountName() throws(Answering) -> AccountName {
    guard let name = try optionalAccountName() else {
      throw .invalid(
        InvalidParams(field: "/account_id", message: "give exactly one of account_id and card_no"))
    }
    return name
  }

  /// The account named by `account_id` or `card_no`, not both; nil when neither is given.
  func optionalAccountName() throws(Answering) -> AccountName? {
    precondition(declared.cardNumber != nil && declared.account != nil, "both are declared")
    let number = text(at: declared.cardNumber).flatMap { CardNumber($0) }
    guard let id = text(at: declared.account) else { return number.map { .card($0) } }
    guard number == nil else {
      throw .invalid(
        InvalidParams(field: "/card_no", message: "give exactly one of account_id and card_no"))
    }
    return .id(AccountID(text: id) ?? .unknown)
  }

  /// An entry's id.
  func entryID(_ name: StaticString = "entry_id") -> EntryID {
    text(name).flatMap { EntryID(text: $0) } ?? .unknown
  }

  /// A hold's id.
  func holdID() -> HoldID {
    text("hold_id").flatMap { HoldID(text: $0) } ?? HoldID(.unknown)
  }

  /// What a repetition of this request is compared by: every member but the key, by name.
  func submitted() -> [SubmittedMember] {
    var members: [SubmittedMember] = []
    members.reserveCapacity(declared.compared.count)
    let all = declared.compared
    for index in all.indices where values.hasValue(at: all[index].place) {
      let compared = all[index]
      switch compared.form {
      case .pin:
        guard let pin = values.string(at: compared.place).flatMap({ PIN($0) }) else { continue }
        members.append(SubmittedMember(compared.member, .pin(pin)))
      case .personal:
        guard let value = values[compared.place] else { continue }
        let text = CanonicalValue.tree(value).canonicalText
        members.append(SubmittedMember(compared.member, .personal(Array(text.utf8))))
      case .plain:
        let hash = CanonicalValue.hash(at: compared.place, of: values)
        members.append(SubmittedMember(compared.member, .plain(hash)))
      }
    }
    return members
  }
}

// What a text that cannot be an id stands for: it is looked for like any other, after the key has
// been compared, and found nowhere.
extension EntryID {
  static let unknown = EntryID(.max)
}

extension AccountID {
  static let unknown: AccountID = {
    guard let id = AccountID(random: .max) else { preconditionFailure("not the one that is none") }
    return id
  }()
}

extension CouponSerial {
  static let unknown = CouponSerial(high: .max, low: .max)
}
