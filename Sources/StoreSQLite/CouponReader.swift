// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import SQLite
import Store

/// Reads of the campaigns, coupons and counts folded into state.db.
final class CouponReader {
  let campaign: Statement
  let campaigns: Statement
  let coupon: Statement
  let owned: Statement
  let ofCampaign: Statement
  let share: Statement

  init(_ connection: Connection) throws(SQLiteError) {
    campaign = try connection.prepare("SELECT record FROM campaigns WHERE id = ?")
    campaigns = try connection.prepare(
      "SELECT id, record FROM campaigns WHERE id < ? ORDER BY id DESC LIMIT ?")
    coupon = try connection.prepare("SELECT record FROM coupons WHERE serial = ?")
    owned = try connection.prepare(
      """
      SELECT serial, record FROM coupons
      WHERE owner = ? AND open >= ? AND serial > ? ORDER BY serial LIMIT ?
      """)
    ofCampaign = try connection.prepare(
      """
      SELECT serial, record FROM coupons WHERE campaign = ? AND serial > ? ORDER BY serial LIMIT ?
      """)
    share = try connection.prepare(
      "SELECT record FROM shares WHERE campaign = ? AND account = ?")
  }
}

extension StateReader {
  func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? {
    coupons.campaign.bind(1, number.createdBy.sequence)
    guard try step(coupons.campaign) else { return nil }
    defer { coupons.campaign.reset() }
    return try decode(number, coupons.campaign.blob(0))
  }

  func campaigns(
    before cursor: CampaignNumber?, limit: Int
  ) throws(StoreError) -> [Campaign] {
    coupons.campaigns.bind(1, cursor?.createdBy.sequence ?? .max)
    coupons.campaigns.bind(2, Int64(limit))
    defer { coupons.campaigns.reset() }
    var found: [Campaign] = []
    while try step(coupons.campaigns) {
      let number = CampaignNumber(EntryID(coupons.campaigns.integer(0)))
      found.append(try decode(number, coupons.campaigns.blob(1)))
    }
    return found
  }

  private func decode(
    _ number: CampaignNumber, _ sealed: [UInt8]
  ) throws(StoreError) -> Campaign {
    guard let record = Checksum.open(sealed, seed: number.createdBy.sequence),
      let campaign = try? Campaign(number: number, encoded: record)
    else { throw damage("the record of campaign \(number.text) is garbled") }
    return campaign
  }

  func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? {
    coupons.coupon.bind(1, blob: serial.stored)
    guard try step(coupons.coupon) else { return nil }
    defer { coupons.coupon.reset() }
    return try decode(serial, coupons.coupon.blob(0))
  }

  private func decode(_ serial: CouponSerial, _ sealed: [UInt8]) throws(StoreError) -> Coupon {
    guard let record = Checksum.open(sealed, seed: serial.checksumSeed),
      let coupon = try? Coupon(serial: serial, encoded: record)
    else { throw damage("the record of coupon \(serial.text) is garbled") }
    return coupon
  }

  func coupons(
    _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
  ) throws(StoreError) -> [Coupon] {
    switch selection {
    case .owned(let account, let open):
      coupons.owned.bind(1, account.value)
      coupons.owned.bind(2, open ? 1 : 0)
      coupons.owned.bind(3, blob: cursor?.stored ?? [])
      coupons.owned.bind(4, Int64(limit))
      return try read(coupons.owned, selection)
    case .of(let campaign):
      coupons.ofCampaign.bind(1, campaign.createdBy.sequence)
      coupons.ofCampaign.bind(2, blob: cursor?.stored ?? [])
      coupons.ofCampaign.bind(3, Int64(limit))
      return try read(coupons.ofCampaign, selection)
    }
  }

  private func read(
    _ statement: borrowing Statement, _ selection: CouponSelection
  ) throws(StoreError) -> [Coupon] {
    defer { statement.reset() }
    var found: [Coupon] = []
    while try step(statement) {
      var reader = ByteReader(statement.blob(0))
      guard let serial = try? reader.serial() else { throw damage("a coupon has no serial") }
      let coupon = try decode(serial, statement.blob(1))
      guard selection.admits(coupon) else {
        throw damage("the row of coupon \(serial.text) is garbled")
      }
      found.append(coupon)
    }
    return found
  }

  func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare? {
    coupons.share.bind(1, key.campaign.createdBy.sequence)
    coupons.share.bind(2, key.account.value)
    guard try step(coupons.share) else { return nil }
    defer { coupons.share.reset() }
    guard let record = Checksum.open(coupons.share.blob(0), seed: key.checksumSeed),
      let share = try? CampaignShare(key: key, encoded: record)
    else { throw damage("the counts of an account in \(key.campaign.text) are garbled") }
    return share
  }
}
