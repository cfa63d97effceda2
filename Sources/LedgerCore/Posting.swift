// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A named account of the general ledger (contract §8).
package enum LedgerAccount: Hashable, Sendable {
  /// 储值本金: what customers paid and have not spent; equals the sum over all cards.
  case cardPrincipal
  /// 储值赠金: what was given and has not been spent; equals the sum over all cards.
  case cardBonus
  /// Money received, by tender.
  case cash(tender: String)
  /// Payment received but not yet good, by tender.
  case uncleared(tender: String)
  /// Top-ups waiting for their payment to clear: the other side of `uncleared`.
  case pendingTopUps
  case sales
  case bonusExpense
  case couponDiscount
  /// Value that lapsed or was forfeited.
  case breakage
  /// Money paid out when cards are closed.
  case payouts

  /// The name in the trial balance.
  package var name: String {
    switch self {
    case .cardPrincipal: "card_principal"
    case .cardBonus: "card_bonus"
    case .cash(let tender): "cash:" + tender
    case .uncleared(let tender): "uncleared:" + tender
    case .pendingTopUps: "pending_topups"
    case .sales: "sales"
    case .bonusExpense: "bonus_expense"
    case .couponDiscount: "coupon_discount"
    case .breakage: "breakage"
    case .payouts: "payouts"
    }
  }

  /// The account of this name; nil when there is none.
  package init?(name: String) {
    switch name {
    case "card_principal": self = .cardPrincipal
    case "card_bonus": self = .cardBonus
    case "pending_topups": self = .pendingTopUps
    case "sales": self = .sales
    case "bonus_expense": self = .bonusExpense
    case "coupon_discount": self = .couponDiscount
    case "breakage": self = .breakage
    case "payouts": self = .payouts
    default:
      if let tender = Self.tender(of: name, behind: "cash:") {
        self = .cash(tender: tender)
      } else if let tender = Self.tender(of: name, behind: "uncleared:") {
        self = .uncleared(tender: tender)
      } else {
        return nil
      }
    }
  }

  /// By bytes: the first character of a tender may combine with the colon into one.
  private static func tender(of name: String, behind prefix: String) -> String? {
    guard name.utf8.starts(with: prefix.utf8) else { return nil }
    return String(decoding: name.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }

  /// Tenders are the same by their bytes, as they are in the journal.
  ///
  /// Two spellings that only look alike are two.
  package static func == (left: LedgerAccount, right: LedgerAccount) -> Bool {
    switch (left, right) {
    case (.cash(let tender), .cash(let other)): tender.utf8.elementsEqual(other.utf8)
    case (.uncleared(let tender), .uncleared(let other)): tender.utf8.elementsEqual(other.utf8)
    default: left.number == right.number && left.tender == nil && right.tender == nil
    }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    guard var tender else { return }
    tender.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  private var tender: String? {
    switch self {
    case .cash(let tender), .uncleared(let tender): tender
    default: nil
    }
  }

  /// What it goes by in the journal; never reused.
  fileprivate var number: UInt8 {
    switch self {
    case .cardPrincipal: 1
    case .cardBonus: 2
    case .cash: 3
    case .uncleared: 4
    case .pendingTopUps: 5
    case .sales: 6
    case .bonusExpense: 7
    case .couponDiscount: 8
    case .breakage: 9
    case .payouts: 10
    }
  }
}

/// One side of a value movement: positive debits the account, negative credits it.
///
/// The postings of an entry sum to zero for each asset (INV-1) and are never changed.
package struct Posting: Hashable, Sendable {
  package let account: LedgerAccount
  package let asset: Asset
  package let amount: Int64

  package init(_ account: LedgerAccount, _ amount: Int64, asset: Asset = .money) {
    self.account = account
    self.asset = asset
    self.amount = amount
  }

  package static func debit(_ account: LedgerAccount, _ amount: Amount) -> Posting {
    Posting(account, amount.minorUnits)
  }

  package static func credit(_ account: LedgerAccount, _ amount: Amount) -> Posting {
    Posting(account, -amount.minorUnits)
  }
}

extension Posting {
  func write(to writer: inout ByteWriter) {
    writer.byte(account.number)
    switch account {
    case .cash(let tender), .uncleared(let tender): writer.text(tender)
    default: break
    }
    writer.byte(asset.rawValue)
    writer.signed(amount)
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    switch try reader.byte() {
    case 1: account = .cardPrincipal
    case 2: account = .cardBonus
    case 3: account = .cash(tender: try reader.text())
    case 4: account = .uncleared(tender: try reader.text())
    case 5: account = .pendingTopUps
    case 6: account = .sales
    case 7: account = .bonusExpense
    case 8: account = .couponDiscount
    case 9: account = .breakage
    case 10: account = .payouts
    default: throw MalformedRecord("unknown ledger account")
    }
    guard let asset = Asset(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown asset")
    }
    self.asset = asset
    amount = try reader.signed()
  }
}
