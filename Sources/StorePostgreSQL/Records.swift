// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Anomalies
  import Coupons
  import LedgerCore
  import PostgreSQL
  import Secrets
  import Store
  import StoredValue

  /// What a working set stands on: what was read for the group, and the server for the rest.
  final class Records: RecordSource {
    let server: Server
    let journal: JournalRows
    /// Before the first entry.
    let genesis: ChainLink
    var foresight = Foresight()
    /// A group is under way: what was read stays true until it ends.
    var isGrouped = false
    /// How many entries are read at once when they are asked for one after another.
    private static let readAhead = 512
    private var lastEntry = EntryID.none

    init(server: Server, journal: JournalRows, genesis: ChainLink) {
      self.server = server
      self.journal = journal
      self.genesis = genesis
    }

    /// Runs one statement: in the group's transaction, or by itself.
    func read(_ statement: Statement, _ values: Value...) throws(StoreError) -> Rows {
      try read(Command(statement: statement, values: values))
    }

    func read(_ command: Command) throws(StoreError) -> Rows {
      guard isGrouped else { return try server.read([command])[0] }
      do throws(PostgreSQLError) {
        return try server.run([command])[0]
      } catch {
        throw StoreError(error)
      }
    }

    func account(_ id: AccountID) throws(StoreError) -> Account? {
      if let known = foresight.accounts[id] { return known }
      let rows = try read(StateReading.accounts, .integers([id.value]))
      let found = rows.count > 0 ? try StateReading.account(id.value, rows.bytes(0, 1)) : nil
      if isGrouped { foresight.accounts[id] = .some(found) }
      return found
    }

    func card(_ number: CardNumber) throws(StoreError) -> CardStanding {
      if let known = foresight.cards[number] { return known }
      let rows = try read(StateReading.cards, .texts([number.text]))
      var found = CardStanding.unknown
      if rows.count > 0 {
        found = .retired
        if let value = rows.optionalInteger(0, 1) {
          guard let id = AccountID(stored: value) else { throw StateReading.garbled("a card") }
          found = .names(id)
        }
      }
      if isGrouped { foresight.cards[number] = found }
      return found
    }

    func entries(keyHash: Int64) throws(StoreError) -> [EntryID] {
      if let known = foresight.keys[keyHash] { return known }
      let rows = try read(StateReading.keys, .integers([keyHash]))
      let found = (0..<rows.count).map { EntryID(rows.integer($0, 1)) }
      if isGrouped { foresight.keys[keyHash] = found }
      return found
    }

    func marks(of entry: EntryID) throws(StoreError) -> EntryMarks? {
      if let known = foresight.marks[entry] { return known }
      let rows = try read(StateReading.marks, .integers([entry.sequence]))
      guard rows.count > 0 else { return nil }
      return try StateReading.marks(entry.sequence, rows.bytes(0, 1))
    }

    func entry(_ id: EntryID) throws(StoreError) -> Entry? {
      if let known = foresight.entries[id] { return known }
      // Whoever walks over the journal need not wait for the server at every step.
      let limit = isGrouped && lastEntry.next == id ? Self.readAhead : 1
      lastEntry = id
      let found = try range(after: id.sequence - 1, limit: limit)
      if isGrouped {
        for entry in found { foresight.entries[entry.id] = entry }
        if let last = found.last { lastEntry = last.id }
      }
      return found.first.flatMap { $0.id == id ? $0 : nil }
    }

    /// Entries after a number, in order, their links checked.
    func range(after sequence: Int64, limit: Int) throws(StoreError) -> [Entry] {
      let rows = try read(JournalRows.range, .integer(sequence), .integer(Int64(limit)))
      var entries: [Entry] = []
      for index in 0..<rows.count {
        entries.append(try journal.entry(rows, index, genesis: genesis))
      }
      return entries
    }

    func damage(_ reason: String) -> StoreError { .damaged(entry: nil, reason: reason) }
  }

  // Coupons.
  extension Records {
    func campaign(_ number: CampaignNumber) throws(StoreError) -> Campaign? {
      if let known = foresight.campaigns[number] { return known }
      let rows = try read(StateReading.campaigns, .integers([number.createdBy.sequence]))
      guard rows.count > 0 else { return nil }
      return try StateReading.campaign(rows.integer(0, 0), rows.bytes(0, 1))
    }

    func campaigns(before cursor: CampaignNumber?, limit: Int) throws(StoreError) -> [Campaign] {
      let rows = try read(
        StateReading.campaignList, .integer(cursor?.createdBy.sequence ?? .max),
        .integer(Int64(limit)))
      var found: [Campaign] = []
      for index in 0..<rows.count {
        found.append(try StateReading.campaign(rows.integer(index, 0), rows.bytes(index, 1)))
      }
      return found
    }

    func coupon(_ serial: CouponSerial) throws(StoreError) -> Coupon? {
      if let known = foresight.coupons[serial] { return known }
      let rows = try read(StateReading.coupons, .blobs([serial.stored]))
      guard rows.count > 0 else { return nil }
      return try StateReading.coupon(rows.bytes(0, 0), rows.bytes(0, 1))
    }

    func coupons(
      _ selection: CouponSelection, after cursor: CouponSerial?, limit: Int
    ) throws(StoreError) -> [Coupon] {
      let start = Value.bytes(cursor?.stored ?? [])
      let rows: Rows
      switch selection {
      case .owned(let account, let open):
        rows = try read(
          StateReading.owned, .integer(account.value), .integer(open ? 1 : 0), start,
          .integer(Int64(limit)))
      case .of(let campaign):
        rows = try read(
          StateReading.ofCampaign, .integer(campaign.createdBy.sequence), start,
          .integer(Int64(limit)))
      }
      var found: [Coupon] = []
      for index in 0..<rows.count {
        let coupon = try StateReading.coupon(rows.bytes(index, 0), rows.bytes(index, 1))
        guard selection.admits(coupon) else { throw StateReading.garbled("a coupon") }
        found.append(coupon)
      }
      return found
    }

    func share(_ key: CampaignShare.Key) throws(StoreError) -> CampaignShare? {
      let rows = try read(
        StateReading.share, .integer(key.campaign.createdBy.sequence), .integer(key.account.value))
      guard rows.count > 0 else { return nil }
      guard let share = try? CampaignShare(key: key, encoded: rows.bytes(0, 0)[...]) else {
        throw StateReading.garbled("an account's counts in \(key.campaign.text)")
      }
      return share
    }
  }

  // What is due, and what rules remember.
  extension Records {
    func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID] {
      let rows = try read(
        StateReading.dueAccounts, .integer(instant.milliseconds), .integer(Int64(limit)))
      return (0..<rows.count).compactMap { AccountID(stored: rows.integer($0, 0)) }
    }

    func firstDue(after instant: Instant) throws(StoreError) -> Instant? {
      let rows = try read(StateReading.floors, .integer(instant.milliseconds))
      return rows.optionalInteger(0, 0).map { Instant(milliseconds: $0) }
    }

    func firstAlertEnd(after instant: Instant) throws(StoreError) -> Instant? {
      let rows = try read(StateReading.floors, .integer(instant.milliseconds))
      return rows.optionalInteger(0, 1).map { Instant(milliseconds: $0) }
    }

    func subject(_ subject: WatchedSubject) throws(StoreError) -> SubjectRecord? {
      if let known = foresight.subjects[subject] { return known }
      let rows = try read(StateReading.subjects, .texts([subject.rowName]))
      let found = rows.count > 0 ? try StateReading.subject(rows.bytes(0, 1)) : nil
      if isGrouped { foresight.subjects[subject] = .some(found) }
      return found
    }

    func chunk(_ key: ChunkKey) throws(StoreError) -> [EventLog.Item]? {
      let rows = try read(
        StateReading.chunk, .integer(key.series), .text(key.subject.rowName),
        .integer(key.number))
      return rows.count > 0 ? try StateReading.items(rows.bytes(0, 0)) : nil
    }

    func alert(_ sequence: Int64) throws(StoreError) -> AlertRow? {
      let rows = try read(StateReading.alert, .integer(sequence))
      guard rows.count > 0 else { return nil }
      guard let row = try? AlertRow(encoded: rows.bytes(0, 0)[...]) else {
        throw StateReading.garbled("event \(sequence) of the outbox")
      }
      return row
    }

    func subjects(dueBy instant: Instant, limit: Int) throws(StoreError) -> [WatchedSubject] {
      let rows = try read(
        StateReading.dueSubjects, .integer(instant.milliseconds), .integer(Int64(limit)))
      return (0..<rows.count).compactMap { WatchedSubject(rowName: rows.text($0, 0)) }
    }
  }

#endif
