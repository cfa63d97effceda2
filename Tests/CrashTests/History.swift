// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess

/// All that the tills of one ledger sent and were answered, in the order they saw it.
struct History {
  /// One sending of an operation to one engine process.
  struct Attempt {
    let operation: Int
    /// Which engine process, from its start to its end.
    let life: Int
    /// Moments of one clock that ticks with each sending and each answer.
    let sentAt: Int
    var answeredAt: Int?
    var outcome: Outcome?

    /// Whether the answer was to try again.
    var isToBeRepeated: Bool {
      if case .again? = outcome { true } else { false }
    }
  }

  var operations: [Operation] = []
  var attempts: [Attempt] = []
  /// The place of an operation, by key; reads have none.
  var byKey: [String: Int] = [:]
  /// Whether a process keeps the order of requests only where they are about the same card.
  var hasOrderByCard = false
  private var now = 0
  private var lastLife = 0

  /// A number for an engine process that is started.
  mutating func newLife() -> Int {
    lastLife += 1
    return lastLife
  }

  mutating func add(_ operation: Operation) -> Int {
    if !operation.isRead { byKey[operation.key] = operations.count }
    operations.append(operation)
    return operations.count - 1
  }

  /// Takes down that an operation is being sent; answers the attempt.
  mutating func sent(_ operation: Int, life: Int) -> Int {
    now += 1
    attempts.append(Attempt(operation: operation, life: life, sentAt: now))
    return attempts.count - 1
  }

  mutating func answered(_ attempt: Int, _ outcome: Outcome) {
    now += 1
    attempts[attempt].answeredAt = now
    attempts[attempt].outcome = outcome
  }

  /// The history up to the moment when so many answers had left the engine: what was sent later
  /// was not, and what was answered later was not answered.
  func asOf(answers count: Int) -> History {
    let moments = attempts.compactMap(\.answeredAt).sorted()
    guard count < moments.count else { return self }
    var earlier = self
    earlier.attempts = attempts.filter { $0.sentAt < moments[count] }
    for index in earlier.attempts.indices {
      guard let moment = earlier.attempts[index].answeredAt, moment >= moments[count] else {
        continue
      }
      earlier.attempts[index].answeredAt = nil
      earlier.attempts[index].outcome = nil
    }
    return earlier
  }

  func operation(of attempt: Attempt) -> Operation { operations[attempt.operation] }

  /// How many attempts were answered.
  var answeredCount: Int { attempts.count { $0.answeredAt != nil } }

  /// The operations that were carried out by the first answer they got.
  var acknowledged: [Int] {
    var seen: Set<Int> = []
    for attempt in attempts {
      if case .done? = attempt.outcome { seen.insert(attempt.operation) }
    }
    return seen.sorted()
  }

  /// Every operation that was carried out, with the bytes of its first answer.
  var firstAnswers: [(operation: Operation, text: [UInt8])] {
    var first: [Int: [UInt8]] = [:]
    for attempt in attempts {
      guard case .done(let done)? = attempt.outcome, first[attempt.operation] == nil else {
        continue
      }
      first[attempt.operation] = done.text
    }
    return first.sorted { $0.key < $1.key }.map { (operations[$0.key], $0.value) }
  }
}
