// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import StoredValue
import Testing

private func preset(_ others: String) -> String {
  "{\"preset\":\"cn-single-purpose\"\(others.isEmpty ? "" : ",")\(others)}"
}

struct PresetTests {
  @Test func `the preset fills in what the program leaves open`() throws {
    let program = try decode(preset(""))
    var rules = StoredValueRules()
    rules.card.maximumBalance = Amount(500_000)
    rules.card.maximumBalanceUnregistered = Amount(100_000)
    rules.card.registeredNeedsHolder = true
    #expect(program.storedValue == rules)
    #expect(program.preset == .cnSinglePurpose)
  }

  @Test func `what the preset fills in does not enter the document`() throws {
    #expect(try canonical(preset("")) == "{\"preset\":\"cn-single-purpose\"}")
  }

  @Test(arguments: [
    ("", 500_000, 100_000),
    (#""card":{"max_balance":500000,"max_balance_unregistered":100000}"#, 500_000, 100_000),
    (#""card":{"max_balance":400000}"#, 400_000, 100_000),
    (#""card":{"max_balance":50000}"#, 50_000, 50_000),
    (#""card":{"max_balance_unregistered":50000}"#, 500_000, 50_000),
  ])
  func `smaller limits stand`(_ others: String, _ registered: Int64, _ other: Int64) throws {
    let card = try decode(preset(others)).storedValue.card
    #expect(card.maximumBalance == Amount(registered))
    #expect(card.maximumBalanceUnregistered == Amount(other))
  }

  @Test(arguments: [
    (#""card":{"max_balance":500001}"#, "/card/max_balance"),
    (#""card":{"max_balance_unregistered":100001}"#, "/card/max_balance_unregistered"),
    (
      #""card":{"max_balance":50000,"max_balance_unregistered":50001}"#,
      "/card/max_balance_unregistered"
    ),
    (#""card":{"lost_card":"forfeit"}"#, "/card/lost_card"),
    (#""close":{"refund_method":"none"}"#, "/close/refund_method"),
    (#""topup":{"min":500001}"#, "/topup/min"),
  ])
  func `what the preset does not allow is refused`(_ others: String, _ field: String) {
    #expect(refusal(preset(others)) == field)
  }

  @Test(arguments: [
    #""card":{"lost_card":"replace"}"#, #""close":{"refund_method":"principal"}"#,
    #""close":{"refund_method":"paid_ratio"}"#, #""topup":{"min":500000}"#,
  ])
  func `what it allows is accepted`(_ others: String) {
    #expect(refusal(preset(others)) == nil)
  }

  @Test func `without it nothing is needed of a holder`() throws {
    #expect(try !decode(everything).storedValue.card.registeredNeedsHolder)
    #expect(try decode(#"{"preset":null}"#).preset == nil)
  }
}
