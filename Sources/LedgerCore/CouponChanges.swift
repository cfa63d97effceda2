// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A campaign, named after the entry that created it: `cmp_…`.
package struct CampaignNumber: Hashable, Comparable, Sendable, FixedText {
  package let createdBy: EntryID

  package init(_ createdBy: EntryID) { self.createdBy = createdBy }

  package static func < (left: CampaignNumber, right: CampaignNumber) -> Bool {
    left.createdBy < right.createdBy
  }

  package static let textLength = 16

  /// `cmp_` and twelve Base32 digits.
  package func write(to target: UnsafeMutableRawPointer) {
    writePrefixed("cmp_", UInt64(createdBy.sequence), digits: 12, to: target)
  }

  package init?(text: String) {
    guard let entry = entry(in: text, after: "cmp_") else { return nil }
    createdBy = entry
  }
}

/// A reservation of a coupon, named after the entry that made it: `rsv_…`.
package struct ReservationID: Hashable, Sendable {
  package let madeBy: EntryID

  package init(_ madeBy: EntryID) { self.madeBy = madeBy }

  package var text: String { "rsv_" + entryDigits(madeBy) }

  package init?(text: String) {
    guard let entry = entry(in: text, after: "rsv_") else { return nil }
    madeBy = entry
  }
}

/// A checkout, named after its entry: `chk_…`.
package struct CheckoutID: Hashable, Sendable {
  package let entry: EntryID

  package init(_ entry: EntryID) { self.entry = entry }

  package var text: String { "chk_" + entryDigits(entry) }

  package init?(text: String) {
    guard let found = LedgerCore.entry(in: text, after: "chk_") else { return nil }
    entry = found
  }
}

/// One use of a coupon: the n-th of the entry that made it, `rdm_…`.
package struct RedemptionID: Hashable, Sendable {
  package let madeBy: EntryID
  package let index: UInt8

  package init(_ madeBy: EntryID, index: UInt8 = 0) {
    self.madeBy = madeBy
    self.index = index
  }

  /// `rdm_`, twelve digits of the entry and two of the index.
  package var text: String {
    "rdm_" + entryDigits(madeBy) + Crockford.encode(UInt64(index), digits: 2)
  }

  package init?(text: String) {
    guard text.utf8.count == 18, let entry = entry(in: String(text.dropLast(2)), after: "rdm_"),
      let index = Crockford.decode(text.suffix(2)).flatMap({ UInt8(exactly: $0) })
    else { return nil }
    madeBy = entry
    self.index = index
  }
}

private func entryDigits(_ entry: EntryID) -> String {
  Crockford.encode(UInt64(entry.sequence), digits: 12)
}

private func entry(in text: String, after prefix: String) -> EntryID? {
  guard text.utf8.count == 16, text.hasPrefix(prefix),
    let value = Crockford.decode(text.dropFirst(4)), value > 0
  else { return nil }
  return EntryID(Int64(value))
}

extension Change {
  /// New coupons of a campaign, all of one kind of holder and end.
  package struct Issue: Hashable, Sendable {
    package let campaign: CampaignNumber
    /// nil: bearer coupons.
    package let owner: AccountID?
    /// Distinct, at least one.
    package let coupons: [CouponSerial]
    /// The first instant at which they are no longer good; nil: they have no end.
    package let end: Instant?
    /// The key that signs their payloads.
    package let keyID: UInt8
    /// The top-up that gave them; nil when they were issued by themselves.
    package let topUp: EntryID?

    package init(
      campaign: CampaignNumber, owner: AccountID?, coupons: [CouponSerial], end: Instant?,
      keyID: UInt8, topUp: EntryID? = nil
    ) {
      self.campaign = campaign
      self.owner = owner
      self.coupons = coupons
      self.end = end
      self.keyID = keyID
      self.topUp = topUp
    }
  }

  /// A coupon is used.
  package struct Redemption: Hashable, Sendable {
    package let coupon: CouponSerial
    package let campaign: CampaignNumber
    /// Under whom the caps count it: the owner, or who names himself; nil: nobody.
    package let account: AccountID?
    /// Which redemption of its entry it is.
    package let index: UInt8
    /// What it took off; nil where the price was not told.
    package let discount: Amount?
    /// By line of the cart, in order, none zero; empty where there is no cart.
    package let shares: [Share]

    package init(
      coupon: CouponSerial, campaign: CampaignNumber, account: AccountID?, index: UInt8,
      discount: Amount?, shares: [Share] = []
    ) {
      self.coupon = coupon
      self.campaign = campaign
      self.account = account
      self.index = index
      self.discount = discount
      self.shares = shares
    }
  }

  /// What a coupon takes off one line of a cart.
  package struct Share: Hashable, Sendable {
    package let line: Int
    package let amount: Amount

    package init(line: Int, amount: Amount) {
      self.line = line
      self.amount = amount
    }
  }

  /// A use of a coupon is undone: it says again what the use said, so that every record folds it
  /// by itself.
  package struct Unredemption: Hashable, Sendable {
    package let redemption: RedemptionID
    package let coupon: CouponSerial
    package let campaign: CampaignNumber
    package let account: AccountID?
    package let discount: Amount?
    /// The business date of the use.
    package let date: BusinessDate

    package init(
      _ redemption: RedemptionID, coupon: CouponSerial, campaign: CampaignNumber,
      account: AccountID?, discount: Amount?, date: BusinessDate
    ) {
      self.redemption = redemption
      self.coupon = coupon
      self.campaign = campaign
      self.account = account
      self.discount = discount
      self.date = date
    }
  }

  /// A coupon is good no more.
  package struct Voiding: Hashable, Sendable {
    package let coupon: CouponSerial
    package let campaign: CampaignNumber
    package let owner: AccountID?

    package init(coupon: CouponSerial, campaign: CampaignNumber, owner: AccountID?) {
      self.coupon = coupon
      self.campaign = campaign
      self.owner = owner
    }
  }

  /// A cart that was paid for.
  package struct Checkout: Hashable, Sendable {
    /// The cart and the rules in force, as spec/coupons.md, Checkout, has them encoded.
    package let cart: [UInt8]
    package let subtotal: Amount
    package let payable: Amount
    /// What of the payable the card paid.
    package let storedValue: Amount

    package init(cart: [UInt8], subtotal: Amount, payable: Amount, storedValue: Amount) {
      self.cart = cart
      self.subtotal = subtotal
      self.payable = payable
      self.storedValue = storedValue
    }
  }

  /// Units of a paid cart have come back.
  package struct GoodsReturn: Hashable, Sendable {
    /// By line, how many units; none zero.
    package let units: [Units]
    /// What is given back in all, and what of it to the card.
    package let amount: Amount
    package let toCard: Amount
    /// Whether nothing is left with the customer now.
    package let isWhole: Bool

    package init(units: [Units], amount: Amount, toCard: Amount, isWhole: Bool) {
      self.units = units
      self.amount = amount
      self.toCard = toCard
      self.isWhole = isWhole
    }

    package struct Units: Hashable, Sendable {
      package let line: Int
      package let quantity: Int64

      package init(line: Int, quantity: Int64) {
        self.line = line
        self.quantity = quantity
      }
    }
  }
}
