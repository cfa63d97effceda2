// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import SQLite
package import Store

extension SQLiteInspection {
  package func campaigns() throws(StoreError) -> [CampaignNumber: Campaign] {
    var campaigns: [CampaignNumber: Campaign] = [:]
    for (sealed, id) in try pairs("SELECT record, id FROM campaigns", { $0.blob(0) }) {
      guard let id, let record = Checksum.open(sealed, seed: id),
        let campaign = try? Campaign(number: CampaignNumber(EntryID(id)), encoded: record)
      else { throw .damaged(entry: nil, reason: "state.db: a campaign's record is garbled") }
      campaigns[campaign.number] = campaign
    }
    return campaigns
  }

  package func coupons(
    after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [CouponRow] {
    guard let state else { return [] }
    typealias Row = (
      serial: [UInt8], campaign: Int64, owner: Int64?, open: Int64, record: [UInt8]
    )
    let rows = try stored { () throws(SQLiteError) in
      let select = try state.prepare(
        """
        SELECT serial, campaign, owner, open, record FROM coupons
        WHERE serial > ? ORDER BY serial LIMIT ?
        """)
      select.bind(1, blob: cursor?.stored ?? [])
      select.bind(2, Int64(limit))
      var rows: [Row] = []
      while try select.step() {
        rows.append(
          (
            select.blob(0), select.integer(1), select.isNull(2) ? nil : select.integer(2),
            select.integer(3), select.blob(4)
          ))
      }
      return rows
    }
    var found: [CouponRow] = []
    for row in rows {
      var reader = ByteReader(row.serial)
      guard let serial = try? reader.serial(),
        let record = Checksum.open(row.record, seed: serial.checksumSeed),
        let coupon = try? Coupon(serial: serial, encoded: record)
      else { throw .damaged(entry: nil, reason: "state.db: a coupon's record is garbled") }
      guard (0...1).contains(row.open) else {
        throw .damaged(
          entry: nil, reason: "state.db: the row of coupon \(serial.text) is garbled")
      }
      found.append(
        CouponRow(
          coupon: coupon, campaign: row.campaign, owner: row.owner, isOpen: row.open == 1))
    }
    return found
  }

  package func shares() throws(StoreError) -> [CampaignShare.Key: CampaignShare] {
    guard let state else { return [:] }
    let rows = try stored { () throws(SQLiteError) in
      let select = try state.prepare("SELECT campaign, account, record FROM shares")
      var rows: [(campaign: Int64, account: Int64, record: [UInt8])] = []
      while try select.step() {
        rows.append((select.integer(0), select.integer(1), select.blob(2)))
      }
      return rows
    }
    var shares: [CampaignShare.Key: CampaignShare] = [:]
    for row in rows {
      guard let account = AccountID(stored: row.account) else {
        throw .damaged(entry: nil, reason: "state.db: a count names no account")
      }
      let key = CampaignShare.Key(CampaignNumber(EntryID(row.campaign)), account)
      guard let record = Checksum.open(row.record, seed: key.checksumSeed),
        let share = try? CampaignShare(key: key, encoded: record)
      else { throw .damaged(entry: nil, reason: "state.db: a count is garbled") }
      shares[key] = share
    }
    return shares
  }
}
