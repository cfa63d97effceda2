// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import JSON
import LedgerCore
import Store
import StoredValue
import Testing

@Suite struct SessionTests {
  @Test func `the same seed and the same bytes give the same answers, byte for byte`() throws {
    let script = (1...40).map { n in
      let card = #""card_no":"C\#(n % 7)""#
      return [
        #"{"jsonrpc":"2.0","id":\#(n),"method":"account.open","params":{\#(card),"pin":"0123","#
          + #""topup":{"amount":5000,"tender":"cash"},"idempotency_key":"o\#(n)"}}"#,
        #"{"jsonrpc":"2.0","id":\#(n),"method":"debit.create","params":{\#(card),"#
          + #""amount":\#(n),"pin":"\#(n % 5 == 0 ? "9999" : "0123")","#
          + #""idempotency_key":"d\#(n)"}}"#,
      ].joined(separator: "\n") + "\n"
    }.joined()
    let first = try SessionBench(seed: 42).feed(script)
    let second = try SessionBench(seed: 42).feed(script)
    #expect(first == second)
    #expect(first != (try SessionBench(seed: 43).feed(script)))
  }

  @Test func `a stretched PIN lets other cards pass, and nothing on its own card`() throws {
    let bench = try SessionBench()
    _ = try bench.call(
      "program.set",
      #"{"program":{"pin":{"hardening":"scrypt"}},"idempotency_key":"p"}"#)
    for card in ["A", "B"] {
      _ = try bench.call(
        "account.open",
        #"{"card_no":"\#(card)","topup":{"amount":1000,"tender":"cash"},"#
          + #""idempotency_key":"o\#(card)"}"#)
    }
    _ = try bench.call("pin.set", #"{"card_no":"A","pin":"0123","idempotency_key":"s"}"#)
    let script = [
      (1, "A", #""pin":"0123","#), (2, "A", #""pin":"0123","#), (3, "B", ""),
    ].map { id, card, pin in
      #"{"jsonrpc":"2.0","id":\#(id),"method":"debit.create","params":{"card_no":"\#(card)","#
        + #"\#(pin)"amount":1,"idempotency_key":"d\#(id)"}}"# + "\n"
    }.joined()
    let answers = try bench.exchange(script)
    #expect(answers.map { $0.root["id"]?.integer } == [3, 1, 2])
    #expect(answers.allSatisfy { $0.root["result"] != nil })
    let again = try bench.exchange(script)
    #expect(again.allSatisfy { $0.root["result"]?["replayed"]?.bool == true })
  }

  @Test func `a right PIN brings an old verifier up to the program's hardening`() throws {
    let bench = try SessionBench()
    _ = try bench.call(
      "account.open", #"{"card_no":"A","pin":"0123","idempotency_key":"o"}"#)
    let before = bench.session.engine.working
    let text = try bench.call("account.get", #"{"card_no":"A"}"#)["account_id"]?.string
    let id = try #require(text.flatMap { AccountID(text: $0) })
    let old = try #require(try before.account(id)?.pin.verifier)
    _ = try bench.call(
      "program.set",
      #"{"program":{"pin":{"hardening":"scrypt"}},"idempotency_key":"p"}"#)
    _ = try bench.call("pin.verify", #"{"card_no":"A","pin":"0123","idempotency_key":"v"}"#)
    let new = try #require(try before.account(id)?.pin.verifier)
    #expect(old != new)
    let wrong = try bench.call(
      "pin.verify", #"{"card_no":"A","pin":"0124","idempotency_key":"w"}"#)
    #expect(wrong["data"]?["code"]?.string == "pin_incorrect")
  }

  @Test func `a wrong current PIN is refused by the member that gave it`() throws {
    let bench = try SessionBench()
    _ = try bench.call(
      "account.open", #"{"card_no":"A","pin":"0123","idempotency_key":"o"}"#)
    let refusal = try bench.call(
      "pin.change",
      #"{"card_no":"A","current_pin":"9999","new_pin":"4567","idempotency_key":"c"}"#)
    #expect(refusal["data"]?["code"]?.string == "pin_incorrect")
    #expect(refusal["data"]?["field"]?.string == "/current_pin")
  }

  @Test(arguments: [
    (#"{"debit":{"max":99}}"#, "limit_exceeded"),
    (#"{"debit":{"daily_max":99}}"#, "limit_exceeded"),
    (#"{"first_day":{"cap_basis_points":900}}"#, "first_day_limit"), ("{}", "insufficient_funds"),
  ])
  func `what bars the card's part of a checkout is told of stored_value`(
    program: String, code: String
  ) throws {
    let bench = try SessionBench()
    _ = try bench.call("program.set", #"{"program":\#(program),"idempotency_key":"p"}"#)
    _ = try bench.call(
      "account.open",
      #"{"card_no":"A","topup":{"amount":1000,"tender":"cash"},"idempotency_key":"o"}"#)
    let price = code == "insufficient_funds" ? 1001 : 100
    let refusal = try bench.call(
      "checkout.commit",
      #"{"card_no":"A","cart":{"lines":[{"line_id":"1","sku":"tea","quantity":1,"#
        + #""unit_price":\#(price)}]},"stored_value":\#(price),"idempotency_key":"c"}"#)
    #expect(refusal["data"]?["code"]?.string == code)
    #expect(refusal["data"]?["field"]?.string == "/stored_value")
  }

  @Test func `a thousand guesses at a locked card stretch no PIN`() throws {
    let bench = try SessionBench()
    _ = try bench.call(
      "program.set",
      #"{"program":{"pin":{"hardening":"scrypt","max_attempts":1}},"idempotency_key":"p"}"#)
    _ = try bench.call(
      "account.open",
      #"{"card_no":"A","pin":"0123","topup":{"amount":1000,"tender":"cash"},"#
        + #""idempotency_key":"o"}"#)
    let script = (0..<1000).map { n in
      #"{"jsonrpc":"2.0","id":\#(n),"method":"debit.create","params":{"card_no":"A","#
        + #""pin":"9\#(100 + n)","amount":1,"idempotency_key":"d\#(n)"}}"# + "\n"
    }.joined()
    let answers = try bench.exchange(script)
    let codes = answers.map { $0.root["error"]?["data"]?["code"]?.string }
    #expect(codes.first == "pin_incorrect")
    #expect(codes.dropFirst().allSatisfy { $0 == "pin_locked" })
    #expect(codes.count == 1000)
  }

  @Test func `every method the contract names is there`() {
    let named = """
      account.close account.find account.freeze account.get account.open account.replace_card \
      account.report_lost account.statement account.unfreeze alert.ack alert.list \
      alert.subscribe anomaly.backtest campaign.create campaign.get campaign.list \
      campaign.pause campaign.resume checkout.commit checkout.quote checkout.refund \
      clock.advance clock.set coupon.get coupon.issue coupon.list coupon.payload coupon.redeem \
      coupon.release coupon.reserve coupon.unredeem coupon.verify coupon.void debit.authorize \
      debit.capture debit.create debit.refund debit.release entry.get entry.list entry.lookup \
      entry.reverse initialize ledger.head ledger.trial_balance ledger.verify pin.change \
      pin.reset pin.set pin.verify program.get program.set rpc.discover shutdown system.info \
      system.ping topup.bounce topup.clear topup.create topup.quote
      """.split(separator: " ").map(String.init)
    #expect(Method.all.map(\.name) == named)
  }
}
