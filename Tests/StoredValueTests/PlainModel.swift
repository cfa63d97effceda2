// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A second, plainer account of spec/stored-value.md, bonus.md and pin.md.
///
/// It shares no code with the engine. Where the engine keeps sums it adds up all there ever was,
/// where the engine sorts it searches, and it knows neither entries nor postings. Requests are
/// named by their number: the n-th one that was accepted.
struct PlainModel {
  struct Lot {
    var topUp: Int
    var isBonus: Bool
    var granted: Int
    var left: Int
    var lapsed = 0
    var release: Int?
    var ends: Int?
    var rule: String?
    var state = "good"
    /// The number of the request that credited it.
    var credited: Int?
  }

  struct Hold {
    var request: Int
    var parts: [(lot: Int, amount: Int)]
    var ends: Int
    var isOver = false
  }

  /// What an accepted request did, as far as a later one may ask.
  struct Request {
    var kind: String
    var card: Int
    var amount = 0
    /// What a debit took of each lot, and how much of that came back.
    var parts: [(lot: Int, amount: Int, back: Int)] = []
    var isReversed = false
    var isRefunded = false
    var day = 0
    var store: String?
  }

  struct Card {
    var number: String
    var status = "active"
    var isRegistered: Bool
    var level: String?
    var openedOn: Int
    var lots: [Lot] = []
    var holds: [Hold] = []
    var hasPIN: Bool
    var failures = 0
    /// When the PIN's lock ends; the largest number when only a reset ends it.
    var lock: Int?
    var probed: Set<Int> = []
  }

  var rules = PlainRules()
  /// Milliseconds since 1970.
  var now: Int
  var store: String?
  var cards: [Card] = []
  var requests: [Request] = []
  private var numbers: Set<String> = []
  /// What closed cards paid out.
  var payouts: [Int] = []

  init(now: Int) { self.now = now }

  /// Days since 1970 in Shanghai.
  var day: Int { (now + 8 * 3_600_000) / 86_400_000 }

  /// The first millisecond of that day in Shanghai.
  func start(of day: Int) -> Int { day * 86_400_000 - 8 * 3_600_000 }

  mutating func take(number: String) -> Bool { numbers.insert(number).inserted }

  func isTaken(number: String) -> Bool { numbers.contains(number) }

  // MARK: - Reading

  func held(_ card: Int, lot: Int? = nil) -> Int {
    var sum = 0
    for hold in cards[card].holds where !hold.isOver && hold.ends > now {
      for part in hold.parts where lot == nil || part.lot == lot { sum += part.amount }
    }
    return sum
  }

  func balance(_ card: Int, bonus: Bool) -> Int {
    var sum = 0
    for lot in cards[card].lots where lot.isBonus == bonus && lot.state == "good" {
      sum += lot.left
    }
    return sum
  }

  func pending(_ card: Int) -> Int {
    var sum = 0
    for lot in cards[card].lots where lot.state == "pending" { sum += lot.left }
    return sum
  }

  /// All debits and captures of the card, less what came back, on one day or ever.
  func spent(_ card: Int, on day: Int? = nil) -> Int {
    var sum = 0
    for request in requests where request.card == card && (day == nil || request.day == day) {
      for part in request.parts { sum += part.amount - part.back }
    }
    return sum
  }

  /// What one debit may take of one lot now.
  func usable(_ card: Int, _ index: Int) -> Int {
    let lot = cards[card].lots[index]
    guard lot.state == "good" else { return 0 }
    if let ends = lot.ends, ends <= now { return 0 }
    let free = lot.left - held(card, lot: index)
    return min(free, lot.release ?? free)
  }

  func usable(_ card: Int, bonus: Bool) -> Int {
    var sum = 0
    for index in cards[card].lots.indices where cards[card].lots[index].isBonus == bonus {
      sum += usable(card, index)
    }
    return sum
  }

  /// Cap and use of the first day; nil on every other.
  func firstDay(_ card: Int) -> (cap: Int, spent: Int)? {
    guard let rate = rules.cap, cards[card].openedOn == day else { return nil }
    var base = 0
    var earliest = Int.max
    for lot in cards[card].lots where lot.state == "good" && !lot.isBonus {
      if let credited = lot.credited, credited < earliest {
        (earliest, base) = (credited, lot.granted)
      }
    }
    return (base * rate / 10_000, spent(card) + held(card))
  }

  /// The first refusal that a debit of this amount meets, PIN and status aside.
  func refusal(_ card: Int, _ amount: Int) -> String? {
    if let most = rules.debitMaximum, amount > most { return "limit_exceeded" }
    if let most = rules.dailyMaximum, spent(card, on: day) + held(card) + amount > most {
      return "limit_exceeded"
    }
    if let (cap, spent) = firstDay(card), spent + amount > cap { return "first_day_limit" }
    if amount > usable(card, bonus: false) + usable(card, bonus: true) {
      return "insufficient_funds"
    }
    return nil
  }

  /// The largest amount that meets no refusal: halved down to, because a smaller debit is never
  /// refused where a larger one is not.
  func spendable(_ card: Int) -> Int {
    guard cards[card].status == "active" else { return 0 }
    var low = 0
    var high = usable(card, bonus: false) + usable(card, bonus: true)
    while low < high {
      let middle = (low + high + 1) / 2
      if refusal(card, middle) == nil { low = middle } else { high = middle - 1 }
    }
    return low
  }

  func isLocked(_ card: Int) -> Bool { cards[card].lock.map { $0 > now } ?? false }

  func attemptsLeft(_ card: Int) -> Int {
    if isLocked(card) { return 0 }
    return max(0, rules.maximumAttempts - (cards[card].lock == nil ? cards[card].failures : 0))
  }

  // MARK: - What time does

  /// Takes away what has expired and no hold keeps.
  mutating func lapse() {
    for card in cards.indices {
      for index in cards[card].lots.indices {
        let lot = cards[card].lots[index]
        guard lot.state == "good", let ends = lot.ends, ends <= now else { continue }
        let free = lot.left - held(card, lot: index)
        cards[card].lots[index].left -= free
        cards[card].lots[index].lapsed += free
      }
    }
  }

  // MARK: - The PIN

  /// "right", "wrong" or nil for none; `amount` is nil where the PIN is what it is all about.
  mutating func checkPIN(_ card: Int, amount: Int?, given: String?) -> String? {
    if given == nil, let amount {
      if amount <= rules.pinFreeLimit { return nil }
      if cards[card].hasPIN { return "pin_required" }
      return rules.pinRequired ? "pin_not_set" : nil
    }
    if !cards[card].hasPIN { return "pin_not_set" }
    if isLocked(card) { return "pin_locked" }
    if given != "wrong" {
      forgetFailures(card)
      return nil
    }
    countFailure(card)
    return "pin_incorrect"
  }

  mutating func countFailure(_ card: Int) {
    if cards[card].lock != nil { forgetFailures(card) }
    cards[card].failures += 1
    if cards[card].failures >= rules.maximumAttempts {
      cards[card].lock = rules.lockSeconds.map { now + $0 * 1000 } ?? .max
    }
  }

  mutating func forgetFailures(_ card: Int) {
    cards[card].failures = 0
    cards[card].lock = nil
    cards[card].probed = []
  }

  // MARK: - Taking and giving back

  /// What a debit takes, lot by lot: always the one that ends first, then the one that came first.
  func parts(_ card: Int, _ amount: Int) -> [(lot: Int, amount: Int)] {
    let bonus = usable(card, bonus: true)
    let principal = usable(card, bonus: false)
    switch rules.order {
    case "bonus_first":
      let first = min(bonus, amount)
      return pick(card, first, bonus: true) + pick(card, amount - first, bonus: false)
    case "principal_first":
      let first = min(principal, amount)
      return pick(card, first, bonus: false) + pick(card, amount - first, bonus: true)
    default:
      let first = amount * bonus / (bonus + principal)
      return pick(card, first, bonus: true) + pick(card, amount - first, bonus: false)
    }
  }

  private func pick(_ card: Int, _ amount: Int, bonus: Bool) -> [(lot: Int, amount: Int)] {
    var parts: [(lot: Int, amount: Int)] = []
    var left = amount
    while left > 0 {
      var best: Int?
      for index in cards[card].lots.indices {
        guard cards[card].lots[index].isBonus == bonus, usable(card, index) > 0 else { continue }
        if parts.contains(where: { $0.lot == index }) { continue }
        let ends = cards[card].lots[index].ends ?? .max
        if let found = best, ends >= cards[card].lots[found].ends ?? .max { continue }
        best = index
      }
      guard let best else { return [] }
      let taken = min(left, usable(card, best))
      parts.append((best, taken))
      left -= taken
    }
    return parts
  }
}
