// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
import Coupons
package import LedgerCore
package import Program
package import StoredValue

/// The state of the ledger as of its newest entry: folded records overlaid by what came since.
///
/// `apply` is the one way it changes, for live requests, recovery, other processes' entries and
/// rebuilding alike. Not thread-safe: it belongs to the loop. Nothing is called while a member is
/// being changed, so that accesses need not be watched (`@exclusivity(unchecked)`): they are
/// dozens a request.
package final class WorkingSet {
  unowned let source: any RecordSource
  @exclusivity(unchecked) private var storedKeys = KeyKnowledge()
  /// Changed since the last slice was cut.
  @exclusivity(unchecked) var current = Unfolded()
  /// Handed to the folder and not yet confirmed.
  @exclusivity(unchecked) private(set) var folding = Unfolded()
  @exclusivity(unchecked) private var isFolding = false
  /// Accounts as they are folded, with what rules remember of them.
  let accountCache: AccountCache
  /// The account that was found or changed last: a request asks for its own several times.
  @exclusivity(unchecked) private var lastAccount: Account?
  /// It has changed, and is not among the current records yet; nor is what is remembered of it.
  @exclusivity(unchecked) private var isLastChanged = false
  @exclusivity(unchecked) var changedWatch: SubjectRecord?
  /// What is remembered of the account that was asked for last; outer nil where that has changed.
  @exclusivity(unchecked) var lastWatch: (id: AccountID, record: SubjectRecord?)?
  @exclusivity(unchecked) private var writer = ByteWriter(reserving: 1024)
  var campaigns = TwoGenerations<CampaignNumber, Campaign>()
  /// Whether an account that is read is kept: not where it is about to change, since the slice
  /// with the change brings it.
  package var keepsReads = true
  @exclusivity(unchecked) var cardDirectory = CardDirectory()
  /// How many cards had to be looked up since aids came last.
  private var cardLookups = 0
  /// What was read for no other reason than to have it in the processor's cache.
  private var touched: UInt8 = 0
  @exclusivity(unchecked) package internal(set) var point: FoldPoint
  var subjects = TwoGenerations<WatchedSubject, SubjectRecord>()
  /// The record of another subject that was found or kept last.
  @exclusivity(unchecked) var lastSubject: (subject: WatchedSubject, record: SubjectRecord)?
  /// The program in force, and its rules.
  @exclusivity(unchecked) package private(set) var program: Program
  @exclusivity(unchecked) package internal(set) var detector: Detector
  /// No alert ends untold before this; nil when none ever does.
  var alertFloor: Instant?
  /// Nothing is due to lapse before this; nil when nothing ever is.
  private var dueFloor: Instant?

  /// The state at a point; `cachedBytes` are for accounts as they are folded, where the usual are
  /// too many.
  package init(
    source: any RecordSource, at point: FoldPoint, cachedBytes: Int? = nil
  ) throws(StoreError) {
    self.source = source
    accountCache = AccountCache(limit: cachedBytes ?? AccountCache.standardLimit)
    self.point = point
    dueFloor = try source.firstDue(after: Instant(milliseconds: -1))
    alertFloor = try source.firstAlertEnd(after: Instant(milliseconds: -1))
    program = try Self.program(of: point, at: nil)
    detector = Self.detector(of: program, at: point)
  }

  /// The state at a point of which the caller knows when something is due next: asks the source
  /// nothing.
  ///
  /// The program is taken from `other` where it is the same.
  package init(
    source: any RecordSource, at point: FoldPoint, due: Instant?, alertEnd: Instant?,
    programOf other: WorkingSet
  ) throws(StoreError) {
    self.source = source
    accountCache = AccountCache()
    self.point = point
    dueFloor = due
    alertFloor = alertEnd
    // By its text too: a version that was dropped may be another program's by now.
    let isSame =
      other.point.programVersion == point.programVersion
      && other.point.programDocument == point.programDocument
    program = isSame ? other.program : try Self.program(of: point, at: nil)
    detector =
      isSame && other.point.series == point.series
      ? other.detector : Self.detector(of: program, at: point)
  }

  private static func detector(of program: Program, at point: FoldPoint) -> Detector {
    let rules = program.anomalyRules
    return rules.isEmpty ? .idle : Detector(rules, after: point.series, setBy: point.head)
  }

  /// The program that a point holds.
  private static func program(
    of point: FoldPoint, at entry: EntryID?
  ) throws(StoreError) -> Program {
    do {
      return try Program.decode(canonical: point.programDocument)
    } catch {
      throw .damaged(entry: entry, reason: "the program does not decode: \(error.field)")
    }
  }

  /// Nothing is due before these: of accounts, and of alerts.
  package var floors: (due: Instant?, alertEnd: Instant?) { (dueFloor, alertFloor) }

  package var head: EntryID { point.head }
  // What each request asks for: other modules' accesses to the point are watched all the same.
  package var headTime: Instant { point.headTime }
  package var programVersion: Int64 { point.programVersion }
  package var alertSequence: Int64 { point.alertSequence }

  /// Entries that the store has not confirmed as folded.
  package var unfoldedCount: Int { current.entryCount + folding.entryCount }

  package func account(_ id: AccountID) throws(StoreError) -> Account? {
    if let lastAccount, lastAccount.id == id { return lastAccount }
    settle()
    guard let account = try find(id) else { return nil }
    lastAccount = account
    return account
  }

  /// The account that is being changed, if it is this one.
  func isChanging(_ id: AccountID) -> Bool {
    guard isLastChanged, let lastAccount else { return false }
    return lastAccount.id == id
  }

  /// Puts the account that was changed last among the current records.
  ///
  /// Not at once, because entry after entry may change the same one.
  func settle() {
    guard isLastChanged, let account = lastAccount else { return }
    let watch = changedWatch.take()
    current.keep(account, watch: watch, using: &writer)
    isLastChanged = false
  }

  private func find(_ id: AccountID) throws(StoreError) -> Account? {
    if let row = current.accounts.find(id) { return account(id, from: row) }
    if let row = folding.accounts.find(id) { return account(id, from: row) }
    if let row = accountCache.find(id) {
      if let watch = row.watch { learn(watch, of: id) }
      return Account(id: id, row: row.account)
    }
    guard let account = try source.account(id) else { return nil }
    if keepsReads { accountCache.keep(id, account.encoded(), watch: .unknown) }
    return account
  }

  private func account(_ id: AccountID, from row: ChangedAccounts.Record) -> Account {
    if let watch = row.watch { learn(.some(watch), of: id) }
    return Account(id: id, row: row.account)
  }

  /// Keeps at hand what the row of an account says of what is remembered of it: whoever asks for
  /// the one asks for the other.
  private func learn(_ watch: ArraySlice<UInt8>?, of id: AccountID) {
    guard !detector.isIdle, !current.hasStrays, !folding.hasStrays else { return }
    lastWatch = (id, watch.map { SubjectRecord(row: $0) })
  }

  package func card(_ number: CardNumber) throws(StoreError) -> CardStanding {
    let hash = CardDirectory.hash(of: number)
    // A number that an account has names that account, whatever else is known of it.
    if let id = cardDirectory.find(hash), let account = try account(id),
      account.cardNumber == number
    {
      return .names(id)
    }
    if let standing = current.cards[number] ?? folding.cards[number] { return standing }
    cardLookups += 1
    let standing = try source.card(number)
    if case .names(let id) = standing { cardDirectory.note(id, for: hash) }
    return standing
  }

  /// Has the processor fetch what lookups of cards with these hashes are going to read.
  ///
  /// Each lies in another place of memory: one after the other, requests would wait for each; here
  /// they wait for many at once.
  package func touch(cardsHashed hashes: [UInt64]) {
    guard hashes.count > 1 else { return }
    touched &+= accountCache.touch(hashes.compactMap { cardDirectory.find($0) })
  }

  package func marks(of entry: EntryID) throws(StoreError) -> EntryMarks {
    if let marks = current.marks[entry] ?? folding.marks[entry] { return marks }
    return try source.marks(of: entry) ?? EntryMarks()
  }

  package func entry(_ id: EntryID) throws(StoreError) -> Entry? {
    guard id > .none, id <= head else { return nil }
    return try source.entry(id)
  }

  package func standing(of key: IdempotencyKey) throws(StoreError) -> KeyStanding {
    let hash = keyHash(key)
    for id in folding.keys.entries(hash) {
      if let standing = try standing(of: key, by: id) { return standing }
    }
    for id in current.keys.entries(hash) {
      if let standing = try standing(of: key, by: id) { return standing }
    }
    guard storedKeys.mayBeStored(hash) else { return .unused }
    for id in try source.entries(keyHash: hash) {
      if let standing = try standing(of: key, by: id) { return standing }
    }
    return .unused
  }

  private func standing(
    of key: IdempotencyKey, by id: EntryID
  ) throws(StoreError) -> KeyStanding? {
    guard let entry = try source.entry(id) else {
      throw .damaged(entry: id, reason: "the index names an entry that is not in the journal")
    }
    if entry.key == key { return .used(entry) }
    return entry.changes.contains(.keyBlocked(key)) ? .blocked(id) : nil
  }
}

extension WorkingSet {
  /// Folds the next entry in.
  ///
  /// Throws `StoreError.damaged` when it is not the next one or does not fit; the working set is
  /// then of no further use.
  package func apply(_ entry: Entry) throws(StoreError) {
    guard entry.id == point.head.next else {
      throw .damaged(entry: entry.id, reason: "an entry is missing before it")
    }
    guard entry.at >= point.headTime else {
      throw .damaged(entry: entry.id, reason: "dated before the entry before it")
    }
    if let id = entry.account { try applyAccount(entry, id) }
    for index in entry.changes.indices where entry.changes[index].isBesideAccount {
      try applyBeside(entry.changes[index], of: entry)
    }
    if entry.concernsCoupons { try applyCoupons(entry) }
    if let hash = keyHash(of: entry) { current.keys.add(hash, by: entry.id) }
    try applyWatch(entry)
    if entry.kind == .programSet { try setRules(by: entry) }
    for index in entry.postings.indices { point.totals.apply(entry.postings[index]) }
    point.head = entry.id
    point.headTime = entry.at
    current.entryCount += 1
  }

  private func applyAccount(_ entry: Entry, _ id: AccountID) throws(StoreError) {
    if lastAccount?.id != id {
      settle()
      lastAccount = try find(id)
    }
    var account = lastAccount.take()
    do {
      try Account.fold(entry, into: &account)
    } catch {
      throw .damaged(entry: error.entry, reason: error.reason)
    }
    guard let account else { return }
    lastAccount = account
    isLastChanged = true
    if let due = account.nextDue { dueFloor = dueFloor.map { min($0, due) } ?? due }
  }

  /// The changes that concern records other than the account.
  private func applyBeside(_ change: Change, of entry: Entry) throws(StoreError) {
    switch change {
    case .accountOpened(let opening):
      if let id = entry.account { current.cards[opening.cardNumber] = .names(id) }
    case .cardReplaced(let number):
      guard let id = entry.account else { return }
      if let old = try previousNumber(of: id, before: entry) { current.cards[old] = .retired }
      current.cards[number] = .names(id)
    case .marked(let target, let mark):
      var marks = try marks(of: target)
      marks.apply(mark, of: entry.id)
      current.marks[target] = marks
    case .keyBlocked(let key): current.keys.add(keyHash(key), by: entry.id)
    case .programSet(let document):
      point.programVersion += 1
      point.programDocument = document
      program = try Self.program(of: point, at: entry.id)
    default: preconditionFailure("it changes nothing beside the account")
    }
  }

  /// The number a card had before this entry replaced it: what the entry before it shows.
  private func previousNumber(
    of id: AccountID, before entry: Entry
  ) throws(StoreError) -> CardNumber? {
    guard let previous = try source.entry(entry.previous) else {
      throw .damaged(entry: entry.id, reason: "the account's entry before it is missing")
    }
    return previous.after?.cardNumber
  }
}

extension WorkingSet {
  /// Hands over what has changed since the last slice; nil when nothing has, or one is under way.
  package func cutSlice() -> (records: Unfolded, point: FoldPoint)? {
    guard !isFolding, !current.isEmpty else { return nil }
    settle()
    let slice = current
    folding = slice
    isFolding = true
    current = Unfolded(like: slice)
    return (slice, point)
  }

  /// The slice is in the store: its records need no longer be kept.
  ///
  /// `folded` is what the store has made of it; without, that is made here.
  package func confirmSlice(_ folded: consuming FoldedSlice? = nil) {
    guard isFolding else { return }
    let records = folding
    folding = Unfolded()
    isFolding = false
    let folded = folded ?? FoldedSlice(of: records)
    for hash in folded.keyHashes { storedKeys.note(hash) }
    for (number, campaign) in records.campaigns where current.campaigns[number] == nil {
      campaigns.keep(campaign, for: number)
    }
    for subject in folded.besideAccounts {
      if case .account(let id) = subject {
        accountCache.remove(id)
      } else if current.subjects[subject] == nil, let record = records.subjects[subject] {
        subjects.keep(record, for: subject)
      }
    }
    for case (let number, .names(let id)) in records.cards {
      cardDirectory.note(id, for: CardDirectory.hash(of: number))
    }
    accountCache.adopt(folded.rows, at: folded.places)
  }

  /// Whether lookups would gain from aids, and none are being made.
  package var wantsAids: Bool {
    storedKeys.wantsFilter
      || !storedKeys.awaitsFilter && cardDirectory.isFull
        && cardLookups >= KeyKnowledge.enoughLookups
  }

  package var hasAids: Bool { storedKeys.hasFilter }

  /// Aids are being made, with every key that is in the store now or will be, whatever else.
  package func beginAids() { storedKeys.beginFilter() }

  /// Takes the aids begun last, or learns that nothing came of them.
  package func endAids(_ aids: consuming LookupAids?) {
    cardLookups = 0
    guard let aids else { return storedKeys.giveUpFilter() }
    let (keys, cards) = aids.parts()
    storedKeys.adopt(keys)
    cardDirectory = cards
  }

  /// The slice did not reach the store: its records go with the next one.
  package func returnSlice() {
    guard isFolding else { return }
    settle()
    var older = folding
    folding = Unfolded()
    isFolding = false
    older.merge(current)
    current = older
  }

  /// Accounts of which something is due to lapse by `now`, at most `limit`; cheap when none is.
  package func accountsDue(by now: Instant, limit: Int) throws(StoreError) -> [AccountID] {
    guard let floor = dueFloor, floor <= now else { return [] }
    settle()
    var due: [AccountID] = []
    let current = current.accounts
    let older = folding.accounts.due(by: now).filter { !current.holds($0) }
    for id in current.due(by: now) + older where due.count <= limit {
      if try account(id)?.due(at: now).isEmpty == false { due.append(id) }
    }
    for id in try source.accounts(dueBy: now, limit: limit + unfoldedCount)
    where due.count <= limit {
      if try account(id)?.due(at: now).isEmpty == false, !due.contains(id) { due.append(id) }
    }
    if due.count <= limit {
      var next = try source.firstDue(after: now)
      for accounts in [current, folding.accounts] {
        if let due = accounts.firstDue(after: now) { next = next.map { min($0, due) } ?? due }
      }
      dueFloor = due.isEmpty ? next : floor
    }
    return Array(due.sorted().prefix(limit))
  }
}
