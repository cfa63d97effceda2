// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Secrets
import Store

/// Which coupons that may still be used are signed under which `coupon` key.
struct CouponKeyCensus {
  private static let page = 1000

  /// What one key still stands for.
  struct Standing: Equatable {
    /// Coupons neither used nor void nor expired.
    var coupons: Int64 = 0
    /// When the last of them ends; nil where one has no end, or there is none.
    var lastEnd: Instant?
    /// Whether one of them has no end.
    var isEndless = false

    fileprivate mutating func add(_ end: Instant?) {
      coupons += 1
      guard let end else {
        isEndless = true
        lastEnd = nil
        return
      }
      if !isEndless { lastEnd = lastEnd.map { max($0, end) } ?? end }
    }
  }

  /// By key id; a key without such coupons is absent.
  let standings: [UInt8: Standing]

  /// Counts the folded coupons, and what the journal says since.
  init(_ inspection: any LedgerInspection, at now: Instant) throws(StoreError) {
    var open: [CouponSerial: Coupon] = [:]
    var cursor: CouponSerial?
    while true {
      let rows = try inspection.coupons(after: cursor, limit: Self.page)
      guard let last = rows.last else { break }
      for row in rows { open[row.coupon.serial] = row.coupon }
      cursor = last.coupon.serial
    }
    var last = try inspection.foldPoint()?.point.head.sequence ?? 0
    while true {
      let rows = try inspection.rows(after: last, limit: Self.page)
      guard let end = rows.last else { break }
      last = end.sequence
      for row in rows { try Self.apply(try row.decoded(), to: &open) }
    }
    var standings: [UInt8: Standing] = [:]
    for coupon in open.values where coupon.isOpen && coupon.end.map({ $0 > now }) ?? true {
      standings[coupon.keyID, default: Standing()].add(coupon.end)
    }
    self.standings = standings
  }

  private static func apply(
    _ entry: Entry, to coupons: inout [CouponSerial: Coupon]
  ) throws(StoreError) {
    do throws(MalformedRecord) {
      for change in entry.changes {
        if case .couponsIssued(let issue) = change {
          for serial in issue.coupons { coupons[serial] = Coupon(serial, of: issue, by: entry) }
        }
        if let serial = change.coupon { try coupons[serial]?.apply(entry) }
      }
    } catch {
      throw .damaged(entry: entry.id, reason: error.reason)
    }
  }
}
