// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// What a PIN is, when it is asked for, and how it is set (contract §9 PIN, T44, T45; spec/pin.md).
@Suite struct PINTests {
  @Test func `leading zeros count`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "0123")
    let short = expectRefusal(try shop.debit("C1", 1, pin: "123"), "pin_format", field: "/pin")
    #expect(short.number.map { $0 / 1000 } == 2)
    for wrong in ["1230", "00123", "0124"] {
      expectRefusal(try shop.debit("C1", 1, pin: wrong), "pin_incorrect")
    }
    expectResult(try shop.debit("C1", 1, pin: "0123"))
    try shop.open("C2", topUp: 1000, pin: "000000")
    expectRefusal(try shop.debit("C2", 1, pin: "0000"), "pin_incorrect")
    expectResult(try shop.debit("C2", 1, pin: "000000"))
  }

  private static let noPINs = [
    "", "123", "1234567890123", "12 34", " 1234", "1234 ", "12a4", "-123", "+1234", "12.34",
    "\u{FF11}\u{FF12}\u{FF13}\u{FF14}", "\u{661}\u{662}\u{663}\u{664}", "1234\u{0}", "1e10",
    "\u{1D7CE}\u{1D7CF}\u{1D7D0}\u{1D7D1}",
  ]

  @Test func `what is not 4 to 12 digits is no PIN, before any card is looked at`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    for text in Self.noPINs {
      let pin: JSONTree = .string(text)
      for card in ["C1", "nobody"] {
        expectRefusal(try shop.debit(card, 1, ["pin": pin]), "pin_format", field: "/pin")
        expectRefusal(try shop.hold(card, 1, ["pin": pin]), "pin_format", field: "/pin")
        expectRefusal(try shop.card("pin.verify", card, ["pin": pin]), "pin_format", field: "/pin")
        expectRefusal(try shop.card("pin.set", card, ["pin": pin]), "pin_format", field: "/pin")
        expectRefusal(
          try shop.card("pin.change", card, ["current_pin": "1234", "new_pin": pin]), "pin_format",
          field: "/new_pin")
        expectRefusal(
          try shop.card("pin.reset", card, ["new_pin": pin, "proof": "x"]), "pin_format",
          field: "/new_pin")
        expectRefusal(
          try shop.card("account.replace_card", card, ["new_card_no": "C9", "new_pin": pin]),
          "pin_format", field: "/new_pin")
      }
      expectRefusal(try shop.tryToOpen("C8", ["pin": pin]), "pin_format", field: "/pin")
      expectRefusal(try shop.account("C8"), "not_found")
      #expect(try shop.account("C1").int("/pin/attempts_left") == 5)
    }
  }

  @Test func `a number is no PIN`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    for value: JSONTree in [1234, true, ["1234"]] {
      expectInvalid(try shop.debit("C1", 1, ["pin": value]), "/pin")
    }
    #expect(try shop.account("C1").int("/pin/attempts_left") == 5)
  }

  @Test func `the program bounds a new PIN's length`() throws {
    let shop = try Shop(["pin": ["min_length": 6, "max_length": 8]])
    for (pin, isFine) in [
      ("12345", false), ("123456", true), ("12345678", true), ("123456789", false),
    ] {
      let answer = try shop.tryToOpen("C\(pin)", pin: pin)
      if isFine { expectResult(answer) } else { expectRefusal(answer, "pin_format", field: "/pin") }
    }
    // A PIN that was set before stays good, and is compared as it is.
    expectResult(try shop.set(["pin": ["min_length": 8]]))
    expectResult(try shop.card("pin.verify", "C123456", ["pin": "123456"]))
  }

  @Test func `when a PIN is asked for`() throws {
    let shop = try Shop(["debit": ["pin_free_limit": 100]])
    try shop.open("C1", topUp: 1000, pin: "1234")
    try shop.open("C2", topUp: 1000)
    expectRefusal(try shop.debit("C1", 101), "pin_required")
    expectRefusal(try shop.hold("C1", 101), "pin_required")
    expectResult(try shop.debit("C1", 100))
    expectResult(try shop.debit("C1", 101, pin: "1234"))
    // One that is given is checked and counts.
    let wrong = expectRefusal(try shop.debit("C1", 1, pin: "4321"), "pin_incorrect")
    #expect(wrong.detail("attempts_left") == 4)
    expectResult(try shop.debit("C2", 500))
    expectRefusal(try shop.debit("C2", 1, pin: "1234"), "pin_not_set")
  }

  @Test func `when the program requires a PIN`() throws {
    let shop = try Shop(["debit": ["pin_free_limit": 100], "pin": ["required": true]])
    try shop.open("C1", topUp: 1000)
    expectResult(try shop.debit("C1", 100))
    expectRefusal(try shop.debit("C1", 101), "pin_not_set")
    expectRefusal(try shop.debit("C1", 100, pin: "1234"), "pin_not_set")
    expectRefusal(try shop.card("pin.verify", "C1", ["pin": "1234"]), "pin_not_set")
    expectRefusal(
      try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "1111"]), "pin_not_set")
    expectResult(try shop.card("pin.set", "C1", ["pin": "1234"]))
    expectResult(try shop.debit("C1", 101, pin: "1234"))
  }

  @Test func `by default every debit of a card with a PIN needs it`() throws {
    let shop = try Shop()
    let open = try shop.open("C1", topUp: 1000, pin: "1234")
    #expect(open["/account/pin"] == ["set": true, "attempts_left": 5, "locked_until": nil])
    expectRefusal(try shop.debit("C1", 1), "pin_required")
    try shop.open("C2", topUp: 1000)
    #expect(try shop.account("C2")["/pin/set"] == false)
    expectResult(try shop.debit("C2", 1))
  }

  @Test func `a PIN over a PIN needs a reason, and changing it needs the old one`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectRefusal(try shop.card("pin.set", "C1", ["pin": "1111"]), "pin_already_set")
    expectResult(
      try shop.card(
        "pin.set", "C1", ["pin": "1111", "override_reason": "holder came with passport"]))
    expectRefusal(try shop.debit("C1", 1, pin: "1234"), "pin_incorrect")
    expectResult(try shop.debit("C1", 1, pin: "1111"))
    expectRefusal(
      try shop.card("pin.change", "C1", ["current_pin": "9999", "new_pin": "2222"]),
      "pin_incorrect")
    let changed = try shop.card("pin.change", "C1", ["current_pin": "1111", "new_pin": "2222"])
    #expect(changed.int("/account/pin/attempts_left") == 5)
    expectResult(try shop.debit("C1", 1, pin: "2222"))
    expectRefusal(try shop.debit("C1", 1, pin: "1111"), "pin_incorrect")
    expectInvalid(try shop.card("pin.reset", "C1", ["new_pin": "3333", "proof": ""]), "/proof")
    expectInvalid(try shop.card("pin.reset", "C1", ["new_pin": "3333"]), "/proof")
    expectResult(try shop.card("pin.reset", "C1", ["new_pin": "3333", "proof": "passport"]))
    expectResult(try shop.debit("C1", 1, pin: "3333"))
  }

  @Test func `an override's reason and a reset's proof are recorded`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectResult(
      try shop.card("pin.set", "C1", ["pin": "1111", "override_reason": "forgotten by Li"]))
    expectResult(try shop.card("pin.reset", "C1", ["new_pin": "3333", "proof": "ID seen by Wu"]))
    let text = try shop.ask("account.statement", ["card_no": "C1"]).text
    #expect(text.contains("forgotten by Li") && text.contains("ID seen by Wu"))
  }

  @Test func `a stranger learns no balance`() throws {
    let shop = try Shop(["debit": ["max": 500], "first_day": ["cap_basis_points": 1000]])
    try shop.open("C1", topUp: 1000, pin: "1234")
    for amount in [1, 101, 501, 1001, 1_000_000] {
      let none = try shop.debit("C1", amount)
      let wrong = try shop.card("debit.create", "C1", ["amount": .number(amount), "pin": "0000"])
      expectRefusal(none, "pin_required")
      #expect(["pin_incorrect", "pin_locked"].contains(wrong.refusal ?? ""))
      #expect(!none.text.contains("1000") && !wrong.text.contains("1000"))
    }
  }

  @Test func `an unknown card is said to be unknown, whatever the PIN`() throws {
    // Decided in spec/pin.md: the person at the counter must be told which it is.
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, pin: "1234")
    expectRefusal(try shop.debit("nobody", 1, pin: "1234"), "not_found")
    expectRefusal(try shop.debit("nobody", 1), "not_found")
    expectRefusal(try shop.card("pin.verify", "nobody", ["pin": "1234"]), "not_found")
  }

  @Test func `two cards of one PIN know only their own`() throws {
    let shop = try Shop()
    for card in ["C1", "C2"] { try shop.open(card, topUp: 1000, pin: "1234") }
    expectResult(try shop.card("pin.change", "C1", ["current_pin": "1234", "new_pin": "9999"]))
    expectRefusal(try shop.debit("C1", 1, pin: "1234"), "pin_incorrect")
    expectResult(try shop.debit("C2", 1, pin: "1234"))
  }
}
