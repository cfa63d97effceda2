// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One line of the journal: what happened, who asked, what it changed and how the card stood after.
///
/// Once durable it is never changed. It carries what its own answer needs, so a repeated request
/// is answered as at first whatever has happened since, and an auditor reads one row alone.
///
/// A class, because it never changes and goes through many hands: to pass it on is one reference,
/// not the thirty that its parts are.
package final class Entry: Sendable {
  package let id: EntryID
  package let at: Instant
  package let date: BusinessDate
  package let kind: EntryKind
  package let account: AccountID?
  /// The account's entry before this one; `.none` for its first, and where there is no account.
  package let previous: EntryID
  /// The version of the program it was judged by; 0 before the first `program.set`.
  package let programVersion: Int64
  package let origin: Origin
  package let reason: String?
  package let tender: String?
  package let asset: Asset
  /// Never negative; what each kind means by it stands in spec/stored-value.md.
  package let amount: Amount
  package let principal: Amount
  package let bonus: Amount
  package let links: [Link]
  /// The hold it placed or ended.
  package let hold: HoldID?
  package let changes: [Change]
  /// Sum to zero (INV-1).
  package let postings: [Posting]
  /// How the account stood once this entry was applied; nil when no account is concerned.
  package let after: AccountSnapshot?
  /// The request it answers; nil for entries that accompany another or stem from a refused one.
  package let request: RequestRecord?
  /// The hash of the key of that request, for those who ask for no more.
  package let keyHash: UInt64?

  package init(
    id: EntryID, at: Instant, date: BusinessDate, kind: EntryKind, account: AccountID?,
    previous: EntryID = .none, programVersion: Int64, origin: Origin = Origin(),
    reason: String? = nil,
    tender: String? = nil, asset: Asset = .money, amount: Amount = .zero,
    principal: Amount = .zero, bonus: Amount = .zero, links: [Link] = [], hold: HoldID? = nil,
    changes: [Change], postings: [Posting] = [], after: AccountSnapshot?, request: RequestRecord?
  ) {
    self.id = id
    self.at = at
    self.date = date
    self.kind = kind
    self.account = account
    self.previous = previous
    self.programVersion = programVersion
    self.origin = origin
    self.reason = reason
    self.tender = tender
    self.asset = asset
    self.amount = amount
    self.principal = principal
    self.bonus = bonus
    self.links = links
    self.hold = hold
    self.changes = changes
    self.postings = postings
    self.after = after
    self.request = request
    keyHash = request?.key.hash
  }

  /// A reference to an earlier entry.
  package struct Link: Hashable, Sendable {
    package let relation: Relation
    package let entry: EntryID

    package init(_ relation: Relation, _ entry: EntryID) {
      self.relation = relation
      self.entry = entry
    }
  }

  /// How an entry refers to an earlier one.
  ///
  /// Raw values stand in the journal, never reused.
  package enum Relation: UInt8, Sendable, CaseIterable {
    case reverses = 1
    case refunds = 2
    case captures = 3
    case releases = 4
    case clears = 5
    case bounces = 6
    /// The top-up that came with an opening, and the opening itself.
    case opens = 7
    case unredeems = 8

    package var name: String {
      switch self {
      case .reverses: "reverses"
      case .refunds: "refunds"
      case .captures: "captures"
      case .releases: "releases"
      case .clears: "clears"
      case .bounces: "bounces"
      case .opens: "opens"
      case .unredeems: "unredeems"
      }
    }
  }

  /// This entry saying more, with how its account stands by that.
  package func adding(_ more: [Change], after: AccountSnapshot?) -> Entry {
    Entry(
      id: id, at: at, date: date, kind: kind, account: account, previous: previous,
      programVersion: programVersion, origin: origin, reason: reason, tender: tender, asset: asset,
      amount: amount, principal: principal, bonus: bonus, links: links, hold: hold,
      changes: changes + more, postings: postings, after: after, request: request)
  }

  /// Whether the postings sum to zero (INV-1).
  package var isBalanced: Bool {
    var sum: Int128 = 0
    for index in postings.indices { sum += Int128(postings[index].amount) }
    return sum == 0
  }

  /// Whether it answers a request.
  package var isAnswer: Bool { keyHash != nil }

  /// The key of the request it answers.
  package var key: IdempotencyKey? { request?.key }

  /// Whether it says something of an alert.
  package var tellsOfAlerts: Bool {
    for index in changes.indices where changes[index].isOfAlert { return true }
    return false
  }

  /// The entry this one refers to in that relation.
  package func linked(_ relation: Relation) -> EntryID? {
    links.first { $0.relation == relation }?.entry
  }

  /// What a debit or capture took from each lot, in the order it took it.
  package var consumption: [Change.Part] {
    changes.compactMap { change in
      if case .lotTaken(let lot, let amount) = change {
        Change.Part(lot: lot, amount: amount)
      } else {
        nil
      }
    }
  }

  /// The bonus lots it granted.
  package var bonusGrants: [Change.Grant] {
    changes.compactMap { change in
      if case .lotGranted(let grant) = change, grant.kind == .bonus { grant } else { nil }
    }
  }
}

extension Entry: Hashable {
  /// By content; two entries of one id differ where a journal was changed.
  package static func == (left: Entry, right: Entry) -> Bool {
    left === right
      || left.id == right.id && left.at == right.at && left.date == right.date
        && left.kind == right.kind && left.account == right.account
        && left.previous == right.previous && left.programVersion == right.programVersion
        && left.origin == right.origin && left.reason == right.reason
        && left.tender == right.tender && left.asset == right.asset
        && left.amount == right.amount && left.principal == right.principal
        && left.bonus == right.bonus && left.links == right.links && left.hold == right.hold
        && left.changes == right.changes && left.postings == right.postings
        && left.after == right.after && left.request == right.request
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(id)
    hasher.combine(changes)
    hasher.combine(after)
  }
}
