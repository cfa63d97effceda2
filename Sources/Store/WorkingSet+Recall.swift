// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
package import LedgerCore
package import StoredValue

// What is at hand without the source, for a store that asks its source for much at once.
extension WorkingSet {
  /// The account that a card number names, where whoever names it need not ask the source.
  package func recall(_ number: CardNumber) -> Account? {
    guard let id = cardDirectory.find(CardDirectory.hash(of: number)), let account = recall(id),
      account.cardNumber == number
    else { return nil }
    return account
  }

  /// The account, where neither it nor what rules remember of it need be asked for.
  package func recall(_ id: AccountID) -> Account? {
    guard let row = accountCache.find(id), detector.isIdle || row.watch != nil else { return nil }
    return Account(id: id, row: row.account)
  }

  /// Whether what rules remember of a store, a terminal or an operator need not be asked for.
  package func recalls(_ subject: WatchedSubject) -> Bool {
    detector.isIdle || subjects.find(subject) != nil
  }

  /// Begins a larger directory of cards where there is one that is full.
  package func makeRoomForCards() {
    if cardDirectory.isFull { cardDirectory = cardDirectory.larger }
  }
}
