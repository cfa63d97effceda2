// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

public import LedgerCore

/// The folded state of one card: everything its entries have made of it.
///
/// Changes only through `apply`. A value: a decision works on its own copy, which costs no more
/// than a reference until it is changed.
public struct Account: Hashable, Sendable {
  /// What is copied when an account that is shared changes.
  struct Fields: Hashable, Sendable {
    let id: AccountID
    var cardNumber: CardNumber
    var status: AccountStatus
    let registered: Bool
    let level: String?
    let holderDigest: [UInt8]?
    let openedAt: Instant
    let openedOn: BusinessDate
    var lots: [Lot] = []
    var holds: [Change.Hold] = []
    var pin = PINState()
    var used = Amount.zero
    var day: DaySpend?
    var lastEntry: EntryID
  }

  /// `@unchecked Sendable`: its fields change only while one account alone refers to it.
  private final class Body: @unchecked Sendable {
    // One account's, and so guarded by the exclusive access to that.
    @exclusivity(unchecked) var fields: Fields

    init(_ fields: Fields) { self.fields = fields }
  }

  private var body: Body

  var fields: Fields {
    get { body.fields }
    _modify {
      if !isKnownUniquelyReferenced(&body) { body = Body(body.fields) }
      yield &body.fields
    }
  }

  init(_ fields: Fields) { body = Body(fields) }

  package struct DaySpend: Hashable, Sendable {
    package let date: BusinessDate
    package internal(set) var spent: Int64
  }

  init(_ opening: Change.Opening, id: AccountID, entry: EntryStamp) {
    self.init(
      Fields(
        id: id, cardNumber: opening.cardNumber, status: .active, registered: opening.registered,
        level: opening.level, holderDigest: opening.holderDigest, openedAt: entry.at,
        openedOn: entry.date, lastEntry: .none))
  }

  /// By content.
  public static func == (left: Account, right: Account) -> Bool {
    left.body === right.body || left.body.fields == right.body.fields
  }

  /// By content.
  public func hash(into hasher: inout Hasher) { body.fields.hash(into: &hasher) }
}

extension Account {
  /// Its name for life.
  public var id: AccountID { body.fields.id }
  /// The number of the card that it has now.
  public internal(set) var cardNumber: CardNumber {
    get { body.fields.cardNumber }
    _modify { yield &fields.cardNumber }
  }
  /// Where the card stands in its life.
  public internal(set) var status: AccountStatus {
    get { body.fields.status }
    _modify { yield &fields.status }
  }
  /// Whether the card is in its holder's name.
  public var registered: Bool { body.fields.registered }
  /// The level that the shop gave its holder; nil for none.
  public var level: String? { body.fields.level }
  package var holderDigest: [UInt8]? { body.fields.holderDigest }
  /// When it was opened.
  public var openedAt: Instant { body.fields.openedAt }
  /// The business date on which it was opened.
  public var openedOn: BusinessDate { body.fields.openedOn }
  /// In the order they were granted.
  package internal(set) var lots: [Lot] {
    get { body.fields.lots }
    _modify { yield &fields.lots }
  }
  package internal(set) var holds: [Change.Hold] {
    get { body.fields.holds }
    _modify { yield &fields.holds }
  }
  package internal(set) var pin: PINState {
    get { body.fields.pin }
    _modify { yield &fields.pin }
  }
  /// The encoded verifier of its PIN; nil while it has none.
  package var pinVerifier: [UInt8]? { body.fields.pin.verifier }
  /// The lock of its PIN that is in force at this moment.
  package func pinLock(at now: Instant) -> PINLock? { body.fields.pin.lock(at: now) }
  /// Debits and captures less what was given back, over the whole life.
  package internal(set) var used: Amount {
    get { body.fields.used }
    _modify { yield &fields.used }
  }
  /// What counts against the daily limit of the date it names.
  package internal(set) var day: DaySpend? {
    get { body.fields.day }
    _modify { yield &fields.day }
  }
  /// The last entry folded in; applying an earlier one again does nothing.
  package internal(set) var lastEntry: EntryID {
    get { body.fields.lastEntry }
    _modify { yield &fields.lastEntry }
  }
}

extension Account {
  package func lot(_ id: LotID) -> Lot? { lots.first { $0.id == id } }

  /// Of which kind a lot is; nil where there is no such lot.
  package func kind(of id: LotID) -> LotKind? {
    let lots = body.fields.lots
    // By index, here and where else a debit goes through lots: an element handed out is copied.
    for index in lots.indices where lots[index].id == id { return lots[index].kind }
    return nil
  }

  /// The holds that have not run out; an expired one frees its value by itself.
  package func liveHolds(at now: Instant) -> [Change.Hold] { holds.filter { $0.expiresAt > now } }

  package func liveHold(_ id: HoldID, at now: Instant) -> Change.Hold? {
    holds.first { $0.id == id && $0.expiresAt > now }
  }

  /// All value set aside at this moment.
  package func held(at now: Instant) -> Amount {
    guard !holds.isEmpty else { return .zero }
    return holds.reduce(into: Amount.zero) { sum, hold in
      if hold.expiresAt > now { sum += hold.amount }
    }
  }

  /// What live holds have set aside of one lot.
  package func held(of lot: LotID, at now: Instant) -> Amount {
    guard !holds.isEmpty else { return .zero }
    var sum = Amount.zero
    for hold in holds where hold.expiresAt > now {
      for part in hold.parts where part.lot == lot { sum += part.amount }
    }
    return sum
  }

  /// What counts against the daily limit on `date`, without holds.
  package func spent(on date: BusinessDate) -> Amount {
    guard let day, day.date == date, day.spent > 0 else { return .zero }
    return Amount(day.spent)
  }

  /// Principal of all credited top-ups that still stand.
  package var paid: Amount { granted(.principal) }

  /// Bonus of all credited top-ups that still stand, what has lapsed included.
  package var bonusGranted: Amount { granted(.bonus) }

  private func granted(_ kind: LotKind) -> Amount {
    lots.reduce(into: Amount.zero) { sum, lot in
      if lot.stands, lot.kind == kind { sum += lot.granted }
    }
  }

  /// The principal of the first top-up credited that still stands; zero before there is one.
  package var firstDayBase: Amount {
    var first: Lot?
    for lot in lots where lot.stands && lot.kind == .principal {
      if let credited = lot.creditedBy, first?.creditedBy.map({ credited < $0 }) ?? true {
        first = lot
      }
    }
    return first?.granted ?? .zero
  }
}
