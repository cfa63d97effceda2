// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A shop with one ledger and one engine, for tests that read as a story.
///
/// Cards are named by their numbers. Every change gets a key of its own unless `more` names one;
/// `more` adds members to the params or puts others in their place.
final class Shop {
  let ledger: TestLedger
  private(set) var engine: EngineProcess
  private var lastKey = 0
  /// Where the clock starts when the engine is started again.
  private var clock: String

  /// Opens the shop, with a program where one is given.
  init(
    _ program: JSONTree? = nil, clock: String = TestLedger.morning, ledger options: [String] = [],
    serve: [String] = [], isTest: Bool = true
  ) throws {
    ledger = try TestLedger(options, isTest: isTest)
    self.clock = clock
    engine = try ledger.serve(clock: clock, serve)
    if let program {
      let answer = try set(program)
      guard answer.isResult else { throw HarnessFailure("the program is refused: \(answer)") }
    }
  }

  /// A key that was not given out before.
  func key() -> String {
    lastKey += 1
    return "key-\(lastKey)"
  }

  /// Any request.
  func ask(_ method: String, _ params: JSONTree = [:]) throws -> Answer {
    try engine.request(method, params)
  }

  /// A mutation: a key is added unless the params have one.
  func change(_ method: String, _ params: JSONTree, _ more: JSONTree = [:]) throws -> Answer {
    try engine.request(method, keyed(params, more))
  }

  /// Params with a fresh key, unless they name one.
  func keyed(_ params: JSONTree, _ more: JSONTree = [:]) -> JSONTree {
    let all = params.merging(more)
    return all["idempotency_key"] == nil ? all.merging(["idempotency_key": .string(key())]) : all
  }

  // MARK: The day

  func set(_ program: JSONTree) throws -> Answer {
    try change("program.set", ["program": program])
  }

  @discardableResult
  func advance(seconds: Int) throws -> Answer {
    expectResult(try ask("clock.advance", ["seconds": .number(seconds)]))
  }

  @discardableResult
  func setClock(_ time: String) throws -> Answer {
    clock = time
    return expectResult(try ask("clock.set", ["at": .string(time)]))
  }

  /// Kills the engine at once and starts another.
  func crash() throws {
    try engine.kill9()
    engine = try ledger.serve(clock: clock)
  }

  /// Starts another engine where the one before has ended.
  func restartAfterEnd(_ options: [String] = []) throws {
    engine = try ledger.serve(clock: clock, options)
  }

  /// Ends the engine in good order and starts another.
  func restart(_ options: [String] = []) throws {
    let end = try engine.finish()
    #expect(end.exit == .code(0))
    engine = try ledger.serve(clock: clock, options)
  }

  /// Ends the engine in good order and expects the books to be right.
  func close(at location: SourceLocation = #_sourceLocation) throws {
    let end = try engine.finish()
    #expect(end.exit == .code(0), sourceLocation: location)
    try ledger.expectSound(at: location)
  }
}

// MARK: Cards

extension Shop {
  /// Opens a card, with a first top-up in cash where an amount is given; it must succeed.
  @discardableResult
  func open(
    _ card: String, topUp: Int? = nil, pin: String? = nil, _ more: JSONTree = [:],
    at location: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    expectResult(try tryToOpen(card, topUp: topUp, pin: pin, more), at: location)
  }

  func tryToOpen(
    _ card: String, topUp: Int? = nil, pin: String? = nil, _ more: JSONTree = [:]
  ) throws -> Answer {
    var params: JSONTree = ["card_no": .string(card)]
    if let topUp {
      params = params.merging(["topup": ["amount": .number(topUp), "tender": "cash"]])
    }
    if let pin { params = params.merging(["pin": .string(pin)]) }
    return try change("account.open", params, more)
  }

  func topUp(_ card: String, _ amount: Int, _ tender: String = "cash", _ more: JSONTree = [:])
    throws
    -> Answer
  {
    try change(
      "topup.create",
      ["card_no": .string(card), "amount": .number(amount), "tender": .string(tender)], more)
  }

  func debit(_ card: String, _ amount: Int, pin: String? = nil, _ more: JSONTree = [:]) throws
    -> Answer
  {
    var params: JSONTree = ["card_no": .string(card), "amount": .number(amount)]
    if let pin { params = params.merging(["pin": .string(pin)]) }
    return try change("debit.create", params, more)
  }

  func hold(_ card: String, _ amount: Int, seconds: Int = 3600, _ more: JSONTree = [:]) throws
    -> Answer
  {
    try change(
      "debit.authorize",
      ["card_no": .string(card), "amount": .number(amount), "expires_in": .number(seconds)], more)
  }

  func capture(_ hold: String, _ amount: Int? = nil) throws -> Answer {
    var params: JSONTree = ["hold_id": .string(hold)]
    if let amount { params = params.merging(["amount": .number(amount)]) }
    return try change("debit.capture", params)
  }

  func release(_ hold: String) throws -> Answer {
    try change("debit.release", ["hold_id": .string(hold)])
  }

  func refund(_ entry: String, _ amount: Int? = nil, _ more: JSONTree = [:]) throws -> Answer {
    var params: JSONTree = ["entry_id": .string(entry)]
    if let amount { params = params.merging(["amount": .number(amount)]) }
    return try change("debit.refund", params, more)
  }

  func reverse(_ entry: String, _ more: JSONTree = [:]) throws -> Answer {
    try change("entry.reverse", ["entry_id": .string(entry), "reason": "misrung"], more)
  }

  /// A method that takes a card and nothing else that it needs, such as `account.freeze`.
  func card(_ method: String, _ card: String, _ more: JSONTree = [:]) throws -> Answer {
    try change(method, ["card_no": .string(card)], more)
  }

  /// The account as it stands.
  func account(_ card: String) throws -> Answer {
    try ask("account.get", ["card_no": .string(card)])
  }

  /// A member of the card's balance; a test without it cannot go on.
  func balance(_ card: String, _ member: String = "available") throws -> Int64 {
    let answer = try account(card)
    guard let value = answer.int("/balance/\(member)") else {
      throw HarnessFailure("no balance: \(answer)")
    }
    return value
  }
}
