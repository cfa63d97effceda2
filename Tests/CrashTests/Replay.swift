// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Plays the journal on the model, and asks at every moment what was refused and read then.
struct Replay {
  /// An entry with what it carries out.
  struct Step {
    let entry: ListedEntry
    let card: String?
    /// Nil for entries that accompany another or count a PIN.
    let operation: Operation?
    /// How answers showed the card after it.
    let shown: [Standing]
  }

  private struct Card {
    var model = CardModel()
    /// The number of its last entry: it has stood so since.
    var since: Int64 = 0
    /// In reverse order of the beginning of their windows.
    var waiting: [Question] = []
    var active: [Question] = []
    /// Counted wrong PINs that no answer told of.
    var untold = 0
  }

  private let rules: Rules
  private var cards: [String: Card] = [:]
  private var bookQuestions: [Question] = []
  /// The books after each entry, and before the first.
  private(set) var books = [Books()]
  private(set) var problems: [String] = []

  init(rules: Rules, _ questions: [Question]) {
    self.rules = rules
    for question in questions.sorted(by: { $0.window.lowerBound > $1.window.lowerBound }) {
      if case .books = question.asked {
        bookQuestions.append(question)
      } else {
        cards[question.card, default: Card()].waiting.append(question)
      }
    }
  }

  mutating func run(_ steps: [Step], _ each: (borrowing Replay) -> Void = { _ in }) {
    for (index, step) in steps.enumerated() {
      play(step, next: index + 1 < steps.count ? steps[index + 1] : nil)
      // The rest would only be consequences.
      if problems.count >= 20 { return }
      each(self)
    }
    for card in cards.keys.sorted() { end(card) }
    for step in steps { checkStatus(step) }
    for question in bookQuestions { check(question) }
  }

  /// How the cards stand after the last entry played.
  var standings: [String: Standing] {
    cards.filter(\.value.model.exists).mapValues(\.model.standing)
  }

  private mutating func play(_ step: Step, next: Step?) {
    let entry = step.entry
    var movement = Movement(kind: entry.movement.kind)
    if let operation = step.operation {
      if case .setProgram = operation.request {
        expect(entry, "program_set", step)
      } else {
        movement = carryOut(operation, step) ?? movement
      }
    } else {
      accompany(step, next)
    }
    var after = books[books.count - 1]
    after.post(movement)
    books.append(after)
  }

  private mutating func carryOut(_ operation: Operation, _ step: Step) -> Movement? {
    let entry = step.entry
    var card = cards[operation.card, default: Card()]
    settle(&card, before: entry.seq, failure: nil)
    defer { cards[operation.card] = card }
    if step.card != operation.card {
      problems.append("entry \(entry.seq) of \(operation) is on \(step.card ?? "no card")")
    }
    do {
      let movement = try card.model.carryOut(
        operation.request, entry: entry.id, hold: entry.hold, rules: rules)
      card.since = entry.seq
      var plain = movement
      plain.undoesTopUp = false
      if plain != entry.movement {
        problems.append("entry \(entry.seq) of \(operation) is \(entry.movement), not \(plain)")
      }
      for standing in step.shown where standing != card.model.standing {
        problems.append(
          "entry \(entry.seq) of \(operation) shows \(standing), not \(card.model.standing)")
      }
      return movement
    } catch {
      problems.append("entry \(entry.seq) of \(operation) should be refused: \(error.code)")
      return nil
    }
  }

  /// An entry without a request of its own.
  private mutating func accompany(_ step: Step, _ next: Step?) {
    let entry = step.entry
    guard let name = step.card else {
      problems.append("entry \(entry.seq) is of no card that was opened: \(entry)")
      return
    }
    var card = cards[name, default: Card()]
    defer { cards[name] = card }
    switch entry.movement.kind {
    case "open":
      guard case .open(_, .some)? = next?.operation?.request, next?.card == name else {
        problems.append("entry \(entry.seq) opens \(name) without its top-up behind it")
        return
      }
    case "pin_failed":
      settle(&card, before: entry.seq, failure: entry.seq)
      if card.model.isLocked { problems.append("entry \(entry.seq) counts on a locked card") }
      card.model.failures += 1
      card.since = entry.seq
    case "pin_accepted":
      settle(&card, before: entry.seq, failure: nil)
      if card.model.failures == 0 || card.model.isLocked {
        problems.append("entry \(entry.seq) clears \(card.model.failures) failures")
      }
      card.model.failures = 0
      card.since = entry.seq
    default: problems.append("entry \(entry.seq) answers nobody: \(entry)")
    }
  }

  private mutating func expect(_ entry: ListedEntry, _ kind: String, _ step: Step) {
    if entry.movement != Movement(kind: kind) || step.card != nil {
      problems.append("entry \(entry.seq) is \(entry), not \(kind)")
    }
  }
}

// MARK: What was refused and read

extension Replay {
  /// Answers what can be answered by the card as it has stood until now; `failure` is the entry
  /// that comes next if it counts a wrong PIN.
  private mutating func settle(_ card: inout Card, before seq: Int64, failure: Int64?) {
    while let question = card.waiting.last, question.window.lowerBound < seq {
      card.active.append(question)
      card.waiting.removeLast()
    }
    card.active.removeAll { !$0.tellsWrongPIN && isRight($0, card.model) }
    var told = false
    // One counted attempt, one answer: the one that can wait the least for another.
    let candidates = card.active.indices.filter { index in
      failure != nil && card.active[index].tellsWrongPIN && isRight(card.active[index], card.model)
    }
    if let first = candidates.min(by: {
      card.active[$0].window.upperBound < card.active[$1].window.upperBound
    }) {
      card.active.remove(at: first)
      told = true
    }
    if failure != nil, !told { card.untold += 1 }
    for question in card.active where question.window.upperBound < seq {
      problems.append(wrong(question, card))
    }
    card.active.removeAll { $0.window.upperBound < seq }
  }

  private func isRight(_ question: Question, _ model: CardModel) -> Bool {
    switch question.asked {
    case .standing(let standing): return model.exists && standing == model.standing
    case .books: return false
    case .refused(let request, let refusal):
      switch request {
      case .setProgram, .trialBalance: return false
      case .account: return !model.exists && refusal == Refused("not_found")
      default: break
      }
      var copy = model
      do {
        _ = try copy.carryOut(request, entry: "", hold: "", rules: rules)
        return false
      } catch {
        return error == refusal
      }
    }
  }

  private mutating func end(_ name: String) {
    guard var card = cards[name] else { return }
    settle(&card, before: .max, failure: nil)
    cards[name] = card
  }

  private func wrong(_ question: Question, _ card: Card) -> String {
    "\(question.name): never in \(question.window) right: \(question.asked); "
      + "since \(card.since) the card is \(card.model.standing)"
  }

  private mutating func check(_ question: Question) {
    guard case .books(let read) = question.asked else { return }
    let window = question.window.clamped(to: 0...Int64(books.count - 1))
    if !window.contains(where: { books[Int($0)] == read }) {
      problems.append("\(question.name): read \(read), never so in \(window)")
    }
  }

  /// What the listing says has become of an entry.
  private mutating func checkStatus(_ step: Step) {
    guard let name = step.card, let model = cards[name]?.model else { return }
    let expected = model.status(of: step.entry)
    if step.entry.status != expected {
      problems.append("entry \(step.entry.seq) is \(step.entry.status), not \(expected)")
    }
  }

  /// How many counted wrong PINs nobody was told of, by card.
  var untold: [String: Int] { cards.mapValues(\.untold) }
}

extension CardModel {
  fileprivate func status(of entry: ListedEntry) -> String {
    if let sale = sales[entry.id] {
      if sale.isReversed { return "reversed" }
      if sale.refunded == 0 { return "posted" }
      return sale.refunded < sale.amount ? "partly_refunded" : "refunded"
    }
    if topUps[entry.id] == true { return "reversed" }
    guard entry.movement.kind == "authorize", let hold = entry.hold else { return "posted" }
    return endedHolds[hold] ?? "live"
  }
}
