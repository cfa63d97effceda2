// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue
import Testing

@testable import Engine

extension AuditForgery {
  /// What an entry changes.
  static let ofChanges: [AuditForgery] = ofMoney + ofForms + ofLife + ofCoupons

  private static let ofCoupons: [AuditForgery] = [
    AuditForgery(.couponRedeem, 0, 20, "counts nothing against the budget") { entry in
      entry.edit {
        guard case .couponRedeemed(let use) = $0 else { return $0 }
        return .couponRedeemed(
          Change.Redemption(
            coupon: use.coupon, campaign: use.campaign, account: use.account, index: use.index,
            discount: nil, shares: []))
      }
    }
  ]

  private static let ofMoney: [AuditForgery] = [
    AuditForgery(.debit, 0, nil, "its principal is") { entry in
      entry.edit {
        if case .lotTaken(let lot, let amount) = $0, lot.index == 0 {
          .lotTaken(lot, amount + Amount(1))
        } else {
          $0
        }
      }
    },
    AuditForgery(.debit, 0, 3, "does not fit its account") { entry in
      entry.edit {
        if case .lotTaken(let lot, _) = $0 { .lotTaken(lot, .accountCeiling) } else { $0 }
      }
    },
    AuditForgery(.debit, 0, 3, "does not fit its account: lot unknown") { entry in
      entry.edit {
        if case .lotTaken(_, let amount) = $0 { .lotTaken(strange, amount) } else { $0 }
      }
    },
    AuditForgery(.debit, 0, nil, "counts wrongly towards the daily limit") { entry in
      entry.edit { if case .daySpent(let date, _) = $0 { .daySpent(date, 0) } else { $0 } }
    },
    AuditForgery(.debit, 0, nil, "may not say: lot granted") {
      $0.changes.append(
        .lotGranted(Change.Grant(lot: strange, kind: .bonus, amount: Amount(1_000))))
    },
    AuditForgery(.refund, 0, 4, "does not give back to the lots") { entry in
      entry.edit {
        if case .lotReturned(let lot, let amount) = $0, lot.index == 0 {
          .lotReturned(lot, amount - Amount(1))
        } else {
          $0
        }
      }
    },
    AuditForgery(.refund, 0, nil, "counts wrongly towards the daily limit") {
      $0.changes.removeAll { Audit.ChangeSet($0) == .day }
    },
    AuditForgery(.refund, 0, nil, "what it marks is not what it does") { entry in
      entry.edit {
        if case .marked(let target, _) = $0 { .marked(target, .refunded(Amount(1))) } else { $0 }
      }
    },
    AuditForgery(.refund, 0, nil, "what it marks is not what it does") { entry in
      entry.edit {
        if case .marked(_, let mark) = $0 { .marked(EntryID(3), mark) } else { $0 }
      }
    },
    AuditForgery(.release, 0, 6, "does not end the hold") { entry in
      entry.edit { if case .holdEnded = $0 { .pinCleared } else { $0 } }
    },
    AuditForgery(.capture, 0, 3, "does not fit its account: hold not live") { entry in
      entry.edit { if case .holdEnded = $0 { .holdEnded(HoldID(EntryID(3))) } else { $0 } }
    },
    AuditForgery(.capture, 0, 6, "takes other lots than its hold") { entry in
      entry.edit {
        if case .lotTaken(let lot, _) = $0, lot.index == 1 {
          .lotTaken(lot, Amount(1))
        } else {
          $0
        }
      }
    },
    AuditForgery(.topUp, 0, nil, "not what the program gives") { entry in
      entry.edit {
        guard case .lotGranted(let grant) = $0, grant.kind == .bonus else { return $0 }
        return .lotGranted(
          Change.Grant(
            lot: grant.lot, kind: .bonus, amount: grant.amount, releasePerDebit: nil,
            expiresAt: grant.expiresAt, rule: grant.rule))
      }
    },
    AuditForgery(.topUp, 0, nil, "not what the program gives") { entry in
      entry.edit {
        guard case .lotGranted(let grant) = $0, grant.rule == "soon" else { return $0 }
        return .lotGranted(
          Change.Grant(lot: grant.lot, kind: .bonus, amount: grant.amount, rule: grant.rule))
      }
    },
    AuditForgery(.topUp, 0, nil, "does not grant its own principal") { entry in
      entry.edit {
        guard case .lotGranted(let grant) = $0, grant.kind == .principal else { return $0 }
        return .lotGranted(Change.Grant(lot: strange, kind: .principal, amount: grant.amount))
      }
    },
    AuditForgery(.topUp, 2, nil, "does not grant its own principal") { entry in
      // A cheque that is good at once.
      entry.edit {
        guard case .lotGranted(let grant) = $0 else { return $0 }
        return .lotGranted(Change.Grant(lot: grant.lot, kind: .principal, amount: grant.amount))
      }
    },
    AuditForgery(.topUpClear, 0, nil, "grants principal beside") { entry in
      let lot = LotID(topUp: entry.links[0].entry, index: 9)
      entry.changes.append(
        .lotGranted(Change.Grant(lot: lot, kind: .principal, amount: Amount(1))))
    },
    AuditForgery(.debit, 0, nil, "none that a request may name") { entry in
      entry.amount = 0
      entry.edit { if case .lotTaken(let lot, _) = $0 { .lotTaken(lot, .zero) } else { $0 } }
    },
    AuditForgery(.close, 0, 18, "by the program's method") { entry in
      entry.edit {
        if case .settled(let payout) = $0 { .settled(payout: payout + Amount(1)) } else { $0 }
      }
    },
    AuditForgery(.close, 0, nil, "leaves value on a closed card") {
      $0.changes.removeAll { Audit.ChangeSet($0) == .settled }
    },
    AuditForgery(.expire, 0, nil, "expired is left on the card") { entry in
      entry.edit {
        if case .lotLapsed(let lot, let amount) = $0 {
          .lotLapsed(lot, amount - Amount(1))
        } else {
          $0
        }
      }
    },
    AuditForgery(.freeze, 0, nil, "lapses that has not expired") {
      $0.changes.append(.lotLapsed(LotID(topUp: EntryID(3), index: 0), Amount(1)))
    },
    AuditForgery(.authorize, 0, 6, "not one that it could place") { entry in
      entry.edit {
        guard case .holdPlaced(let hold) = $0 else { return $0 }
        return .holdPlaced(
          Change.Hold(id: hold.id, parts: hold.parts, expiresAt: Instant(milliseconds: 1)))
      }
    },
    AuditForgery(.authorize, 0, nil, "other lots than the program's order") { entry in
      entry.edit {
        guard case .holdPlaced(let hold) = $0 else { return $0 }
        return .holdPlaced(
          Change.Hold(id: hold.id, parts: hold.parts.reversed(), expiresAt: hold.expiresAt))
      }
    },
    AuditForgery(.authorize, 0, 3, "does not fit its account: hold exceeds") { entry in
      let lot = LotID(topUp: EntryID(3), index: 0)
      entry.edit {
        guard case .holdPlaced(let hold) = $0 else { return $0 }
        let part = Change.Part(lot: lot, amount: Amount(60_000))
        return .holdPlaced(
          Change.Hold(id: hold.id, parts: [part, part], expiresAt: hold.expiresAt))
      }
    },
  ]

  private static let ofForms: [AuditForgery] = [
    AuditForgery(.freeze, 0, nil, "an entry freeze lacks: status changed") { $0.changes = [] },
    AuditForgery(.freeze, 0, nil, "says twice: status changed") { $0.changes += $0.changes },
    AuditForgery(.freeze, 0, nil, "may not say: PIN cleared") { $0.changes.append(.pinCleared) },
    AuditForgery(.pinFailed, 0, nil, "changes nothing") { $0.changes = [] },
    AuditForgery(.debit, 0, nil, "may not say: account opened") {
      guard let number = CardNumber("x") else { return }
      $0.changes.append(
        .accountOpened(
          Change.Opening(cardNumber: number, registered: true, level: nil, holderDigest: nil)))
    },
    AuditForgery(.open, 0, 3, "account not opened") { $0.changes = [] },
    AuditForgery(.keyBlocked, 0, nil, "it names an account") { $0.account = AccountID(stored: 1) },
    AuditForgery(.debit, 0, nil, "it names no account") { $0.account = nil },
    AuditForgery(.debit, 0, 3, "account not opened") {
      $0.account = AccountID(stored: 1)
      $0.previous = .none
    },
    AuditForgery(.programSet, 0, nil, "its program does not decode") {
      $0.changes = [.programSet(Array("{\"debit\":{\"max\":-1}}".utf8))]
    },
    AuditForgery(.programSet, 0, nil, "its program does not decode") {
      $0.changes = [.programSet([0xFF])]
    },
    AuditForgery(.programSet, 0, nil, "not in canonical form") {
      $0.changes = [.programSet(Array("{ \"close\" : {} }".utf8))]
    },
  ]

  private static let ofLife: [AuditForgery] = [
    AuditForgery(.freeze, 0, nil, "does not make of the card") {
      $0.changes = [.statusChanged(.closed)]
    },
    AuditForgery(.replaceCard, 0, nil, "does not make of the card") {
      $0.changes.removeAll { Audit.ChangeSet($0) == .status }
    },
    AuditForgery(.replaceCard, 0, 11, "used before") { entry in
      guard let number = CardNumber("card-1") else { return }
      entry.edit { if case .cardReplaced = $0 { .cardReplaced(number) } else { $0 } }
    },
    AuditForgery(.open, 1, 11, "used before") { entry in
      guard let number = CardNumber("card-1") else { return }
      entry.edit {
        guard case .accountOpened = $0 else { return $0 }
        return .accountOpened(
          Change.Opening(cardNumber: number, registered: true, level: nil, holderDigest: nil))
      }
    },
    AuditForgery(.pinSet, 0, nil, "verifier is malformed") { $0.changes = [.pinSet([1, 2, 3])] },
    AuditForgery(.pinFailed, 0, 8, "locks the PIN after 1 failures") {
      $0.changes = [.pinFailed(lock: .untilReset)]
    },
    // The seventh of them: the third in a row.
    AuditForgery(.pinFailed, 4, 8, "does not lock the PIN as it must") {
      $0.changes = [.pinFailed(lock: nil)]
    },
    AuditForgery(.pinFailed, 4, 8, "does not lock the PIN as it must") {
      $0.changes = [.pinFailed(lock: .until(Instant(milliseconds: $0.at.milliseconds + 1)))]
    },
    AuditForgery(.open, 0, nil, "digest of the holder is malformed") { entry in
      entry.edit { $0.opening { _ in [1, 2] } }
    },
    AuditForgery(.open, 0, nil, "under journal key 9, which the key ring lacks") { entry in
      entry.edit { $0.opening { [9] + ($0 ?? []).dropFirst() } }
    },
    AuditForgery(.open, 0, nil, "not the one of its digest") { entry in
      entry.edit { $0.opening { ($0 ?? []).dropLast() + [($0?.last ?? 0) ^ 1] } }
    },
    AuditForgery(.open, 0, nil, "whom the journal does not know") { entry in
      entry.edit { $0.opening { _ in nil } }
    },
  ]
}

extension Change {
  /// An opening with another digest; any other change as it is.
  fileprivate func opening(_ edit: ([UInt8]?) -> [UInt8]?) -> Change {
    guard case .accountOpened(let opening) = self else { return self }
    return .accountOpened(
      Opening(
        cardNumber: opening.cardNumber, registered: opening.registered, level: opening.level,
        holderDigest: edit(opening.holderDigest)))
  }
}
