// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Params are by name, every name is known, and every value has its type (contract §1, §2, §9).
@Suite struct ParamsTests {
  private static let noObjects = ["[]", "[1]", #""C1""#, "1", "true", #"["C1", 5]"#]

  @Test func `params that are no object are invalid`() throws {
    let shop = try Shop()
    for params in Self.noObjects {
      for method in ["system.ping", "account.get", "debit.create"] {
        let answer = try shop.engine.ask(
          #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#)
        expectRefusal(answer, "invalid_params")
      }
    }
  }

  @Test func `params may be left out where nothing is required`() throws {
    let shop = try Shop()
    #expect(try shop.engine.request("system.ping").isResult)
    #expect(try shop.engine.request("system.info").isResult)
    #expect(try shop.engine.request("debit.create").number == -32602)
  }

  @Test func `an unknown member is refused by name and changes nothing`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let good: JSONTree = ["idempotency_key": "k", "card_no": "C1", "amount": 5]
    for (name, field) in [
      ("ammount", "/ammount"), ("Amount", "/Amount"), ("x", "/x"), ("X_a", "/X_a"),
      ("a/b~c", "/a~1b~0c"), ("", "/"), ("\u{5361}", "/\u{5361}"), ("tip", "/tip"),
    ] {
      let params = good.merging(.object([.init(name, 1)]))
      expectInvalid(try shop.ask("debit.create", params), field)
    }
    // A null does not make a name known.
    expectInvalid(try shop.ask("debit.create", good.merging(["tip": nil])), "/tip")
    expectInvalid(try shop.ask("account.get", ["card_no": "C1", "verbose": true]), "/verbose")
    expectInvalid(try shop.ask("system.ping", ["echo": 1]), "/echo")
    #expect(try shop.balance("C1") == 1000)
    expectResult(try shop.ask("debit.create", good))
  }

  @Test func `an unknown member inside a member is named by its place`() throws {
    let shop = try Shop()
    expectInvalid(
      try shop.tryToOpen("C1", ["topup": ["amount": 100, "tender": "cash", "fee": 1]]), "/topup/fee"
    )
    expectInvalid(try shop.tryToOpen("C1", ["holder": ["fone": "138"]]), "/holder/fone")
    expectRefusal(try shop.account("C1"), "not_found")
  }

  @Test func `members that start with x_ are ignored, whatever they hold`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000, ["x_till": ["a": [1, 2]], "x_": nil])
    let answer = try shop.debit("C1", 5, ["x_note": "vip", "x_amount": -7])
    #expect(answer.int("/account/balance/available") == 995)
    #expect(try shop.ask("system.ping", ["x_a": 1]).isResult)
  }

  @Test func `a required member that is missing or null is named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let good: JSONTree = ["idempotency_key": "k", "card_no": "C1", "amount": 5]
    for name in ["idempotency_key", "amount"] {
      expectInvalid(try shop.ask("debit.create", good.without(name)), "/\(name)")
      let null = JSONTree.object([.init(name, nil)])
      expectInvalid(try shop.ask("debit.create", good.merging(null)), "/\(name)")
    }
    expectInvalid(
      try shop.change("topup.create", ["card_no": "C1", "amount": 5]), "/tender")
    expectInvalid(
      try shop.tryToOpen("C2", ["topup": ["amount": 100]]), "/topup/tender")
    #expect(try shop.balance("C1") == 1000)
  }

  @Test func `an account is named by exactly one of its two names`() throws {
    let shop = try Shop()
    let id = try shop.open("C1", topUp: 1000).string("/account/account_id")
    expectRefusal(try shop.change("debit.create", ["amount": 5]), "invalid_params")
    let both = try shop.change(
      "debit.create", ["amount": 5, "card_no": "C1", "account_id": .string(id)])
    expectRefusal(both, "invalid_params")
    #expect(
      try shop.change("debit.create", ["amount": 5, "account_id": .string(id), "card_no": nil])
        .int("/account/balance/available") == 995)
    #expect(try shop.debit("C1", 5).int("/account/balance/available") == 990)
    #expect(try shop.ask("account.get", ["account_id": .string(id)])["/card_no"] == "C1")
  }

  @Test(arguments: ["store_id", "terminal_id", "operator_id"])
  func `who asks is 1 to 64 characters`(name: String) throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    for value: JSONTree in [
      "", .string(String(repeating: "s", count: 65)), 1, true, [], ["a": 1],
    ] {
      expectInvalid(try shop.debit("C1", 5, .object([.init(name, value)])), "/\(name)")
    }
    for value in ["s", String(repeating: "s", count: 64), String(repeating: "\u{5E97}", count: 64)]
    {
      let answer = try shop.debit("C1", 5, .object([.init(name, .string(value))]))
      #expect(answer["/entry/\(name)"] == .string(value))
    }
    #expect(try shop.debit("C1", 5, .object([.init(name, nil)]))["/entry/\(name)"] == .null)
    #expect(try shop.balance("C1") == 980)
  }

  @Test func `where a request comes from may be set once for all`() throws {
    let shop = try Shop(serve: ["--store-id", "S7", "--terminal-id", "T9"])
    try shop.open("C1", topUp: 1000)
    let plain = try shop.debit("C1", 1)
    #expect(plain["/entry/store_id"] == "S7" && plain["/entry/terminal_id"] == "T9")
    #expect(plain["/entry/operator_id"] == .null)
    let own = try shop.debit("C1", 1, ["store_id": "S1", "operator_id": "Li"])
    #expect(own["/entry/store_id"] == "S1" && own["/entry/terminal_id"] == "T9")
    #expect(own["/entry/operator_id"] == "Li")
  }

  @Test func `values of the wrong type are named`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    expectInvalid(try shop.debit("C1", 5, ["card_no": 1]), "/card_no")
    expectInvalid(try shop.debit("C1", 5, ["pin": 1234]), "/pin")
    expectInvalid(try shop.debit("C1", 5, ["allow_partial": 1]), "/allow_partial")
    expectInvalid(try shop.debit("C1", 5, ["allow_partial": "true"]), "/allow_partial")
    expectInvalid(try shop.debit("C1", 5, ["idempotency_key": 7]), "/idempotency_key")
    expectInvalid(try shop.tryToOpen("C2", ["topup": 100]), "/topup")
    expectInvalid(try shop.tryToOpen("C2", ["topup": [100, "cash"]]), "/topup")
    expectInvalid(try shop.tryToOpen("C2", ["registered": "yes"]), "/registered")
    expectInvalid(try shop.tryToOpen("C2", ["holder": "Li"]), "/holder")
    expectInvalid(try shop.hold("C1", 5, ["expires_in": "60"]), "/expires_in")
    expectInvalid(try shop.hold("C1", 5, ["expires_in": 0]), "/expires_in")
    expectInvalid(try shop.hold("C1", 5, ["expires_in": .number("1.5")]), "/expires_in")
    expectInvalid(try shop.ask("clock.advance", ["seconds": -1]), "/seconds")
    expectInvalid(try shop.ask("clock.set", ["at": "yesterday"]), "/at")
    expectInvalid(try shop.change("program.set", ["program": []]), "/program")
    #expect(try shop.balance("C1") == 1000)
  }

  @Test(arguments: ["account.statement", "entry.list", "account.find"])
  func `a listing's limit is 1 to 500`(method: String) throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let bases: [String: JSONTree] = [
      "entry.list": [:], "account.find": ["phone": "1"], "account.statement": ["card_no": "C1"],
    ]
    let base = bases[method] ?? [:]
    for limit: JSONTree in [0, -1, 501, .number("1.5"), "5", true] {
      expectInvalid(try shop.ask(method, base.merging(["limit": limit])), "/limit")
    }
    for limit: JSONTree in [1, 500, nil] {
      expectResult(try shop.ask(method, base.merging(["limit": limit])))
    }
    expectRefusal(try shop.ask(method, base.merging(["cursor": "nonsense"])), "invalid_params")
  }
}
