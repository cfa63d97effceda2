// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import SQLite
import Secrets
import Store

extension Journal {
  /// The entry of this number, its link checked; nil when there is none.
  func entry(_ id: EntryID) throws(StoreError) -> Entry? {
    entryStatement.bind(1, id.sequence)
    do throws(SQLiteError) {
      guard try entryStatement.step() else { return nil }
    } catch {
      throw StoreError(error, journal: id)
    }
    defer { entryStatement.reset() }
    var position = start
    if id > EntryID(1) {
      guard let previous = entryStatement.link(7) else { throw .badLink(EntryID(id.sequence - 1)) }
      position = Position(entry: EntryID(id.sequence - 1), link: previous)
    }
    return try read(entryStatement, at: &position)
  }

  /// The link of this row; nil when there is no such row.
  func link(of id: EntryID) throws(StoreError) -> ChainLink? {
    if id == .none { return start.link }
    linkStatement.bind(1, id.sequence)
    do throws(SQLiteError) {
      guard try linkStatement.step() else { return nil }
    } catch {
      throw StoreError(error, journal: id)
    }
    defer { linkStatement.reset() }
    guard let link = linkStatement.link(0) else { throw .badLink(id) }
    return link
  }

  /// Hands the entries after `position` to `body` in order, at most `limit`, and moves it on.
  ///
  /// Each is checked against the one before it; `damaged` names the first that does not follow.
  /// Answers how many there were.
  func forEach(
    after position: inout Position, limit: Int = .max, _ body: (Entry) throws(StoreError) -> Void
  ) throws(StoreError) -> Int {
    rangeStatement.bind(1, position.entry.sequence)
    rangeStatement.bind(2, Int64(limit))
    defer { rangeStatement.reset() }
    var count = 0
    while try hasRow(rangeStatement, after: position) {
      try body(try read(rangeStatement, at: &position))
      count += 1
    }
    return count
  }

  private func hasRow(
    _ statement: borrowing Statement, after position: Position
  ) throws(StoreError) -> Bool {
    do throws(SQLiteError) {
      return try statement.step()
    } catch {
      throw StoreError(error, journal: position.entry.next)
    }
  }

  /// Reads a row of seq, at, kind, account, key, body and link that must follow `position`, and
  /// moves that on.
  private func read(
    _ row: borrowing Statement, at position: inout Position
  ) throws(StoreError) -> Entry {
    let id = EntryID(row.integer(0))
    guard id == position.entry.next else {
      throw .damaged(
        entry: position.entry.next, reason: "it is missing: entry \(id.sequence) comes next")
    }
    guard let kind = UInt8(exactly: row.integer(2)) else {
      throw .damaged(entry: id, reason: "unknown kind")
    }
    let at = row.integer(1)
    let account = row.isNull(3) ? nil : row.integer(3)
    let key = row.isNull(4) ? nil : row.text(4)
    let body = row.blob(5)
    let link = try row.withText(4) { key throws(StoreError) in
      // Most links are under the key that signs now, and making one is as quick as checking it.
      let expected = chain.next(
        after: position.link, seq: id.sequence, at: at, kind: kind, account: account ?? 0,
        key: key.bytes, body: body.span.bytes)
      if row.withBlob(6, { expected.isStored(as: $0) }) { return expected }
      guard let link = row.link(6) else { throw StoreError.badLink(id) }
      func check() -> HashChain.Check {
        chain.check(
          link, after: position.link, seq: id.sequence, at: at, kind: kind, account: account ?? 0,
          key: key.bytes, body: body.span.bytes)
      }
      var found = check()
      // Another process may have been quicker to take up a key that was made a moment ago.
      if case .unknownKey = found, let renewed = renewal?() {
        chain = renewed
        found = check()
      }
      try Self.judge(found, id)
      return link
    }
    do throws(MalformedRecord) {
      let entry = try Entry(
        id: id, at: Instant(milliseconds: at), kind: kind, account: account, key: key,
        body: body[...])
      position = Position(entry: id, link: link)
      return entry
    } catch {
      throw .damaged(entry: id, reason: error.reason)
    }
  }

  private static func judge(_ check: HashChain.Check, _ id: EntryID) throws(StoreError) {
    switch check {
    case .intact: break
    case .broken:
      throw .damaged(entry: id, reason: "its link does not fit it and the entry before it")
    case .unknownKey(let key):
      throw .damaged(
        entry: id, reason: "it was linked under journal key \(key), which the key ring lacks")
    }
  }
}
