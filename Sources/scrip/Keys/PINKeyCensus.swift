// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue

/// Under which `pin` key each card's PIN stands.
struct PINKeyCensus {
  private static let page = 1000
  private let inspection: any LedgerInspection

  init(_ inspection: any LedgerInspection) { self.inspection = inspection }

  /// The accounts, other than closed ones, whose PIN is under the key.
  func accounts(under key: UInt8) throws(StoreError) -> Set<AccountID> {
    var found: Set<AccountID> = []
    var cursor: AccountID?
    while true {
      let accounts = try inspection.accounts(after: cursor, limit: Self.page)
      guard let last = accounts.last else { break }
      for (account, _) in accounts where account.status != .closed {
        if Self.key(of: account.pin.verifier) == key { found.insert(account.id) }
      }
      cursor = last.account.id
    }
    try apply(entriesAfter: try inspection.foldPoint()?.point.head.sequence ?? 0, key, to: &found)
    return found
  }

  /// What entries that are not folded yet say.
  private func apply(
    entriesAfter sequence: Int64, _ key: UInt8, to found: inout Set<AccountID>
  ) throws(StoreError) {
    var last = sequence
    while true {
      let rows = try inspection.rows(after: last, limit: Self.page)
      guard let end = rows.last else { return }
      last = end.sequence
      for row in rows {
        let entry = try row.decoded()
        guard let account = entry.account else { continue }
        for change in entry.changes {
          switch change {
          case .pinSet(let verifier) where Self.key(of: verifier) == key: found.insert(account)
          case .pinSet, .statusChanged(.closed): found.remove(account)
          default: break
          }
        }
      }
    }
  }

  private static func key(of verifier: [UInt8]?) -> UInt8? {
    verifier.flatMap { PINVerifier(encoded: $0) }?.keyID
  }
}

extension JournalRow {
  /// The entry the row holds; `damaged` when it holds none.
  func decoded() throws(StoreError) -> Entry {
    do {
      return try entry()
    } catch {
      throw .damaged(entry: EntryID(sequence), reason: error.reason)
    }
  }
}
