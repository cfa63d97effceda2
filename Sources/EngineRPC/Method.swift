// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore

/// One method of the protocol: what it takes, what it does, what it answers.
///
/// An object: every request carries its method.
package final class Method: Sendable {
  package let name: String
  let summary: String
  let members: ParamList
  /// The members of its result, for the description.
  let result: [Field]
  /// What it may refuse with beside what every method may.
  let refusals: [RefusalCode]
  let kind: Kind
  /// Whether it may issue many coupons at a time.
  let isBulkIssue: Bool

  init(
    name: String, summary: String, params: [Param], result: [Field], refusals: [RefusalCode],
    kind: Kind, isBulkIssue: Bool = false
  ) {
    self.name = name
    self.summary = summary
    members = ParamList(params)
    self.result = result
    self.refusals = refusals
    self.kind = kind
    self.isBulkIssue = isBulkIssue
  }

  var params: [Param] { members.params }

  /// A member of a result.
  struct Field: Sendable {
    let name: String
    let type: FieldType
    var mayBeNull = false
  }

  enum FieldType: String, Sendable {
    case text, integer, boolean, object, array, account, entry, bonus
  }

  /// How it is served.
  enum Kind: Sendable {
    /// Changes the ledger by one command, answered from the entry it made.
    case mutation(@Sendable (Params, Engine) throws(Answering) -> any Command, Telling)
    /// Reads.
    case query(@Sendable (Params, Engine, inout JSONWriter) throws(Answering) -> Void)
    /// Reads after everything due has lapsed, which may write.
    case settledQuery(@Sendable (Params, Engine, inout JSONWriter) throws(Answering) -> Void)
    /// Long; runs beside the loop on its own view of the ledger.
    case report
    /// Long too; runs proposed rules over the journal.
    case backtest
    /// Has events of the outbox sent from now on.
    case subscription
    /// Moves the test clock.
    case clock(@Sendable (Params, Engine) throws(Answering) -> Void)
    /// Answers from the session itself.
    case session(SessionMethod)
  }

  /// What the answer to a mutation says beside the account.
  enum Telling: Sendable {
    /// What stands in the entry, so that it can be written at any time.
    case ofEntry(@Sendable (inout JSONWriter, Entry) -> Void)
    /// What secrets make of it too.
    case withEngine(@Sendable (inout JSONWriter, Entry, Engine) -> Void)
  }

  enum SessionMethod: Sendable {
    case initialize, shutdown, ping, info, discover
  }

  var isMutation: Bool {
    if case .mutation = kind { true } else { false }
  }

  /// Whether another engine may serve it in its groups: nothing of the session is in its answer,
  /// and nobody waits long for it.
  var isHosted: Bool {
    switch kind {
    case .mutation: !isBulkIssue
    case .query: true
    case .settledQuery, .report, .backtest, .subscription, .clock, .session: false
    }
  }

  /// Whether a request is read without the engine, so that this can be done before a group has
  /// begun; of those that tills make most.
  var isReadAhead: Bool {
    self === Method.debitCreate || self === Method.topUpCreate || self === Method.debitAuthorize
  }

  /// Whether it may append to the journal.
  var isWriting: Bool {
    switch kind {
    case .mutation, .settledQuery: true
    case .query, .report, .backtest, .subscription, .clock, .session: false
    }
  }
}

extension Method {
  /// A mutation: takes who and the key beside its own members.
  ///
  /// Its result is the writer's members and `account`, where the entry concerns one.
  static func mutation(
    _ name: String, _ summary: String, _ params: [Param], result: [Field],
    refusals: [RefusalCode],
    command: @escaping @Sendable (Params, Engine) throws(Answering) -> any Command,
    answer: @escaping @Sendable (inout JSONWriter, Entry) -> Void = { _, _ in }
  ) -> Method {
    mutation(
      name, summary, params, result: result, refusals: refusals, command: command,
      .ofEntry(answer))
  }

  /// A mutation whose answer needs more than its entry: what secrets make of it.
  static func mutation(
    _ name: String, _ summary: String, _ params: [Param], result: [Field],
    refusals: [RefusalCode], isBulkIssue: Bool = false,
    command: @escaping @Sendable (Params, Engine) throws(Answering) -> any Command,
    telling answer: @escaping @Sendable (inout JSONWriter, Entry, Engine) -> Void
  ) -> Method {
    mutation(
      name, summary, params, result: result, refusals: refusals, command: command,
      .withEngine(answer), isBulkIssue: isBulkIssue)
  }

  private static func mutation(
    _ name: String, _ summary: String, _ params: [Param], result: [Field],
    refusals: [RefusalCode],
    command: @escaping @Sendable (Params, Engine) throws(Answering) -> any Command,
    _ telling: Telling, isBulkIssue: Bool = false
  ) -> Method {
    let all = (Param.who + [Param.reason] + params).sorted { $0.name < $1.name }
    return Method(
      name: name, summary: summary, params: all, result: result,
      refusals: [.idempotencyConflict, .originalReversed] + refusals,
      kind: .mutation(command, telling), isBulkIssue: isBulkIssue)
  }

  static func query(
    _ name: String, _ summary: String, _ params: [Param], result: [Field],
    refusals: [RefusalCode] = [],
    answer: @escaping @Sendable (Params, Engine, inout JSONWriter) throws(Answering) -> Void
  ) -> Method {
    Method(
      name: name, summary: summary, params: params.sorted { $0.name < $1.name }, result: result,
      refusals: refusals, kind: .query(answer))
  }
}

extension Method.Field {
  static let account = Method.Field(name: "account", type: .account)
  static let entry = Method.Field(name: "entry", type: .entry)

  static func text(_ name: String) -> Method.Field { Method.Field(name: name, type: .text) }
  static func integer(_ name: String) -> Method.Field { Method.Field(name: name, type: .integer) }
  static func boolean(_ name: String) -> Method.Field { Method.Field(name: name, type: .boolean) }
  static func object(_ name: String) -> Method.Field { Method.Field(name: name, type: .object) }
  static func array(_ name: String) -> Method.Field { Method.Field(name: name, type: .array) }

  /// The same, which may be null.
  var orNull: Method.Field { Method.Field(name: name, type: type, mayBeNull: true) }
}
