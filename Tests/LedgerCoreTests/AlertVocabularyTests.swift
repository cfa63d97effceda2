// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

/// The words of alerts (contract §7).
@Suite struct AlertVocabularyTests {
  @Test func `causes and dispositions have the names of the contract`() {
    #expect(
      AlertCause.allCases.map(\.name) == [
        "amount", "count", "sum", "time_of_day", "pin_failures", "distinct_terminals", "drain",
        "deviation", "code_failures",
      ])
    #expect(
      AlertDisposition.allCases.map(\.name) == ["true_positive", "false_positive", "test"])
  }

  @Test func `severities rise`() {
    let rising = AlertSeverity.allCases
    #expect(rising.map(\.name) == ["low", "medium", "high", "critical"])
    for (lower, higher) in zip(rising, rising.dropFirst()) {
      #expect(lower < higher && !(higher < lower) && !(lower < lower))
    }
  }

  @Test func `a subject is told by its id or its name`() throws {
    let account = try #require(AccountID(stored: 5))
    #expect(WatchedSubject.account(account).text == account.text)
    for subject in [WatchedSubject.terminal("t"), .operator("t"), .store("t")] {
      #expect(subject.text == "t")
    }
  }

  @Test func `an entry to which something is added keeps all it had`() {
    var generator = EntryGenerator(seed: 5)
    for round in 0..<20 {
      let entry = generator.entry(round: round)
      let after = generator.snapshot()
      let said = entry.adding([.pinCleared], after: after)
      #expect(said.changes == entry.changes + [.pinCleared] && said.after == after)
      #expect(entry.adding([], after: entry.after) == entry)
    }
  }
}
