// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Anomalies
  import Coupons
  import LedgerCore
  import PostgreSQL
  import Store
  import StoredValue

  /// The statements that read folded records, and what their rows hold.
  enum StateReading {
    /// Accounts by id, with what the rules remember of each.
    static let accounts = Statement(
      """
      SELECT a.id, a.record, s.record FROM accounts a
      LEFT JOIN subjects s ON s.name = '1' || CAST(a.id AS text)
      WHERE a.id = ANY($1)
      """)
    /// Cards by number, with the account each names.
    static let cards = Statement(
      """
      SELECT c.number, c.account, a.record, s.record FROM cards c
      LEFT JOIN accounts a ON a.id = c.account
      LEFT JOIN subjects s ON s.name = '1' || CAST(c.account AS text)
      WHERE c.number = ANY($1)
      """)
    static let keys = Statement("SELECT hash, entry FROM keys WHERE hash = ANY($1) ORDER BY entry")
    static let marks = Statement("SELECT entry, record FROM marks WHERE entry = ANY($1)")
    static let subjects = Statement("SELECT name, record FROM subjects WHERE name = ANY($1)")
    static let coupons = Statement("SELECT serial, record FROM coupons WHERE serial = ANY($1)")
    static let campaigns = Statement("SELECT id, record FROM campaigns WHERE id = ANY($1)")
    static let campaignList = Statement(
      "SELECT id, record FROM campaigns WHERE id < $1 ORDER BY id DESC LIMIT $2")
    static let owned = Statement(
      """
      SELECT serial, record FROM coupons
      WHERE owner = $1 AND open >= $2 AND serial > $3 ORDER BY serial LIMIT $4
      """)
    static let ofCampaign = Statement(
      """
      SELECT serial, record FROM coupons WHERE campaign = $1 AND serial > $2
      ORDER BY serial LIMIT $3
      """)
    static let share = Statement("SELECT record FROM shares WHERE campaign = $1 AND account = $2")
    static let dueAccounts = Statement(
      "SELECT id FROM accounts WHERE due <= $1 ORDER BY due, id LIMIT $2")
    /// When something is due next: of accounts, and of alerts.
    static let floors = Statement(
      """
      SELECT (SELECT min(due) FROM accounts WHERE due > $1),
        (SELECT min(due) FROM subjects WHERE due > $1)
      """)
    static let dueSubjects = Statement(
      "SELECT name FROM subjects WHERE due <= $1 ORDER BY due, name LIMIT $2")
    static let chunk = Statement(
      "SELECT items FROM chunks WHERE series = $1 AND subject = $2 AND number = $3")
    static let alert = Statement("SELECT record FROM alerts WHERE seq = $1")
    static let program = Statement("SELECT document FROM programs WHERE version = $1")

    static func garbled(_ what: String) -> StoreError {
      .damaged(entry: nil, reason: "the stored record of \(what) is garbled")
    }

    static func account(_ id: Int64, _ record: [UInt8]) throws(StoreError) -> Account {
      guard let name = AccountID(stored: id),
        let account = try? Account(id: name, encoded: record[...])
      else { throw garbled("account \(id)") }
      return account
    }

    static func marks(_ entry: Int64, _ record: [UInt8]) throws(StoreError) -> EntryMarks {
      guard let marks = try? EntryMarks(encoded: record[...]) else {
        throw garbled("the marks of entry \(entry)")
      }
      return marks
    }

    static func subject(_ record: [UInt8]) throws(StoreError) -> SubjectRecord {
      guard let found = try? SubjectRecord(encoded: record[...]) else { throw garbled("a subject") }
      return found
    }

    static func campaign(_ id: Int64, _ record: [UInt8]) throws(StoreError) -> Campaign {
      let number = CampaignNumber(EntryID(id))
      guard let campaign = try? Campaign(number: number, encoded: record[...]) else {
        throw garbled("campaign \(number.text)")
      }
      return campaign
    }

    static func coupon(_ serial: [UInt8], _ record: [UInt8]) throws(StoreError) -> Coupon {
      guard let name = CouponSerial(stored: serial),
        let coupon = try? Coupon(serial: name, encoded: record[...])
      else { throw garbled("a coupon") }
      return coupon
    }

    static func items(_ bytes: [UInt8]) throws(StoreError) -> [EventLog.Item] {
      var reader = ByteReader(bytes[...])
      guard let items = try? EventLog.items(from: &reader) else { throw garbled("a log") }
      return items
    }
  }

#endif
