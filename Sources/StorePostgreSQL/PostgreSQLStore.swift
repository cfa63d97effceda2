// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  package import LedgerCore
  import PostgreSQL
  package import Secrets
  package import Store

  /// A ledger on a PostgreSQL server, shared by any number of processes on any machines.
  ///
  /// A group that writes holds the lock of the one row of `head` from its beginning to its commit:
  /// that row is the order of the journal. Its entries and the records they change are written in
  /// one database transaction, so the stored state is always the fold of the stored journal. What
  /// this process knows from before is used only while that row shows that nobody else has written.
  package final class PostgreSQLStore: LedgerStore {
    package let identity: LedgerIdentity
    package internal(set) var working: WorkingSet
    package var headLink: [UInt8]? { position.link.bytes }
    package var wantsFootprint: Bool { true }

    let server: Server
    let records: Records
    let options: Options
    /// Where the stored ledger stood when this process last knew, and `working` with it outside of
    /// a group.
    var base: Head
    /// The last entry of `working`, with its link.
    var position: Position
    /// The newest entry that anything was answered from: the server must have it for ever.
    ///
    /// Not that of `base`, which may have been read in the moment in which a primary died, before
    /// its standby had it, and never been answered from.
    var answered: Position
    var group = Group.none
    /// What the group under way has appended.
    var pending = Pending()
    /// Of the last group, where it is not let go of yet.
    var leftovers: Leftovers?
    /// Nobody else had written when the last group began, so that nobody is expected to.
    var isAlone = false
    /// `working` may hold what the server does not.
    var isStale = false
    /// Once set, nothing more can be served.
    var failure: StoreError?
    private var foreseen = Footprint()
    /// When something is due next in `base`, of accounts and of alerts, or earlier.
    var floors: (due: Instant?, alertEnd: Instant?) = (nil, nil)

    struct Position {
      var entry: EntryID
      var link: ChainLink
    }

    struct Pending {
      var rows: [JournalRow] = []
      var entries: [Entry] = []
      var people: [AccountID: Person] = [:]
    }

    /// What a group that is committed leaves behind: a slice to be confirmed, and pieces.
    struct Leftovers {
      let working: WorkingSet
      let foresight: Foresight
      let pending: Pending
    }

    /// What is under way.
    enum Group {
      case none
      case reading
      case writing
      /// As `writing`, and something was appended.
      case appending
      /// An append failed: the group can only be abandoned.
      case broken
    }

    /// How a store behaves when the server does not.
    package struct Options: Sendable {
      /// How long a commit of unknown outcome is asked after before its requests are told to try
      /// again, in milliseconds.
      package var patience: Int64 = 4000
      /// How often a group that fits no order with others is begun again.
      package var retries = 3
      /// Told, in one line, what an operator may want to know.
      package var notice: @Sendable (String) -> Void = { _ in }

      package init() {}
    }

    /// Opens the ledger that a connection string leads to.
    ///
    /// Throws `foreign` when there is none, or one of a newer version; `damaged` when its identity
    /// does not belong to the keys, or its journal does not end where its state does; `busy` when
    /// the server cannot be reached.
    package init(
      _ target: String, chain: HashChain, options: Options = Options(), isUnfinished: Bool = false
    ) throws(StoreError) {
      let server = Server(target)
      self.server = server
      self.options = options
      let made = try LedgerRow.read(server, isUnfinished: isUnfinished)
      identity = made.identity
      guard let genesis = ChainLink(bytes: made.genesis) else {
        throw .damaged(entry: EntryID(1), reason: "the first link of the chain is none")
      }
      guard chain.check(genesis: genesis, over: made.identity.sealedBytes) == .intact else {
        throw .damaged(
          entry: EntryID(1),
          reason: "the ledger's identity does not belong to the keys of this key ring")
      }
      records = Records(server: server, journal: JournalRows(chain: chain), genesis: genesis)
      base = Head(point: FoldPoint(), link: genesis)
      position = Position(entry: .none, link: genesis)
      answered = position
      working = try WorkingSet(source: records, at: FoldPoint())
      isStale = true
      try begin(writing: false)
      try end()
      server.wantsBarrier = true
    }

    /// How often the server was waited for, and how many statements it was sent, so far.
    package var serverCalls: (roundTrips: Int, statements: Int) { server.counts }

    package func foresee(_ footprint: Footprint) { foreseen = footprint }

    /// What was foreseen, once.
    func takeForeseen() -> Footprint {
      defer { foreseen = Footprint() }
      return foreseen
    }

    package func entries(from first: EntryID, limit: Int) throws(StoreError) -> [Entry] {
      guard limit > 0 else { return [] }
      let before = max(0, first.sequence - 1)
      var entries = try records.range(after: before, limit: limit)
      let next = (entries.last?.id.sequence ?? before) + 1
      entries += pending.entries.filter { $0.id.sequence >= next }.prefix(limit - entries.count)
      return entries
    }

    package func person(of account: AccountID) throws(StoreError) -> Person? {
      if let person = pending.people[account] { return person }
      if let known = records.foresight.people[account] { return known }
      let rows = try records.read(People.reading, .integers([account.value]))
      return rows.count > 0 ? People.person(rows, 0) : nil
    }

    package func accounts(
      holding particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
    ) throws(StoreError) -> [AccountID] {
      let search = People.search(particulars, after: cursor, limit: limit)
      let rows = try records.read(search)
      var found = Set((0..<rows.count).compactMap { AccountID(stored: rows.integer($0, 0)) })
      for (account, person) in pending.people where cursor.map({ $0 < account }) ?? true {
        if particulars.allSatisfy({ person.particulars[$0.key] == $0.value }) {
          found.insert(account)
        }
      }
      return Array(found.sorted().prefix(limit))
    }

    /// Links and checks under these keys from now on; between groups, or while one begins.
    package func adopt(_ chain: HashChain) { records.journal.chain = chain }

    /// What to ask for newer keys when an entry is linked under one that is not known here.
    package var renewal: (() -> HashChain?)? {
      get { records.journal.renewal }
      set { records.journal.renewal = newValue }
    }

    package func maintain() { tidy() }

    package func close() throws(StoreError) {
      precondition(group == .none, "a group is ended before the store is closed")
      failure = .failed("the store is closed")
      server.disconnect()
    }
  }

#endif
