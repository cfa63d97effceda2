// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Secrets
import Store
import StoredValue

/// Reads of the folded tables.
///
/// Throws `damaged` without an entry when state.db is not what was written to it: by the checksum
/// of the record, or because SQLite notices. A row that a failing disk makes vanish is not
/// noticed here; it takes a comparison with the journal to find that.
final class StateReader {
  private let begin: Statement
  private let end: Statement
  private let accountStatement: Statement
  private let cardStatement: Statement
  let keyStatement: Statement
  private let marksStatement: Statement
  private let dueStatement: Statement
  private let firstDueStatement: Statement
  private let metaStatement: Statement
  let coupons: CouponReader
  let watch: WatchStatements
  /// Whether reads belong to a group: they then see one moment, and lock once.
  private var isGrouped = false
  private var holdsMoment = false
  /// What stood beside the account that this group read last: a request wants both.
  private(set) var besideAccount: (id: AccountID, watch: [UInt8]?)?
  @exclusivity(unchecked) var shortcut: AccountShortcut
  /// Told when the state turns out not to be what was written to it.
  var onDamage: (String) -> Void = { _ in }

  init(_ connection: Connection) throws(StoreError) {
    shortcut = AccountShortcut(connection)
    do throws(SQLiteError) {
      begin = try connection.prepare("BEGIN")
      end = try connection.prepare("COMMIT")
      accountStatement = try connection.prepare("SELECT record, watch FROM accounts WHERE id = ?")
      cardStatement = try connection.prepare("SELECT account, checksum FROM cards WHERE number = ?")
      keyStatement = try connection.prepare(Self.keySelection)
      marksStatement = try connection.prepare("SELECT record FROM marks WHERE entry = ?")
      dueStatement = try connection.prepare(
        "SELECT id FROM accounts WHERE due <= ? ORDER BY due LIMIT ?")
      firstDueStatement = try connection.prepare("SELECT min(due) FROM accounts WHERE due > ?")
      metaStatement = try connection.prepare(StateMeta.selection)
      coupons = try CouponReader(connection)
      watch = try WatchStatements(connection)
    } catch {
      throw StoreError(error)
    }
  }

  /// From its first read on, the group sees one moment, until `endGroup`.
  func beginGroup() { isGrouped = true }

  /// Lets go of the moment, so that the next read sees what has been folded since.
  func endGroup() {
    isGrouped = false
    besideAccount = nil
    guard holdsMoment else { return }
    holdsMoment = false
    // Nothing was written, so there is nothing that ending could lose.
    try? end.run()
  }

  /// What stood beside the account that was read last is looked up again: it may have come the
  /// short way, and be older than this moment.
  func forgetAccount() { besideAccount = nil }

  /// Steps a statement; whoever gets true resets it.
  func step(_ statement: borrowing Statement) throws(StoreError) -> Bool {
    do throws(SQLiteError) {
      if isGrouped, !holdsMoment {
        try begin.run()
        holdsMoment = true
      }
      return try statement.step()
    } catch {
      switch error.code {
      case .corrupt, .notADatabase, .ioerrData, .ioerrShortRead: throw damage("\(error)")
      default: throw StoreError(error)
      }
    }
  }

  /// What to throw when the state is not what was written to it.
  func damage(_ reason: String) -> StoreError {
    onDamage(reason)
    return .damaged(entry: nil, reason: "state.db: \(reason)")
  }
}

extension StateReader {
  /// Where the fold stands; nil when the table does not say.
  func meta() throws(StoreError) -> StateMeta? {
    guard try step(metaStatement) else { return nil }
    defer { metaStatement.reset() }
    guard let meta = StateMeta(metaStatement) else { throw damage("its head is garbled") }
    return meta
  }

  func account(_ id: AccountID) throws(StoreError) -> Account? {
    if let row = shortcut.row(of: id), let account = Self.account(id, sealed: row.record) {
      if isGrouped { besideAccount = (id, row.watch) }
      return account
    }
    accountStatement.bind(1, id.value)
    guard try step(accountStatement) else { return nil }
    defer { accountStatement.reset() }
    guard let account = Self.account(id, sealed: accountStatement.blob(0)) else {
      throw damage("the record of account \(id.text) is garbled")
    }
    if isGrouped {
      besideAccount = (id, accountStatement.isNull(1) ? nil : accountStatement.blob(1))
    }
    return account
  }

  private static func account(_ id: AccountID, sealed: [UInt8]) -> Account? {
    Checksum.open(sealed, seed: id.value).flatMap { try? Account(id: id, encoded: $0) }
  }

  func card(_ number: CardNumber) throws(StoreError) -> CardStanding {
    cardStatement.bind(1, text: number.text)
    guard try step(cardStatement) else { return .unknown }
    defer { cardStatement.reset() }
    let account = cardStatement.isNull(0) ? nil : cardStatement.integer(0)
    guard Checksum.ofCard(number.text, account: account) == cardStatement.integer(1) else {
      throw damage("the row of a card is garbled")
    }
    guard let account else { return .retired }
    guard let id = AccountID(stored: account) else { throw damage("a card names no account") }
    return .names(id)
  }

  func marks(of entry: EntryID) throws(StoreError) -> EntryMarks? {
    marksStatement.bind(1, entry.sequence)
    guard try step(marksStatement) else { return nil }
    defer { marksStatement.reset() }
    guard let record = Checksum.open(marksStatement.blob(0), seed: entry.sequence),
      let marks = try? EntryMarks(encoded: record)
    else { throw damage("the marks of entry \(entry.sequence) are garbled") }
    return marks
  }

  func accounts(dueBy instant: Instant, limit: Int) throws(StoreError) -> [AccountID] {
    dueStatement.bind(1, instant.milliseconds)
    dueStatement.bind(2, Int64(limit))
    defer { dueStatement.reset() }
    var accounts: [AccountID] = []
    while try step(dueStatement) {
      guard let id = AccountID(stored: dueStatement.integer(0)) else {
        throw damage("an account has no id")
      }
      accounts.append(id)
    }
    return accounts
  }

  func firstDue(after instant: Instant) throws(StoreError) -> Instant? {
    firstDueStatement.bind(1, instant.milliseconds)
    guard try step(firstDueStatement) else { return nil }
    defer { firstDueStatement.reset() }
    if firstDueStatement.isNull(0) { return nil }
    return Instant(milliseconds: firstDueStatement.integer(0))
  }
}
