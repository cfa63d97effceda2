// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Judges what tills saw by what the journal says, and both by a model of the specification.
///
/// - Every acknowledged operation is in the journal exactly once, whichever kills lay between
///   (INV-9), and every repetition was answered as at first.
/// - The order of the journal is one that the tills can have seen: what was acknowledged before
///   another was sent comes before it, and one process serves in the order it reads.
/// - Played in that order, the model makes the same movements and shows the same balances in every
///   answer, refuses what was refused at a moment when it can have been, and reads what was read.
struct Audit {
  let history: History
  let journal: [ListedEntry]
  private(set) var problems: [String] = []
  /// The place in the journal of each operation's entry.
  private var places: [Int: Int] = [:]

  /// All that is wrong; nothing when all is right.
  static func problems(of history: History, journal: [ListedEntry], rules: Rules) -> [String] {
    var audit = Audit(history: history, journal: journal)
    audit.checkNumbers()
    audit.checkKeys()
    audit.checkAnswers()
    // What is not in the journal once cannot be put in order.
    guard audit.problems.isEmpty else { return audit.problems }
    var replay = Replay(rules: rules, audit.questions())
    guard audit.problems.isEmpty else { return audit.problems }
    replay.run(audit.steps())
    return replay.problems + audit.uncounted(replay.untold)
  }

  /// How the cards and the books stood at first and after each entry of a sound journal.
  static func moments(of history: History, journal: [ListedEntry], rules: Rules) -> [Moment] {
    var audit = Audit(history: history, journal: journal)
    audit.checkKeys()
    var replay = Replay(rules: rules, [])
    var moments = [Moment(standings: [:], books: Books())]
    replay.run(audit.steps()) { replay in
      moments.append(Moment(standings: replay.standings, books: replay.books[moments.count]))
    }
    return moments
  }

  /// The whole ledger between two entries.
  struct Moment: Equatable {
    let standings: [String: Standing]
    let books: Books
  }

  private init(history: History, journal: [ListedEntry]) {
    self.history = history
    self.journal = journal
  }

  private mutating func checkNumbers() {
    for (index, entry) in journal.enumerated() where entry.seq != Int64(index) + 1 {
      problems.append("entry \(entry.id) has number \(entry.seq) in place \(index + 1)")
    }
    if Set(journal.map(\.id)).count != journal.count { problems.append("an id stands twice") }
  }

  private mutating func checkKeys() {
    for (index, entry) in journal.enumerated() {
      guard let key = entry.key else { continue }
      guard let operation = history.byKey[key] else {
        problems.append("nobody sent the key of \(entry.id): \(key)")
        continue
      }
      if let earlier = places[operation] {
        problems.append("\(key) was carried out twice: \(journal[earlier].id), \(entry.id)")
      }
      places[operation] = index
    }
  }

  private mutating func checkAnswers() {
    var firsts: [Int: Outcome.Done] = [:]
    var hasOpenEnd: Set<Int> = []
    for attempt in history.attempts {
      let name = describe(attempt)
      switch attempt.outcome {
      case nil, .again?: hasOpenEnd.insert(attempt.operation)
      case .unexpected(let text)?: problems.append("\(name): answered \(text)")
      case .standing?, .books?: break
      case .refused(let refusal)?:
        if firsts[attempt.operation] != nil {
          problems.append("\(name): refused (\(refusal.code)) after it was carried out")
        }
      case .done(let done)?:
        check(done, name, attempt)
        if let first = firsts[attempt.operation] {
          if done.text != first.text {
            let texts = [first, done].map { String(decoding: $0.text, as: UTF8.self) }
            problems.append("\(name): answered \(texts[0]), then \(texts[1])")
          }
        } else {
          firsts[attempt.operation] = done
        }
      }
    }
    for (operation, place) in places
    where firsts[operation] == nil && !hasOpenEnd.contains(operation) {
      problems.append("\(journal[place].id) is of a request that was only ever refused")
    }
    checkRepetitions()
  }

  private mutating func check(_ done: Outcome.Done, _ name: String, _ attempt: History.Attempt) {
    guard let place = places[attempt.operation] else {
      problems.append("\(name): acknowledged, but not in the journal")
      return
    }
    let entry = journal[place]
    if let id = done.entry, id != entry.id {
      problems.append("\(name): acknowledged as \(id), in the journal as \(entry.id)")
    }
    if let movement = done.movement, movement != entry.movement {
      problems.append("\(name): answered \(movement), in the journal \(entry.movement)")
    }
  }

  /// An answer says that it is a repetition exactly when it is one.
  private mutating func checkRepetitions() {
    var fresh: Set<Int> = []
    var answered: [Int: Int] = [:]
    var attemptsOf: [Int: [History.Attempt]] = [:]
    for attempt in history.attempts { attemptsOf[attempt.operation, default: []].append(attempt) }
    for attempt in history.attempts {
      guard case .done(let done)? = attempt.outcome, let answeredAt = attempt.answeredAt else {
        continue
      }
      let operation = attempt.operation
      if done.isReplayed {
        let others = attemptsOf[operation, default: []].filter { $0.sentAt != attempt.sentAt }
        if !others.contains(where: { $0.sentAt < answeredAt }) {
          problems.append("\(describe(attempt)): a repetition of nothing")
        }
      } else {
        if !fresh.insert(operation).inserted {
          problems.append("\(describe(attempt)): answered twice as if for the first time")
        }
        if let earlier = answered[operation], earlier < attempt.sentAt {
          problems.append("\(describe(attempt)): answered before, and not called a repetition")
        }
      }
      answered[operation] = min(answered[operation] ?? .max, answeredAt)
    }
  }

  /// Cards with more wrong PINs in the journal than were given without an answer.
  private func uncounted(_ untold: [String: Int]) -> [String] {
    var unanswered: [String: Int] = [:]
    for attempt in history.attempts {
      let operation = history.operation(of: attempt)
      switch attempt.outcome {
      case nil, .again?: if operation.givesPIN { unanswered[operation.card, default: 0] += 1 }
      default: break
      }
    }
    return untold.sorted { $0.key < $1.key }.compactMap { card, count in
      let most = unanswered[card] ?? 0
      guard count > most else { return nil }
      return "\(card): \(count) wrong PINs counted that nobody was told of, \(most) can be"
    }
  }

  /// An attempt as problems name it.
  func describe(_ attempt: History.Attempt) -> String {
    let operation = history.operation(of: attempt)
    return "\(operation.key) \(operation.card) \(operation.request) by process \(attempt.life)"
  }
}

// MARK: What the replay is given

extension Audit {
  /// The journal with the operations its entries carry out and the cards they concern.
  private func steps() -> [Replay.Step] {
    var cards: [String: String] = [:]
    var operations: [Int: Int] = [:]
    for (operation, place) in places {
      operations[place] = operation
      if let account = journal[place].account, !history.operations[operation].card.isEmpty {
        cards[account] = history.operations[operation].card
      }
    }
    var shown: [Int: [Standing]] = [:]
    for attempt in history.attempts {
      guard case .done(let done)? = attempt.outcome, let standing = done.standing,
        let place = places[attempt.operation]
      else { continue }
      shown[place, default: []].append(standing)
    }
    return journal.enumerated().map { place, entry in
      Replay.Step(
        entry: entry, card: entry.account.flatMap { cards[$0] },
        operation: operations[place].map { history.operations[$0] },
        shown: shown[place] ?? [])
    }
  }

  /// What was refused and read, with the moments of the journal at which it can have been; and
  /// whether what was carried out was so at such a moment.
  private mutating func questions() -> [Question] {
    let windows = Windows(history: history, journal: journal, places: places)
    var questions: [Question] = []
    for (index, attempt) in history.attempts.enumerated() {
      guard let outcome = attempt.outcome else { continue }
      let window = windows.window(of: index)
      let operation = history.operation(of: attempt)
      let asked: Question.Asked
      switch outcome {
      case .done(let done):
        guard let place = places[attempt.operation] else { continue }
        let seq = journal[place].seq
        if seq > window.upperBound || (!done.isReplayed && seq <= window.lowerBound) {
          problems.append("\(describe(attempt)): entry \(seq) is out of order, not in \(window)")
        }
        continue
      case .again, .unexpected: continue
      case .refused(let refusal): asked = .refused(operation.request, refusal)
      case .standing(let standing): asked = .standing(standing)
      case .books(let books): asked = .books(books)
      }
      questions.append(
        Question(card: operation.card, asked: asked, window: window, name: describe(attempt)))
    }
    return questions
  }
}
