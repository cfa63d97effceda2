// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The folded state of one issued coupon.
///
/// Changes only through `apply`.
package struct Coupon: Hashable, Sendable {
  package let serial: CouponSerial
  package let campaign: CampaignNumber
  /// The account it was issued to; nil: whoever bears it.
  package let owner: AccountID?
  package let issuedAt: Instant
  /// The first instant at which it is no longer good; nil: it has no end.
  package let end: Instant?
  /// The key that signs its payload.
  package let keyID: UInt8
  /// The top-up that gave it.
  package let topUp: EntryID?
  package internal(set) var state = State.free
  /// The last entry folded in; applying an earlier one again does nothing.
  package internal(set) var lastEntry: EntryID

  package enum State: Hashable, Sendable {
    case free
    /// Free again by itself at exactly this instant.
    case reserved(ReservationID, until: Instant)
    case redeemed(Use)
    case void(at: Instant)
  }

  /// A use of the coupon.
  package struct Use: Hashable, Sendable {
    package let redemption: RedemptionID
    package let at: Instant
    package let date: BusinessDate
    package let store: String?
    package let terminal: String?
    /// Under whom the caps count it.
    package let account: AccountID?
    package let discount: Amount?
    /// Whether it came with a checkout, and so goes back only with it.
    package let inCheckout: Bool
  }

  /// A coupon just issued by `entry`.
  package init(_ serial: CouponSerial, of issue: Change.Issue, by entry: Entry) {
    self.serial = serial
    campaign = issue.campaign
    owner = issue.owner
    issuedAt = entry.at
    end = issue.end
    keyID = issue.keyID
    topUp = issue.topUp
    lastEntry = entry.id
  }

  /// The reservation in force at this moment.
  package func reservation(at now: Instant) -> (id: ReservationID, until: Instant)? {
    if case .reserved(let id, let until) = state, now < until { (id, until) } else { nil }
  }

  /// The use that stands.
  package var use: Use? {
    if case .redeemed(let use) = state { use } else { nil }
  }

  package var isVoid: Bool {
    if case .void = state { true } else { false }
  }

  /// Whether it may still be used some day, as far as its own state tells.
  package var isOpen: Bool {
    switch state {
    case .free, .reserved: true
    case .redeemed, .void: false
    }
  }

  /// Folds in what an entry did to this coupon; an entry folded in before is passed over.
  ///
  /// Throws `MalformedRecord` where a change does not fit: the journal is damaged or was forged.
  package mutating func apply(_ entry: Entry) throws(MalformedRecord) {
    guard entry.id > lastEntry else { return }
    var next = self
    for change in entry.changes where change.coupon == serial { try next.apply(change, of: entry) }
    next.lastEntry = entry.id
    self = next
  }

  private mutating func apply(_ change: Change, of entry: Entry) throws(MalformedRecord) {
    switch (change, state) {
    case (.couponReserved(_, let until), _):
      guard isOpen, reservation(at: entry.at) == nil else {
        throw MalformedRecord("a coupon is reserved that is not free")
      }
      state = .reserved(ReservationID(entry.id), until: until)
    case (.couponReleased, .reserved): state = .free
    case (.couponRedeemed(let redemption), .free), (.couponRedeemed(let redemption), .reserved):
      state = .redeemed(
        Use(
          redemption: RedemptionID(entry.id, index: redemption.index), at: entry.at,
          date: entry.date, store: entry.origin.store, terminal: entry.origin.terminal,
          account: redemption.account, discount: redemption.discount,
          inCheckout: entry.kind == .checkout))
    case (.couponUnredeemed(let undone), .redeemed(let use)) where use.undoing == undone:
      state = .free
    case (.couponVoided, .free), (.couponVoided, .reserved): state = .void(at: entry.at)
    default: throw MalformedRecord("a coupon is not in the state that the entry finds it in")
    }
  }
}

extension Coupon.Use {
  /// What an unredemption says that undoes this use; its coupon and campaign left aside.
  fileprivate struct Undoing: Equatable {
    let redemption: RedemptionID
    let account: AccountID?
    let discount: Amount?
    let date: BusinessDate

    static func == (left: Undoing, right: Change.Unredemption) -> Bool {
      left.redemption == right.redemption && left.account == right.account
        && left.discount == right.discount && left.date == right.date
    }
  }

  fileprivate var undoing: Undoing {
    Undoing(redemption: redemption, account: account, discount: discount, date: date)
  }
}

extension Change {
  /// The one coupon whose state the change concerns; an issue makes many and has none.
  package var coupon: CouponSerial? {
    switch self {
    case .couponReserved(let coupon, _), .couponReleased(let coupon): coupon
    case .couponRedeemed(let redemption): redemption.coupon
    case .couponUnredeemed(let undone): undone.coupon
    case .couponVoided(let voiding): voiding.coupon
    default: nil
    }
  }
}
