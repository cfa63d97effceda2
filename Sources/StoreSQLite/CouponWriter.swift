// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import SQLite
import Store

/// Writes the campaigns, coupons and counts of a slice.
final class CouponWriter {
  private let campaign: Statement
  private let coupon: Statement
  private let share: Statement

  init(_ connection: Connection) throws(SQLiteError) {
    campaign = try connection.prepare(
      "INSERT OR REPLACE INTO campaigns (id, record) VALUES (?, ?)")
    coupon = try connection.prepare(
      """
      INSERT INTO coupons (serial, campaign, owner, open, record) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (serial) DO UPDATE SET open = excluded.open, record = excluded.record
      """)
    share = try connection.prepare(
      "INSERT OR REPLACE INTO shares (campaign, account, record) VALUES (?, ?, ?)")
  }

  /// In the order of the keys, so that rows of one page come together.
  func write(_ records: Unfolded) throws(SQLiteError) {
    for (number, record) in records.campaigns.sorted(by: { $0.key < $1.key }) {
      campaign.bind(1, number.createdBy.sequence)
      campaign.bind(2, blob: Checksum.seal(record.encoded(), seed: number.createdBy.sequence))
      try campaign.run()
    }
    for serial in records.coupons.keys.sorted() {
      guard let record = records.coupons[serial] else { continue }
      try write(record)
    }
    for (key, record) in records.shares.sorted(by: { $0.key < $1.key }) {
      share.bind(1, key.campaign.createdBy.sequence)
      share.bind(2, key.account.value)
      share.bind(3, blob: Checksum.seal(record.encoded(), seed: key.checksumSeed))
      try share.run()
    }
  }

  private func write(_ record: Coupon) throws(SQLiteError) {
    coupon.bind(1, blob: record.serial.stored)
    coupon.bind(2, record.campaign.createdBy.sequence)
    if let owner = record.owner { coupon.bind(3, owner.value) } else { coupon.bindNull(3) }
    coupon.bind(4, record.isOpen ? 1 : 0)
    coupon.bind(5, blob: Checksum.seal(record.encoded(), seed: record.serial.checksumSeed))
    try coupon.run()
  }
}

extension CouponSerial {
  /// Ten bytes that sort as serials do.
  var stored: [UInt8] {
    var writer = ByteWriter(reserving: Self.byteCount)
    writer.serial(self)
    return writer.bytes
  }

  var checksumSeed: Int64 { Int64(bitPattern: low ^ UInt64(high) << 48) }
}

extension CampaignShare.Key {
  var checksumSeed: Int64 { campaign.createdBy.sequence &* 0x1_0000_01B3 ^ account.value }
}
