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

  /// What has been read for the group under way, what is not there included: true as long as
  /// nobody else can write.
  struct Foresight {
    var accounts: [AccountID: Account?] = [:]
    var cards: [CardNumber: CardStanding] = [:]
    var keys: [Int64: [EntryID]] = [:]
    var marks: [EntryID: EntryMarks?] = [:]
    var entries: [EntryID: Entry?] = [:]
    var subjects: [WatchedSubject: SubjectRecord?] = [:]
    var coupons: [CouponSerial: Coupon?] = [:]
    var campaigns: [CampaignNumber: Campaign?] = [:]
    var people: [AccountID: Person?] = [:]

    /// What is to be read next.
    struct Wish {
      var footprint = Footprint()
      var campaigns: Set<CampaignNumber> = []
      var people: Set<AccountID> = []

      init(_ footprint: Footprint = Footprint()) { self.footprint = footprint }

      var isEmpty: Bool {
        footprint.keys.isEmpty && footprint.accounts.isEmpty && footprint.cards.isEmpty
          && footprint.entries.isEmpty && footprint.coupons.isEmpty && footprint.subjects.isEmpty
          && campaigns.isEmpty && people.isEmpty
      }

      /// Takes out what is at hand in `working`, and gives it back.
      ///
      /// Who holds an account is not at hand, and so asked for at once.
      mutating func spare(_ working: WorkingSet) -> Wish {
        working.makeRoomForCards()
        var spared = Footprint()
        for card in footprint.cards {
          guard let account = working.recall(card) else { continue }
          spared.cards.insert(card)
          if account.holderDigest != nil { people.insert(account.id) }
        }
        for id in footprint.accounts {
          guard let account = working.recall(id) else { continue }
          spared.accounts.insert(id)
          if account.holderDigest != nil { people.insert(id) }
        }
        spared.subjects = footprint.subjects.filter { working.recalls($0) }
        footprint.cards.subtract(spared.cards)
        footprint.accounts.subtract(spared.accounts)
        footprint.subjects.subtract(spared.subjects)
        return Wish(spared)
      }

      /// One statement for each kind of record, however many are wanted.
      var commands: [Command] {
        var commands: [Command] = []
        func add(_ statement: Statement, _ value: Value, unless isEmpty: Bool) {
          if !isEmpty { commands.append(statement.with(value)) }
        }
        add(
          StateReading.keys, .integers(footprint.keys.map { keyHash($0) }),
          unless: footprint.keys.isEmpty)
        add(
          StateReading.cards, .texts(footprint.cards.map(\.text)), unless: footprint.cards.isEmpty)
        add(
          StateReading.accounts, .integers(footprint.accounts.map(\.value)),
          unless: footprint.accounts.isEmpty)
        let entries = Value.integers(footprint.entries.map(\.sequence))
        add(JournalRows.single, entries, unless: footprint.entries.isEmpty)
        add(StateReading.marks, entries, unless: footprint.entries.isEmpty)
        add(
          StateReading.subjects, .texts(footprint.subjects.map(\.rowName)),
          unless: footprint.subjects.isEmpty)
        add(
          StateReading.coupons, .blobs(footprint.coupons.map(\.stored)),
          unless: footprint.coupons.isEmpty)
        add(
          StateReading.campaigns, .integers(campaigns.map(\.createdBy.sequence)),
          unless: campaigns.isEmpty)
        add(People.reading, .integers(people.map(\.value)), unless: people.isEmpty)
        return commands
      }
    }

    /// Takes in what the commands of a wish have answered; what the answers lead on to.
    mutating func take(
      _ wish: Wish, _ answers: ArraySlice<Rows>, _ journal: JournalRows, genesis: ChainLink
    ) throws(StoreError) -> Wish {
      var answers = answers
      var next = Wish()
      if !wish.footprint.keys.isEmpty {
        takeKeys(wish, answers.removeFirst(), &next)
      }
      if !wish.footprint.cards.isEmpty {
        try takeCards(wish, answers.removeFirst(), &next)
      }
      if !wish.footprint.accounts.isEmpty {
        try takeAccounts(wish, answers.removeFirst(), &next)
      }
      if !wish.footprint.entries.isEmpty {
        try takeEntries(wish, answers.removeFirst(), journal, genesis, &next)
        try takeMarks(wish, answers.removeFirst())
      }
      if !wish.footprint.subjects.isEmpty { try takeSubjects(wish, answers.removeFirst()) }
      if !wish.footprint.coupons.isEmpty { try takeCoupons(wish, answers.removeFirst(), &next) }
      if !wish.campaigns.isEmpty { try takeCampaigns(wish, answers.removeFirst()) }
      if !wish.people.isEmpty { takePeople(wish, answers.removeFirst()) }
      return next
    }
  }

  extension Foresight {
    private mutating func takeKeys(_ wish: Wish, _ rows: Rows, _ next: inout Wish) {
      for key in wish.footprint.keys { keys[keyHash(key)] = [] }
      for index in 0..<rows.count {
        let entry = EntryID(rows.integer(index, 1))
        keys[rows.integer(index, 0), default: []].append(entry)
        if entries[entry] == nil { next.footprint.entries.insert(entry) }
      }
    }

    private mutating func takeCards(
      _ wish: Wish, _ rows: Rows, _ next: inout Wish
    ) throws(StoreError) {
      for card in wish.footprint.cards { cards[card] = .unknown }
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
        guard !rows.isNull(index, 2) else { continue }
        try keep(value, rows.bytes(index, 2), rows, index, watch: 3, &next)
      }
    }

    private mutating func takeAccounts(
      _ wish: Wish, _ rows: Rows, _ next: inout Wish
    ) throws(StoreError) {
      for id in wish.footprint.accounts {
        accounts[id] = .some(nil)
        subjects[.account(id)] = .some(nil)
      }
      for index in 0..<rows.count {
        try keep(rows.integer(index, 0), rows.bytes(index, 1), rows, index, watch: 2, &next)
      }
    }

    private mutating func keep(
      _ id: Int64, _ record: [UInt8], _ rows: Rows, _ index: Int, watch: Int, _ next: inout Wish
    ) throws(StoreError) {
      let account = try StateReading.account(id, record)
      accounts[account.id] = account
      let isWatched = !rows.isNull(index, watch)
      subjects[.account(account.id)] =
        isWatched ? try StateReading.subject(rows.bytes(index, watch)) : .some(nil)
      if account.holderDigest != nil { next.people.insert(account.id) }
    }

    private mutating func takeEntries(
      _ wish: Wish, _ rows: Rows, _ journal: JournalRows, _ genesis: ChainLink, _ next: inout Wish
    ) throws(StoreError) {
      for id in wish.footprint.entries { entries[id] = .some(nil) }
      for index in 0..<rows.count {
        let entry = try journal.entry(rows, index, genesis: genesis)
        entries[entry.id] = entry
        if let id = entry.account, accounts[id] == nil { next.footprint.accounts.insert(id) }
      }
    }

    private mutating func takeMarks(_ wish: Wish, _ rows: Rows) throws(StoreError) {
      for id in wish.footprint.entries { marks[id] = .some(nil) }
      for index in 0..<rows.count {
        let entry = rows.integer(index, 0)
        marks[EntryID(entry)] = try StateReading.marks(entry, rows.bytes(index, 1))
      }
    }

    private mutating func takeSubjects(_ wish: Wish, _ rows: Rows) throws(StoreError) {
      for subject in wish.footprint.subjects { subjects[subject] = .some(nil) }
      for index in 0..<rows.count {
        guard let subject = WatchedSubject(rowName: rows.text(index, 0)) else {
          throw StateReading.garbled("a subject")
        }
        subjects[subject] = try StateReading.subject(rows.bytes(index, 1))
      }
    }

    private mutating func takeCoupons(
      _ wish: Wish, _ rows: Rows, _ next: inout Wish
    ) throws(StoreError) {
      for serial in wish.footprint.coupons { coupons[serial] = .some(nil) }
      for index in 0..<rows.count {
        let coupon = try StateReading.coupon(rows.bytes(index, 0), rows.bytes(index, 1))
        coupons[coupon.serial] = coupon
        next.campaigns.insert(coupon.campaign)
        if let owner = coupon.owner, accounts[owner] == nil {
          next.footprint.accounts.insert(owner)
        }
      }
    }

    private mutating func takeCampaigns(_ wish: Wish, _ rows: Rows) throws(StoreError) {
      for number in wish.campaigns { campaigns[number] = .some(nil) }
      for index in 0..<rows.count {
        let campaign = try StateReading.campaign(rows.integer(index, 0), rows.bytes(index, 1))
        campaigns[campaign.number] = campaign
      }
    }

    private mutating func takePeople(_ wish: Wish, _ rows: Rows) {
      for id in wish.people { people[id] = .some(nil) }
      for index in 0..<rows.count {
        guard let id = AccountID(stored: rows.integer(index, 0)) else { continue }
        people[id] = People.person(rows, index)
      }
    }
  }

#endif
