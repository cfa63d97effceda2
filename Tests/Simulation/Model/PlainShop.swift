// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A second, plainer account of the contract: what a shop's ledger answers to each request.
///
/// Written from the contract and spec/ only; it shares nothing with the engine but the wire. Where
/// the engine keeps sums it adds up all there ever was, where the engine sorts it searches, and it
/// knows no postings. Things are named by their place in the lists here; `Names` learns their ids.
struct PlainShop: Sendable {
  struct Lot: Sendable {
    /// The entry of its top-up, and which lot of it this is: 0 is the principal.
    var topUp: Int
    var index: Int
    var granted: Int
    var left: Int
    var lapsed = 0
    var release: Int?
    var ends: Int?
    var rule: String?
    /// `good`, `pending` or `gone`.
    var state = "good"
    /// The entry that credited it.
    var credited: Int?

    var isBonus: Bool { index > 0 }
    var name: String { "lot:\(topUp):\(index)" }
  }

  struct Part: Sendable {
    var lot: Int
    var amount: Int
    /// What of it was given back.
    var back = 0
  }

  struct Card: Sendable {
    var number: String
    var status = "active"
    var registered: Bool
    var holder: Plain
    var level: String?
    var openedAt: Int
    var openedOn: Int
    var lots: [Lot] = []
    /// Entries of authorizations that may still be live.
    var holds: [Int] = []
    /// Entries that took value as a sale.
    var sales: [Int] = []
    /// All its entries.
    var entries: [Int] = []
    var pin: String?
    var failures = 0
    /// When the PIN's lock ends; the largest number when only a reset ends it.
    var lock: Int?
    /// Entries whose requests were repeated with a wrong PIN.
    var probed: Set<Int> = []
  }

  struct Entry: Sendable {
    var kind: String
    var card: Int?
    var amount = 0
    var principal = 0
    var bonus = 0
    var at: Int
    var day: Int
    var who: [String: Plain]
    var reason: Plain
    var tender: String?
    /// The authorization that the entry is about.
    var hold: Int?
    var links: [String: Plain] = [:]
    var version: Int
    var key: String?
    /// What it took, or sets aside, of each lot in order.
    var parts: [Part] = []
    /// When the hold it placed ends by itself.
    var holdEnds = 0
    /// How it ended: `reversed`, `bounced`, `cleared`, `captured`, `released`.
    var fate: String?
    /// Whether anything of it was refunded.
    var isRefunded = false

    var isSale: Bool { kind == "debit" || kind == "capture" || kind == "checkout" }
  }

  /// What a key was used for.
  struct Use: Sendable {
    var request: PlainRequest
    var answer: Plain
    var card: Int?
    /// The entry that answers, whose id a conflict names.
    var entry: Int
  }

  /// Milliseconds since 1970.
  var now: Int
  /// Minutes after midnight at which a business date begins.
  let dayStart: Int
  var rules = PlainRules()
  var version = 0
  var cards: [Card] = []
  /// Every number that was ever given out.
  var numbers: Set<String> = []
  var entries: [Entry] = []
  var uses: [String: Use] = [:]
  var blocked: Set<String> = []
  var till = PlainTill()
  /// What was paid in and what was paid out, and how each closed card was settled.
  var cashIn = 0
  var payouts: [(paid: Int, by: String, principal: Int)] = []

  init(now: Int, dayStart: Int) {
    self.now = now
    self.dayStart = dayStart
  }

  // MARK: Time

  /// The business date, as days since 1970: Shanghai's, from the day start on.
  var day: Int { (now + 8 * 3_600_000 - dayStart * 60_000) / 86_400_000 }

  /// The first millisecond of that business date.
  func start(of day: Int) -> Int { day * 86_400_000 - 8 * 3_600_000 + dayStart * 60_000 }

  // MARK: Reading

  func isLive(_ hold: Int) -> Bool { entries[hold].fate == nil && entries[hold].holdEnds > now }

  func held(_ card: Int, lot: Int? = nil) -> Int {
    var sum = 0
    for hold in cards[card].holds where isLive(hold) {
      for part in entries[hold].parts where lot == nil || part.lot == lot { sum += part.amount }
    }
    return sum
  }

  /// What is on the card: `good` value of one kind, or what is pending.
  func balance(_ card: Int, bonus: Bool, state: String = "good") -> Int {
    var sum = 0
    for lot in cards[card].lots where lot.isBonus == bonus && lot.state == state {
      sum += lot.left
    }
    return sum
  }

  /// All sales of the card less what came back of them, of one day or ever.
  func spent(_ card: Int, on day: Int? = nil) -> Int {
    var sum = 0
    for sale in cards[card].sales where day == nil || entries[sale].day == day {
      for part in entries[sale].parts { sum += part.amount - part.back }
    }
    return sum
  }

  /// What one debit may take of one lot now.
  func usable(_ card: Int, _ index: Int) -> Int {
    let lot = cards[card].lots[index]
    if lot.state != "good" || lot.left == 0 { return 0 }
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

  // MARK: What time does

  /// Takes away what has expired and no hold keeps.
  mutating func lapse() {
    for card in cards.indices {
      for index in cards[card].lots.indices {
        let lot = cards[card].lots[index]
        guard lot.state == "good", lot.left > 0, let ends = lot.ends, ends <= now else { continue }
        let free = lot.left - held(card, lot: index)
        cards[card].lots[index].left -= free
        cards[card].lots[index].lapsed += free
      }
    }
  }

  // MARK: Entries

  func newEntry(_ kind: String, _ card: Int?, _ request: PlainRequest) -> Entry {
    var who: [String: Plain] = [:]
    for member in ["store_id", "terminal_id", "operator_id"] {
      who[member] = request.params[member] ?? .null
    }
    return Entry(
      kind: kind, card: card, at: now, day: day, who: who,
      reason: request.params["reason"] ?? .null, version: version, key: request.key)
  }

  /// Records it; answers its number.
  @discardableResult mutating func record(_ entry: Entry) -> Int {
    entries.append(entry)
    if let card = entry.card {
      cards[card].entries.append(entries.count - 1)
      if entry.isSale { cards[card].sales.append(entries.count - 1) }
      if entry.kind == "authorize" { cards[card].holds.append(entries.count - 1) }
    }
    return entries.count - 1
  }

  /// The account of a request, named by exactly one of `account_id` and `card_no`.
  func card(_ request: PlainRequest) throws(PlainRefusal) -> Int {
    if let number = request.params["card_no"]?.text {
      guard let found = cards.firstIndex(where: { $0.number == number }) else {
        throw PlainRefusal("not_found", "/card_no")
      }
      return found
    }
    guard let name = request.params["account_id"]?.name, name.hasPrefix("account:"),
      let number = Int(name.dropFirst(8)), cards.indices.contains(number)
    else { throw PlainRefusal("not_found", "/account_id") }
    return number
  }

  /// The entry that a member names, with its card.
  func original(
    _ request: PlainRequest, _ member: String, ofNone: String
  ) throws(PlainRefusal) -> (entry: Int, card: Int) {
    guard let name = request.params[member]?.name,
      let number = Self.number(name), entries.indices.contains(number)
    else { throw PlainRefusal("not_found", "/" + member) }
    guard let card = entries[number].card else { throw PlainRefusal(ofNone, "/" + member) }
    return (number, card)
  }

  /// The number behind `entry:` or `hold:`.
  static func number(_ name: String) -> Int? {
    guard let colon = name.firstIndex(of: ":") else { return nil }
    return Int(name[name.index(after: colon)...])
  }

  /// Refuses a card whose status does not serve; `onlyClosed` lets all but closed ones pass.
  func judgeStatus(_ card: Int, onlyClosed: Bool = false) throws(PlainRefusal) {
    let status = cards[card].status
    if status == "active" || (onlyClosed && status != "closed") { return }
    throw PlainRefusal("account_" + status)
  }
}
