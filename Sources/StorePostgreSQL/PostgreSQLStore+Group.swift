// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  package import LedgerCore
  import PostgreSQL
  import Secrets
  package import Store

  extension PostgreSQLStore {
    private static let beginWriting = Statement("BEGIN")
    private static let beginReading = Statement(
      "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    private static let rollback = Statement("ROLLBACK")
    /// The link of the entry that the head names, read once the head is locked.
    private static let headLink = Statement(
      "SELECT link FROM journal WHERE seq = (SELECT seq FROM head WHERE id = 1)")
    /// How far what a group names is followed: a key, its entry, the entry's card.
    private static let depth = 3

    /// Why a group could not begin.
    private enum Trouble: Error {
      case server(PostgreSQLError)
      case store(StoreError)
    }

    package func begin(writing: Bool) throws(StoreError) {
      try begin(writing: writing, meanwhile: {})
    }

    package func begin(writing: Bool, meanwhile work: () -> Void) throws(StoreError) {
      precondition(group == .none, "one group at a time")
      tidy()
      if let failure { throw failure }
      var wish = Foresight.Wish(takeForeseen())
      let spared = isAlone ? wish.spare(working) : Foresight.Wish()
      var attempts = 0
      while true {
        do throws(Trouble) {
          return try enter(
            writing: writing, wish, sparing: spared, meanwhile: attempts == 0 ? work : {})
        } catch {
          let wasLost = !server.isConnected
          drop()
          attempts += 1
          switch error {
          case .store(let error):
            if case .damaged(.some, _) = error { failure = error }
            throw error
          // A session may have been lost while nobody used it; another is tried once.
          case .server(let error) where attempts == 1 && wasLost: _ = error
          case .server(let error) where error.state == .lockNotAvailable:
            server.rest()
            throw .busy("another process holds the ledger: \(error)")
          case .server(let error):
            guard error.state.isRetryable, attempts <= options.retries else {
              throw StoreError(error)
            }
          }
        }
      }
    }

    /// Begins and reads what the group names: one round trip, and one more for each step that what
    /// is found leads on.
    ///
    /// Where nobody else has written lately, nobody is expected to have: then what is spared is at
    /// hand, and there is no news. It takes one more round trip where somebody has all the same.
    private func enter(
      writing: Bool, _ wish: Foresight.Wish, sparing spared: Foresight.Wish,
      meanwhile work: () -> Void
    ) throws(Trouble) {
      try storing { () throws(StoreError) in try server.connect() }
      // A statement of its own: the next one shows what the transaction before has left.
      let entering =
        writing ? [Self.beginWriting.with(), Head.lining.with()] : [Self.beginReading.with()]
      let opening = [(writing ? Head.locking : Head.reading).with(), Self.headLink.with()]
      let news = [
        StateReading.floors.with(.integer(-1)),
        JournalRows.link.with(.integer(answered.entry.sequence)),
      ]
      // What somebody else was answered from, and this process has not seen, must be there.
      let isBehind = answered.entry > base.point.head
      let expectsNews = !isAlone || isBehind
      let all = try asking(
        entering + opening + (expectsNews ? news : []) + wish.commands, meanwhile: work)
      var answers = all.dropFirst(entering.count)
      records.isGrouped = true
      let head = try storing { () throws(StoreError) in
        try checkedHead(answers.removeFirst(), link: answers.removeFirst())
      }
      let isSame = head.point.head == base.point.head && head.link == base.link
      isAlone = isSame && !isStale && !isBehind
      var late: [Rows] = []
      if !isAlone {
        let told = expectsNews ? Array(answers.prefix(2)) : try asking(news + spared.commands)
        late = Array(told.dropFirst(2))
        try storing { () throws(StoreError) in try follow(to: head, told[0], told[1]) }
      }
      group = writing ? .writing : .reading
      try look(wish, expectsNews ? answers.dropFirst(2) : answers)
      if !late.isEmpty { try look(spared, late[...]) }
    }

    /// Takes in what was found, and reads what that leads on to.
    private func look(_ wish: Foresight.Wish, _ answers: ArraySlice<Rows>) throws(Trouble) {
      var (wish, answers) = (wish, answers)
      for step in 0..<Self.depth {
        let (asked, found) = (wish, answers)
        wish = try storing { () throws(StoreError) in
          try records.foresight.take(asked, found, records.journal, genesis: records.genesis)
        }
        guard !wish.isEmpty, step < Self.depth - 1 else { return }
        answers = try asking(wish.commands)[...]
      }
    }

    private func asking(
      _ commands: [Command], meanwhile work: () -> Void = {}
    ) throws(Trouble) -> [Rows] {
      do throws(PostgreSQLError) {
        return try server.run(commands, meanwhile: work)
      } catch {
        throw .server(error)
      }
    }

    private func storing<Result>(
      _ body: () throws(StoreError) -> Result
    ) throws(Trouble) -> Result {
      do throws(StoreError) {
        return try body()
      } catch {
        throw .store(error)
      }
    }

    /// The head, where the journal ends as it says.
    private func checkedHead(_ row: Rows, link rows: Rows) throws(StoreError) -> Head {
      let head = try Head(row)
      let seq = head.point.head
      let link = seq == .none ? records.genesis : rows.count == 1 ? .init(rows) : nil
      guard link == head.link else {
        throw .damaged(entry: seq, reason: "the journal does not end where its head says")
      }
      return head
    }

    /// Checks that the journal still has all that was answered.
    private func check(_ head: Head, _ old: Rows) throws(StoreError) {
      let seq = head.point.head
      let last = answered.entry
      guard seq >= last else {
        throw .damaged(
          entry: seq.next,
          reason: "the server ends before it, but has had entries up to \(last.sequence): it has "
            + "lost what was answered")
      }
      guard last == .none || old.count == 1 && ChainLink(old) == answered.link else {
        throw .damaged(entry: last, reason: "the server's entry is not the one that was answered")
      }
    }

    /// Makes the working set that of a head which others have written.
    private func follow(to head: Head, _ due: Rows, _ old: Rows) throws(StoreError) {
      try check(head, old)
      var head = head
      head.point.programDocument = base.point.programDocument
      if head.point.programVersion != base.point.programVersion {
        let rows = try records.read(
          StateReading.program, .integer(head.point.programVersion))
        guard rows.count == 1 else {
          throw .damaged(entry: head.point.head, reason: "the program in force is missing")
        }
        head.point.programDocument = rows.bytes(0, 0)
      }
      base = head
      floors = (
        due.optionalInteger(0, 0).map { Instant(milliseconds: $0) },
        due.optionalInteger(0, 1).map { Instant(milliseconds: $0) }
      )
      try restore()
    }

    /// Makes the working set that of `base`, with nothing of a group in it.
    func restore() throws(StoreError) {
      position = Position(entry: base.point.head, link: base.link)
      working = try WorkingSet(
        source: records, at: base.point, due: floors.due, alertEnd: floors.alertEnd,
        programOf: working)
      isStale = false
    }

    /// Lets go of what the last group has left, which its answers need not wait for.
    func tidy() {
      guard let left = leftovers else { return }
      leftovers = nil
      left.working.confirmSlice()
    }

    /// Ends the group without keeping anything of it; after a commit there is nothing left to drop.
    func drop() {
      if server.isInTransaction {
        do throws(PostgreSQLError) {
          _ = try server.run([Self.rollback.with()])
        } catch {
          server.disconnect()
        }
      }
      group = .none
      records.isGrouped = false
      records.foresight = Foresight()
      pending = Pending()
    }
  }

  extension PostgreSQLStore {
    package func append(_ entry: Entry, person: Person?) throws(StoreError) {
      let (row, link) = records.journal.row(of: entry, after: position.link)
      try append(entry, row, link, person)
    }

    /// Appends an entry as the row it is stored as.
    func append(
      _ entry: Entry, _ row: JournalRow, _ link: ChainLink, _ person: Person?
    ) throws(StoreError) {
      precondition(group == .writing || group == .appending, "entries belong to a writing group")
      group = .broken
      guard entry.id == position.entry.next else {
        throw .damaged(entry: entry.id, reason: "it is not the next entry")
      }
      position = Position(entry: entry.id, link: link)
      pending.rows.append(row)
      pending.entries.append(entry)
      if let person, let account = entry.account { pending.people[account] = person }
      records.foresight.entries[entry.id] = entry
      try working.apply(entry)
      group = .appending
    }

    package func abandon() throws(StoreError) {
      let hadEntries = group == .appending || group == .broken
      drop()
      if let failure { throw failure }
      if hadEntries { try restore() }
    }
  }

  extension ChainLink {
    fileprivate init?(_ rows: Rows) { self.init(bytes: rows.bytes(0, 0)) }
  }

#endif
