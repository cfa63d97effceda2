// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store

extension Audit {
  /// Holders' particulars against the digests of them in the journal.
  struct People {
    private let source: Source
    private let digester: RequestDigester

    init(_ source: Source, _ digester: RequestDigester) {
      self.source = source
      self.digester = digester
    }

    /// Checks what an opening says of its holder.
    ///
    /// Nobody there is fine: people can be erased.
    func check(_ entry: Entry) throws(StoreError) {
      guard let account = entry.account else { return }
      for case .accountOpened(let opening) in entry.changes {
        let person = try source.read { () throws(StoreError) in
          try source.inspection.person(of: account)
        }
        try check(opening.holderDigest, person ?? nil, at: entry.id)
      }
    }

    /// Names whoever is kept as the holder of an account that the journal does not open.
    func checkStrangers(besides isOpened: (AccountID) -> Bool) throws(StoreError) {
      let kept = try source.read { () throws(StoreError) in
        try source.inspection.peopleAccounts()
      }
      for number in kept ?? [] {
        guard let account = AccountID(stored: number) else {
          source.findings.add("a holder is kept of account \(number), which cannot be")
          continue
        }
        if !isOpened(account) {
          source.findings.add("a holder is kept of account \(account.text), which was never opened")
        }
      }
    }

    private func check(_ digest: [UInt8]?, _ person: Person?, at entry: EntryID) throws(StoreError)
    {
      guard let digest else {
        if person != nil {
          source.findings.add("a holder is kept whom the journal does not know", at: entry)
        }
        return
      }
      var reader = ByteReader(digest)
      guard let key = try? reader.byte(), let stored = try? reader.fixed(),
        (try? reader.finish()) != nil
      else {
        source.findings.add("its digest of the holder is malformed", at: entry)
        return
      }
      guard let person else { return }
      let due = digester.digest(
        member: "person", key: "".utf8.span.bytes, bytes: person.digestedBytes.span.bytes,
        keyID: key)
      guard let due else {
        source.findings.add(
          "its digest of the holder is under journal key \(key), which the key ring lacks",
          at: entry)
        return
      }
      if due != stored {
        source.findings.add("the holder that is kept is not the one of its digest", at: entry)
      }
    }
  }
}
