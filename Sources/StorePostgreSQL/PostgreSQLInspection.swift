// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  package import Anomalies
  package import Coupons
  package import LedgerCore
  import PostgreSQL
  import Secrets
  package import Store
  package import StoredValue

  /// A standing view of a ledger on a server, for those who check it: one transaction that reads.
  ///
  /// Needs no keys and believes nothing. While it lasts, the server keeps what it shows.
  package final class PostgreSQLInspection: LedgerInspection {
    package let identity: LedgerIdentity
    package let genesisLink: [UInt8]
    package let head: EntryID
    private let connection: Connection
    /// Those whose cards the rows read last open; nil for those who are not there.
    private var people: [AccountID: Person?] = [:]
    private static let opening = [
      Statement("SET idle_in_transaction_session_timeout = 0"),
      Statement("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"),
      Statement("SELECT max(seq) FROM journal"),
    ]
    private static let rows = Statement(
      """
      SELECT seq, at, kind, account, key, body, link FROM journal
      WHERE seq > $1 ORDER BY seq LIMIT $2
      """)
    private static let accounts = Statement(
      "SELECT id, due, record FROM accounts WHERE id > $1 ORDER BY id LIMIT $2")
    private static let coupons = Statement(
      """
      SELECT serial, campaign, owner, open, record FROM coupons
      WHERE serial > $1 ORDER BY serial LIMIT $2
      """)
    /// How long a statement may take; one may read a whole table.
    private static let patience: Int64 = 600_000

    /// Takes the view; throws `foreign` where there is no ledger.
    ///
    /// A ledger that is being imported is shown only where that is asked for.
    package init(_ target: String, isUnfinished: Bool = false) throws(StoreError) {
      let made = try LedgerRow.read(Server(target), isUnfinished: isUnfinished)
      identity = made.identity
      genesisLink = made.genesis
      do throws(PostgreSQLError) {
        connection = try Connection(target)
        let answers = try connection.run(
          Self.opening.map { $0.with() }, milliseconds: Self.patience)
        head = EntryID(answers[2].integer(0, 0))
      } catch {
        throw StoreError(error)
      }
    }

    private func read(_ command: Command) throws(StoreError) -> Rows {
      do throws(PostgreSQLError) {
        return try connection.run([command], milliseconds: Self.patience)[0]
      } catch {
        throw StoreError(error)
      }
    }

    package func rows(after sequence: Int64, limit: Int) throws(StoreError) -> [JournalRow] {
      let rows = try read(Self.rows.with(.integer(sequence), .integer(Int64(limit))))
      let found = (0..<rows.count).map { JournalRows.row(rows, $0) }
      if limit > 1 { try meet(found) }
      return found
    }

    /// Reads the holders of all cards that these rows open, because a checker asks for each.
    private func meet(_ found: [JournalRow]) throws(StoreError) {
      people = [:]
      let openings = found.filter { $0.kind == Int64(EntryKind.open.rawValue) }
      let accounts = openings.compactMap { $0.account.flatMap { AccountID(stored: $0) } }
      guard !accounts.isEmpty else { return }
      let rows = try read(People.reading.with(.integers(accounts.map(\.value))))
      for account in accounts { people[account] = .some(nil) }
      for index in 0..<rows.count {
        guard let account = AccountID(stored: rows.integer(index, 0)) else { continue }
        people[account] = People.person(rows, index)
      }
    }

    package func foldPoint() throws(StoreError) -> (point: FoldPoint, link: [UInt8])? {
      var head = try Head(try read(Head.reading.with()))
      if head.point.programVersion > 0 {
        let rows = try read(StateReading.program.with(.integer(head.point.programVersion)))
        guard rows.count == 1 else {
          throw .damaged(entry: nil, reason: "the program in force is missing")
        }
        head.point.programDocument = rows.bytes(0, 0)
      }
      return (head.point, head.link.bytes)
    }

    package func person(of account: AccountID) throws(StoreError) -> Person? {
      if let known = people[account] { return known }
      let rows = try read(People.reading.with(.integers([account.value])))
      return rows.count > 0 ? People.person(rows, 0) : nil
    }

    package func peopleAccounts() throws(StoreError) -> [Int64] {
      let rows = try read(People.accounts.with())
      return (0..<rows.count).map { rows.integer($0, 0) }
    }

    /// The server checks its own files: `pg_amcheck`, and its data checksums.
    package func integrityProblems() throws(StoreError) -> [String] { [] }
  }

  // The folded tables.
  extension PostgreSQLInspection {
    package func accounts(
      after cursor: AccountID?, limit: Int
    ) throws(StoreError) -> [(account: Account, due: Instant?)] {
      let rows = try read(
        Self.accounts.with(.integer(cursor?.value ?? .min), .integer(Int64(limit))))
      var found: [(account: Account, due: Instant?)] = []
      for index in 0..<rows.count {
        let account = try StateReading.account(rows.integer(index, 0), rows.bytes(index, 2))
        let due = rows.optionalInteger(index, 1).map { Instant(milliseconds: $0) }
        found.append((account, due))
      }
      return found
    }

    package func cards() throws(StoreError) -> [CardNumber: CardStanding] {
      let rows = try read(Statement("SELECT number, account FROM cards").with())
      var cards: [CardNumber: CardStanding] = [:]
      for index in 0..<rows.count {
        guard let number = CardNumber(rows.text(index, 0)) else {
          throw StateReading.garbled("a card")
        }
        guard let value = rows.optionalInteger(index, 1) else {
          cards[number] = .retired
          continue
        }
        guard let id = AccountID(stored: value) else { throw StateReading.garbled("a card") }
        cards[number] = .names(id)
      }
      return cards
    }

    package func keys() throws(StoreError) -> [(hash: Int64, entry: EntryID)] {
      let rows = try read(Statement("SELECT hash, entry FROM keys").with())
      return (0..<rows.count).map { (rows.integer($0, 0), EntryID(rows.integer($0, 1))) }
    }

    package func marks() throws(StoreError) -> [EntryID: EntryMarks] {
      let rows = try read(Statement("SELECT entry, record FROM marks").with())
      var marks: [EntryID: EntryMarks] = [:]
      for index in 0..<rows.count {
        let entry = rows.integer(index, 0)
        marks[EntryID(entry)] = try StateReading.marks(entry, rows.bytes(index, 1))
      }
      return marks
    }

    package func campaigns() throws(StoreError) -> [CampaignNumber: Campaign] {
      let rows = try read(Statement("SELECT id, record FROM campaigns").with())
      var campaigns: [CampaignNumber: Campaign] = [:]
      for index in 0..<rows.count {
        let campaign = try StateReading.campaign(rows.integer(index, 0), rows.bytes(index, 1))
        campaigns[campaign.number] = campaign
      }
      return campaigns
    }

    package func coupons(
      after cursor: CouponSerial?, limit: Int
    ) throws(StoreError) -> [CouponRow] {
      let rows = try read(
        Self.coupons.with(.bytes(cursor?.stored ?? []), .integer(Int64(limit))))
      var found: [CouponRow] = []
      for index in 0..<rows.count {
        found.append(
          CouponRow(
            coupon: try StateReading.coupon(rows.bytes(index, 0), rows.bytes(index, 4)),
            campaign: rows.integer(index, 1), owner: rows.optionalInteger(index, 2),
            isOpen: rows.integer(index, 3) == 1))
      }
      return found
    }

    package func shares() throws(StoreError) -> [CampaignShare.Key: CampaignShare] {
      let rows = try read(Statement("SELECT campaign, account, record FROM shares").with())
      var shares: [CampaignShare.Key: CampaignShare] = [:]
      for index in 0..<rows.count {
        guard let account = AccountID(stored: rows.integer(index, 1)) else {
          throw StateReading.garbled("a count")
        }
        let key = CampaignShare.Key(CampaignNumber(EntryID(rows.integer(index, 0))), account)
        guard let share = try? CampaignShare(key: key, encoded: rows.bytes(index, 2)[...]) else {
          throw StateReading.garbled("a count")
        }
        shares[key] = share
      }
      return shares
    }

    package func subjects() throws(StoreError) -> [WatchedSubject: SubjectRecord]? {
      let rows = try read(Statement("SELECT name, record FROM subjects").with())
      var subjects: [WatchedSubject: SubjectRecord] = [:]
      for index in 0..<rows.count {
        guard let subject = WatchedSubject(rowName: rows.text(index, 0)) else {
          throw StateReading.garbled("a subject")
        }
        subjects[subject] = try StateReading.subject(rows.bytes(index, 1))
      }
      return subjects
    }

    package func alerts() throws(StoreError) -> [Int64: AlertRow]? {
      let rows = try read(Statement("SELECT seq, record FROM alerts").with())
      var alerts: [Int64: AlertRow] = [:]
      for index in 0..<rows.count {
        guard let row = try? AlertRow(encoded: rows.bytes(index, 1)[...]) else {
          throw StateReading.garbled("event \(rows.integer(index, 0)) of the outbox")
        }
        alerts[rows.integer(index, 0)] = row
      }
      return alerts
    }
  }

#endif
