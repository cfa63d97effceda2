// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

@Suite struct TenderNameTests {
  /// A mark combines with the colon of `cash:` into one character, and two spellings of é are one
  /// to Swift's comparison of texts.
  @Test func `a ledger opens again whatever its tenders are called`() throws {
    let shop = try Shop()
    try shop.open("C1")
    let tenders = ["\u{301}x", "\u{200D}", "caf\u{E9}", "cafe\u{301}", ":", "cash:x"]
    for tender in tenders { expectResult(try shop.topUp("C1", 100, tender)) }
    let before = try shop.ask("ledger.trial_balance").resultText
    for tender in tenders { #expect(before?.contains("\"cash:\(tender)\"") == true, "\(tender)") }
    try shop.restart()
    #expect(try shop.ask("ledger.trial_balance").resultText == before)
    #expect(try shop.ask("ledger.verify")["/ok"] == true)
    try shop.close()
  }
}
