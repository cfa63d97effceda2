// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds

/// Makes up what the tills of a shop ask for, from a seed and from what was answered.
struct Traffic {
  private struct Card {
    let number: String
    var pin: String?
  }

  /// Something an answer named and a later request can name in turn.
  private struct Named {
    let card: String
    let id: String
    let amount: Int64
  }

  private var random: SplitMix64
  private let cardLimit: Int
  private let tag: String
  private var lastKey = 0
  private var lastCard = 0
  private var cards: [Card] = []
  private var sales: [Named] = []
  private var topUps: [Named] = []
  private var holds: [Named] = []
  /// Frozen cards as far as is known, to thaw them again.
  private var frozen: Set<String> = []

  /// Traffic over at most so many cards; keys and cards carry the tag.
  init(seed: UInt64, cards: Int, tag: String) {
    random = SplitMix64(seed: seed)
    cardLimit = cards
    self.tag = tag
  }

  mutating func next() -> Operation {
    lastKey += 1
    let key = "\(tag)-\(lastKey)"
    let isScarce = cards.count * 2 < lastCard || cards.isEmpty
    if lastCard < cardLimit, isScarce ? lastCard < 4 : random.once(in: 4) {
      return open(key)
    }
    guard let card = cards.randomElement(using: &random) else {
      return Operation(card: "", request: .trialBalance, key: key)
    }
    return draw(card, key)
  }

  private mutating func open(_ key: String) -> Operation {
    lastCard += 1
    let pin = random.once(in: 3) ? freshPIN() : nil
    let topUp = random.once(in: 4) ? nil : Int64.random(in: 1000...30_000, using: &random)
    return Operation(
      card: "\(tag)-card-\(lastCard)", request: .open(pin: pin, topUp: topUp), key: key)
  }

  private mutating func freshPIN() -> String {
    String(String(10_000 + random.below(10_000)).dropFirst())
  }

  private mutating func draw(_ card: Card, _ key: String) -> Operation {
    let amount = Int64.random(in: 1...5000, using: &random)
    let pin = offeredPIN(card)
    switch random.below(100) {
    case 0..<15:
      return ask(card, .topUp(Int64.random(in: 1000...20_000, using: &random)), key)
    case 15..<50: return ask(card, .debit(amount, pin: pin), key)
    case 50..<58: return ask(card, .authorize(amount, pin: pin), key)
    case 58..<64:
      guard let hold = recent(holds) else { break }
      let part = random.once(in: 2) ? nil : Int64.random(in: 1...hold.amount, using: &random)
      return Operation(card: hold.card, request: .capture(hold: hold.id, part), key: key)
    case 64..<68:
      guard let hold = recent(holds) else { break }
      return Operation(card: hold.card, request: .release(hold: hold.id), key: key)
    case 68..<75:
      guard let sale = recent(sales) else { break }
      let part = random.once(in: 3) ? nil : Int64.random(in: 1...sale.amount, using: &random)
      return Operation(card: sale.card, request: .refund(entry: sale.id, part), key: key)
    case 75..<81:
      guard let entry = recent(random.once(in: 2) ? sales : topUps) else { break }
      return Operation(card: entry.card, request: .reverse(entry: entry.id), key: key)
    case 81..<84:
      if let cold = frozen.randomElement(using: &random), !random.once(in: 4) {
        return Operation(card: cold, request: .unfreeze, key: key)
      }
      return ask(card, .freeze, key)
    case 84..<87: return ask(card, .verifyPIN(pin ?? "0000"), key)
    case 87..<90: return ask(card, .resetPIN(freshPIN()), key)
    case 90..<98: return ask(card, .account, key)
    default: return Operation(card: "", request: .trialBalance, key: key)
    }
    return ask(card, .topUp(amount), key)
  }

  private func ask(_ card: Card, _ request: Request, _ key: String) -> Operation {
    Operation(card: card.number, request: request, key: key)
  }

  /// The right PIN mostly; else none, or a wrong one, or one for a card that has none.
  private mutating func offeredPIN(_ card: Card) -> String? {
    if random.once(in: 8) { return freshPIN() }
    return random.once(in: 20) ? nil : card.pin
  }

  /// Mostly of the latest, so that requests meet.
  private mutating func recent(_ all: [Named]) -> Named? {
    guard !all.isEmpty else { return nil }
    return all.suffix(random.once(in: 4) ? all.count : 24).randomElement(using: &random)
  }

  /// Takes note of what became of a request.
  mutating func learn(_ operation: Operation, _ outcome: Outcome) {
    guard case .done(let done) = outcome, !done.isReplayed || isNew(done, operation) else { return }
    let card = operation.card
    let amount = done.movement?.amount ?? 0
    let named = done.entry.map { Named(card: card, id: $0, amount: amount) }
    switch operation.request {
    case .open(let pin, let topUp):
      if !cards.contains(where: { $0.number == card }) {
        cards.append(Card(number: card, pin: pin))
      }
      if topUp != nil, let named { topUps.append(named) }
    case .topUp: if let named { topUps.append(named) }
    case .debit, .capture: if let named { sales.append(named) }
    case .authorize:
      if let hold = done.hold { holds.append(Named(card: card, id: hold, amount: amount)) }
    case .freeze: frozen.insert(card)
    case .unfreeze: frozen.remove(card)
    case .resetPIN(let pin):
      if let index = cards.firstIndex(where: { $0.number == card }) { cards[index].pin = pin }
    default: break
    }
  }

  /// Whether a repetition tells something that was not known: its first answer was lost.
  private func isNew(_ done: Outcome.Done, _ operation: Operation) -> Bool {
    if case .open = operation.request { return true }
    return false
  }
}
