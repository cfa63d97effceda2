// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// The tills of one ledger: what is to be asked, by which engine process, and what came back.
///
/// One thread drives all of them, so that there is one order of sendings and answers.
final class Tills {
  /// One engine process and what it has not answered.
  final class Till {
    let engine: EngineProcess
    let life: Int
    fileprivate(set) var inFlight: [Int64: Int] = [:]
    /// How many answers it has given, and how many requests it was sent.
    fileprivate(set) var answers = 0
    fileprivate(set) var requests = 0

    init(_ engine: EngineProcess, life: Int) {
      self.engine = engine
      self.life = life
    }
  }

  let ledger: Ledger
  private(set) var history = History()
  let rules: Rules
  var traffic: Traffic
  private var random: SplitMix64
  /// Operations to be sent before new ones are made up.
  private(set) var backlog: [Int] = []
  /// Answers of all processes so far.
  private(set) var answers = 0
  /// One in so many requests repeats one that was answered.
  var repeatsOneIn = 12

  /// Tills of a ledger on which nobody has been.
  init(ledger: Ledger, seed: UInt64, cards: Int, tag: String) {
    self.ledger = ledger
    history.hasOrderByCard = ledger.isShared
    random = SplitMix64(seed: seed ^ 0x5155_4555)
    rules = Rules(bonusFirst: seed % 2 == 0)
    traffic = Traffic(seed: seed, cards: cards, tag: tag)
    backlog = [history.add(Operation(card: "", request: .setProgram(rules), key: tag + "-program"))]
  }

  /// The tills as they were when so many answers had come, with what they then have to send again,
  /// on another ledger.
  init(_ later: Tills, on ledger: Ledger, answers count: Int) {
    self.ledger = ledger
    random = later.random
    rules = later.rules
    traffic = later.traffic
    history = later.history.asOf(answers: count)
    answers = count
    var open: Set<Int> = []
    var settled: Set<Int> = []
    for attempt in history.attempts where !history.operation(of: attempt).isRead {
      switch attempt.outcome {
      case nil, .again?: open.insert(attempt.operation)
      default: settled.insert(attempt.operation)
      }
    }
    backlog = open.subtracting(settled).sorted()
  }

  /// Makes the ledger and sets its program.
  func begin() throws {
    let till = try open()
    try finishBacklog(till)
    #expect(try till.engine.finish().exit == .code(0))
  }

  /// Starts an engine.
  func open(through wrapper: [String] = []) throws -> Till {
    Till(try ledger.serve(through: wrapper), life: history.newLife())
  }

  // MARK: Asking

  /// Sends one operation; it is awaited by `gather`.
  func send(_ operation: Int, to till: Till) throws {
    let attempt = history.sent(operation, life: till.life)
    let asked = history.operations[operation]
    till.inFlight[try till.engine.start(asked.method, asked.params)] = attempt
    till.requests += 1
  }

  /// Takes an operation down and sends it.
  @discardableResult
  func ask(_ card: String, _ request: Request, _ key: String, of till: Till) throws -> Int {
    let operation = history.add(Operation(card: card, request: request, key: key))
    try send(operation, to: till)
    return operation
  }

  /// Sends the next operation: what is left over, a repetition now and then, or a new one.
  func sendNext(to till: Till) throws {
    if !backlog.isEmpty { return try send(backlog.removeFirst(), to: till) }
    let known = history.attempts.count
    if known > 0, random.once(in: repeatsOneIn) {
      let attempt = history.attempts[random.below(known)]
      if case .done? = attempt.outcome { return try send(attempt.operation, to: till) }
    }
    try send(history.add(traffic.next()), to: till)
  }

  /// Sends until so many are in flight.
  func fill(_ till: Till, upTo window: Int) throws {
    while till.inFlight.count < window { try sendNext(to: till) }
  }

  // MARK: Answers

  /// Takes in the answers that have come or come within the time; how many.
  ///
  /// Throws when the engine has ended, which it must not while anybody waits for it, or is silent
  /// for as long as nobody should wait.
  @discardableResult
  func gather(_ till: Till, within seconds: Double, enough: Int = .max) throws -> Int {
    let count = try drain(till, within: seconds, enough: enough)
    guard count == 0, enough > 0 else { return count }
    if till.engine.child.isAtEnd {
      throw HarnessFailure(
        "the engine ended by \(try till.engine.child.wait()): \(till.engine.child.errors)")
    }
    guard seconds < Deadline.patience else { throw HarnessFailure("the engine is silent") }
    return 0
  }

  /// Takes in answers as `gather` does, from an engine that may end.
  @discardableResult
  func drain(_ till: Till, within seconds: Double, enough: Int = .max) throws -> Int {
    let lines = try till.engine.child.lines(within: seconds, enough: enough)
    for line in lines { try take(line, from: till) }
    return lines.count
  }

  private func take(_ line: [UInt8], from till: Till) throws {
    let answer = try JSONDocument.parse(line).root
    guard let id = answer["id"]?.integer, let attempt = till.inFlight.removeValue(forKey: id) else {
      throw HarnessFailure("an answer to nothing: \(answer.rawText)")
    }
    till.answers += 1
    answers += 1
    let number = history.attempts[attempt].operation
    let operation = history.operations[number]
    let outcome = Outcome(answer, to: operation)
    history.answered(attempt, outcome)
    if case .again = outcome { backlog.append(number) }
    traffic.learn(operation, outcome)
  }

  /// Waits until all that is in flight is answered.
  func settle(_ till: Till) throws {
    let deadline = Deadline()
    while !till.inFlight.isEmpty {
      let count = try gather(till, within: 0.05, enough: till.inFlight.count)
      if count == 0, deadline.hasPassed {
        throw HarnessFailure("\(till.inFlight.count) requests are not answered")
      }
    }
  }

  /// Sends all that is left over and waits for the answers.
  func finishBacklog(_ till: Till, window: Int = 64) throws {
    let deadline = Deadline(in: 120)
    while !backlog.isEmpty || !till.inFlight.isEmpty {
      guard !deadline.hasPassed else {
        throw HarnessFailure("\(backlog.count) requests are told to try again for ever")
      }
      while !backlog.isEmpty, till.inFlight.count < window { try sendNext(to: till) }
      try settle(till)
    }
  }

  /// Ends the input, takes in all that still comes, and says how the process ended.
  func end(_ till: Till) throws -> ChildProcess.Exit {
    try till.engine.child.closeInput()
    let deadline = Deadline()
    while !till.engine.child.isAtEnd, !deadline.hasPassed { try drain(till, within: 0.05) }
    let exit = try till.engine.child.wait(deadline)
    try bury(till)
    return exit
  }

  /// Keeps these busy, with so many in flight at each, until `isDone`, which is asked between two
  /// looks.
  func keepBusy(
    _ tills: [Till], inFlight: Int, within seconds: Double, until isDone: () -> Bool
  ) throws {
    let limit = Deadline(in: seconds)
    while !isDone() {
      try #require(!limit.hasPassed, "after \(answers) answers")
      var gathered = 0
      for till in tills {
        try fill(till, upTo: inFlight)
        gathered += try gather(till, within: 0)
      }
      // While a server is away everything is refused at once; nobody need ask all the time.
      pause(seconds: gathered == 0 ? 0.0005 : 0.002)
    }
  }

  // MARK: Death

  /// Kills with SIGKILL: what had left the process by then counts as answered, the rest is to be
  /// sent again.
  func kill(_ till: Till) throws {
    try till.engine.kill9()
    try bury(till)
  }

  /// Asks for the end by SIGTERM: what was read is still served, the rest is to be sent again.
  func stop(_ till: Till) throws -> ChildProcess.Exit {
    till.engine.terminate()
    let deadline = Deadline()
    while !till.engine.child.isAtEnd, !deadline.hasPassed { try drain(till, within: 0.05) }
    let exit = try till.engine.child.wait(deadline)
    try bury(till)
    return exit
  }

  /// Takes in what a process that has ended left behind.
  func bury(_ till: Till) throws {
    for line in try till.engine.child.lines(within: 5) { try take(line, from: till) }
    let lost = till.inFlight.sorted { $0.key < $1.key }.map { history.attempts[$0.value].operation }
    till.inFlight = [:]
    // A till may keep its order or not; both must come out right.
    let again = lost.filter { !history.operations[$0].isRead }
    backlog += random.once(in: 3) ? again.shuffled(using: &random) : again
  }

  // MARK: The end

  /// Asks once more for one in so many of what was acknowledged, reads every card and the books,
  /// and ends the engine in good order; answers the journal.
  func finish(
    repeatingOneIn share: Int = 1, at location: SourceLocation = #_sourceLocation
  ) throws -> [ListedEntry] {
    let till = try open()
    try finishBacklog(till)
    for operation in history.acknowledged where random.once(in: share) {
      try send(operation, to: till)
      if till.inFlight.count >= 128 { try settle(till) }
    }
    for card in cardNumbers { try ask(card, .account, "", of: till) }
    try ask("", .trialBalance, "", of: till)
    try settle(till)
    let journal = try JournalListing.read(from: till.engine)
    let end = try till.engine.finish()
    #expect(end.exit == .code(0), sourceLocation: location)
    return journal
  }

  /// Finishes, and expects the audit and `scrip verify` to find nothing.
  func close(
    repeatingOneIn share: Int = 1, at location: SourceLocation = #_sourceLocation
  ) throws {
    let journal = try finish(repeatingOneIn: share, at: location)
    for problem in Audit.problems(of: history, journal: journal, rules: rules).prefix(20) {
      Issue.record("\(problem)", sourceLocation: location)
    }
    try ledger.expectSound(at: location)
  }

  /// All cards that anything was asked of.
  var cardNumbers: [String] {
    Set(history.operations.map(\.card)).subtracting([""]).sorted()
  }
}

extension Tills {
  /// Figures of what was done, for people.
  var summary: String {
    let done = history.acknowledged.count
    let unanswered = history.attempts.count { $0.answeredAt == nil }
    return "\(history.attempts.count) requests, \(done) carried out, \(unanswered) cut off"
  }
}
