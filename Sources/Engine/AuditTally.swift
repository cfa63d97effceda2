// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import StoredValue

extension Audit {
  /// What an entry does to the value on its card, summed from its changes by itself, so that the
  /// fold, the postings and the entry's own figures can each be compared with it (INV-3).
  ///
  /// In 128 bits: damaged figures may be as large as they like.
  struct Tally {
    /// A sum by kind of lot.
    struct Sum {
      var principal: Int128 = 0
      var bonus: Int128 = 0

      var all: Int128 { principal + bonus }

      fileprivate mutating func add(_ amount: Amount, _ kind: LotKind) {
        switch kind {
        case .principal: principal += Int128(amount.minorUnits)
        case .bonus: bonus += Int128(amount.minorUnits)
        }
      }
    }

    private(set) var granted = Sum()
    private(set) var taken = Sum()
    private(set) var returned = Sum()
    private(set) var lapsed = Sum()
    private(set) var withdrawn = Sum()
    private(set) var settled = Sum()
    private(set) var cleared: Int128 = 0
    private(set) var pendingGranted: Int128 = 0
    private(set) var pendingWithdrawn: Int128 = 0
    private(set) var held: Int128 = 0
    private(set) var payout: Int128 = 0
    /// What coupons take off, less what they no longer do.
    private(set) var discount: Int128 = 0

    /// Sums up an entry on the account as it stood before.
    init(_ entry: Entry, on before: Account?) {
      for change in entry.changes {
        switch change {
        case .lotGranted(let grant):
          if grant.pending {
            pendingGranted += Int128(grant.amount.minorUnits)
          } else {
            granted.add(grant.amount, grant.kind)
          }
        case .lotCleared(let id):
          if let lot = before?.lot(id) { cleared += Int128(lot.granted.minorUnits) }
        case .lotWithdrawn(let id, let amount):
          guard let lot = before?.lot(id) else { continue }
          if lot.state == .pending {
            pendingWithdrawn += Int128(amount.minorUnits)
          } else {
            withdrawn.add(amount, lot.kind)
          }
        case .lotTaken(let id, let amount): before?.add(amount, of: id, to: &taken)
        case .lotReturned(let id, let amount): before?.add(amount, of: id, to: &returned)
        case .lotLapsed(let id, let amount): before?.add(amount, of: id, to: &lapsed)
        case .lotSettled(let id, let amount): before?.add(amount, of: id, to: &settled)
        case .holdPlaced(let hold):
          for part in hold.parts { held += Int128(part.amount.minorUnits) }
        case .settled(let amount): payout += Int128(amount.minorUnits)
        case .couponRedeemed(let redemption):
          discount += Int128((redemption.discount ?? .zero).minorUnits)
        case .couponUnredeemed(let undone):
          discount -= Int128((undone.discount ?? .zero).minorUnits)
        default: break
        }
      }
    }

    /// By how much the principal of the card rises.
    var principalChange: Int128 {
      granted.principal + cleared + returned.principal - taken.principal - lapsed.principal
        - withdrawn.principal - settled.principal
    }

    /// By how much its bonus rises.
    var bonusChange: Int128 {
      granted.bonus + returned.bonus - taken.bonus - lapsed.bonus - withdrawn.bonus - settled.bonus
    }

    /// By how much what is pending rises.
    var pendingChange: Int128 { pendingGranted - cleared - pendingWithdrawn }
  }
}

extension Account {
  /// A lot that the account does not have adds nothing: the fold refuses such an entry.
  fileprivate func add(_ amount: Amount, of id: LotID, to sum: inout Audit.Tally.Sum) {
    if let lot = lot(id) { sum.add(amount, lot.kind) }
  }
}
