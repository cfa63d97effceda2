// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Store

extension Audit {
  /// The stored campaigns, coupons and counts against those that the journal makes (INV-17).
  struct StoredCoupons {
    let source: Source
    let findings: Findings

    func compare(with own: CouponFold) throws(StoreError) {
      guard !own.isBroken else { return }
      let campaigns = try source.read { () throws(StoreError) in
        try source.inspection.campaigns()
      }
      if let campaigns {
        compare(campaigns, own.campaigns, "campaign") { $0.text }
      }
      let shares = try source.read { () throws(StoreError) in try source.inspection.shares() }
      if let shares {
        compare(shares, own.shares, "counts of") { "\($0.account.text) in \($0.campaign.text)" }
      }
      try compareCoupons(own.coupons)
    }

    private func compare<Key: Hashable & Comparable, Record: Equatable>(
      _ stored: [Key: Record], _ due: [Key: Record], _ what: String, _ text: (Key) -> String
    ) {
      for key in Set(stored.keys).union(due.keys).sorted() where stored[key] != due[key] {
        findings.add(
          "the state does not hold \(what) \(text(key)) as its entries make it", breaking: 17)
      }
    }

    private func compareCoupons(_ due: [CouponSerial: Coupon]) throws(StoreError) {
      var cursor: CouponSerial?
      var seen = 0
      while true {
        let page = try source.read { () throws(StoreError) in
          try source.inspection.coupons(after: cursor, limit: Audit.slice)
        }
        // What cannot be read has been named.
        guard let page else { return }
        guard let last = page.last else { break }
        for row in page {
          let coupon = row.coupon
          guard cursor.map({ $0 < coupon.serial }) ?? true else {
            findings.add("the coupons of the state do not read in order", breaking: 17)
            return
          }
          cursor = coupon.serial
          if due[coupon.serial] != nil { seen += 1 }
          let isFindable =
            row.campaign == coupon.campaign.createdBy.sequence
            && row.owner == coupon.owner?.value && row.isOpen == coupon.isOpen
          if due[coupon.serial] != coupon || !isFindable {
            findings.add(
              "the state does not hold coupon \(coupon.serial.text) as its entries make it",
              breaking: 17)
          }
        }
        cursor = last.coupon.serial
      }
      if seen != due.count {
        findings.add("the state lacks \(due.count - seen) coupons", breaking: 17)
      }
    }
  }
}
