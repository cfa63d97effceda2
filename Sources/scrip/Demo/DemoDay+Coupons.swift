// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

// The afternoon of the second day: a coupon, from its campaign to its one use.
extension DemoDay {
  private static let cart: JSONTree = [
    "lines": [
      ["line_id": "1", "sku": "tea-250g", "quantity": 2, "unit_price": 9800],
      ["line_id": "2", "sku": "cup", "quantity": 1, "unit_price": 6400],
    ]
  ]

  func coupons() throws(Failure) {
    let code = try issue()
    try till.step(
      Self.tomorrow("13:10"), "Its QR code is shown, and the scanner reads it", "出示二维码，扫码验券"
    ) { () throws(Failure) in
      try scanner.draw(code.id)
      let seen = try scanner.read([code.payload], amount: 26_000)
      try seen[0].expect("valid", true)
      try seen[0].expect("discount", 3120)
    }
    try checkOut(code)
    try till.step(
      Self.tomorrow("13:30"), "Scanned again, and then damaged: both refused, each with its reason",
      "重复扫码、券码有误：均被拒绝并说明原因"
    ) { () throws(Failure) in
      let seen = try scanner.read([code.payload, Self.damaged(code.payload)], amount: nil)
      try seen[0].expect("reason", "already_redeemed")
      try seen[0].expect("store_id", "S01")
      try seen[1].expect("reason", "bad_signature")
    }
  }

  private var scanner: DemoScanner { DemoScanner(directory: till.directory, page: page) }

  private typealias Code = (id: String, payload: String)

  private func issue() throws(Failure) -> Code {
    var code: Code = ("", "")
    try till.step(
      Self.tomorrow("13:00"), "A campaign takes 12 % off, and the card gets a coupon of it",
      "发起88折活动，发券到卡"
    ) { () throws(Failure) in
      let campaign = try till.change(
        "campaign.create",
        [
          ("name", "88折券"), ("kind", "percent"), ("off_basis_points", 1200),
          ("min_spend", 20_000), ("validity", ["days_after_issue": 30]), ("caps", ["total": 100]),
        ])
      let issued = try till.change(
        "coupon.issue",
        [("campaign_id", .string(try campaign.text("campaign_id"))), ("card_no", Self.card)])
      code = (
        try issued.text("coupons.0.coupon_id"), try issued.text("coupons.0.payload")
      )
    }
    return code
  }

  private func checkOut(_ code: Code) throws(Failure) {
    let bill: [(String, JSONTree)] = [("card_no", Self.card), ("cart", Self.cart)]
    try till.step(
      Self.tomorrow("13:20"), "The bill: coupon used and card debited, both or neither",
      "结账：核销与扣款同时完成"
    ) { () throws(Failure) in
      let quote = try till.ask("checkout.quote", bill + [("coupons", "auto")])
      try quote.expect("optimal", true)
      try quote.expect("payable", 22_880)
      let paid = try till.change(
        "checkout.commit",
        bill + [
          ("coupons", .array([.string(code.payload)])), ("expected_payable", 22_880),
          ("stored_value", 22_880), ("pin", Self.pin),
        ])
      try paid.expect("applied.0.coupon_id", .string(code.id))
      try paid.expect("discount", 3120)
      try paid.expect("entry.bonus", 3000)
      try paid.expectBalance(98_320, 15_000)
    }
  }

  /// The code as a scanner might read it from a crumpled slip.
  private static func damaged(_ payload: String) -> String {
    payload.dropLast() + (payload.last == "0" ? "1" : "0")
  }
}

/// The scanner at the counter: a process of its own on the ledger that the till uses.
struct DemoScanner {
  let directory: String
  let page: DemoPage

  /// Draws a coupon as the customer's telephone would show it.
  func draw(_ coupon: String) throws(Failure) {
    let format = page.colour ? [] : ["--format", "utf8"]
    let picture = try run(["coupon", "qr", coupon, "--data", directory] + format)
    try page.picture(picture)
  }

  /// Has `scrip scan` read these codes; one answer for each.
  func read(_ codes: [String], amount: Int64?) throws(Failure) -> [DemoReply] {
    let options = amount.map { ["--amount", String($0)] } ?? []
    let lines = codes.map { $0 + "\n" }.joined()
    let output = try run(["scan", "--data", directory] + options, typing: lines) {
      () throws(Failure) in
      for code in codes { try page.typed(code) }
    }
    var replies: [DemoReply] = []
    for line in output.split(separator: "\n") {
      guard let answer = try? JSONDocument.parse(Array(line.utf8)) else {
        throw .data("the scanner answered what is not JSON")
      }
      replies.append(DemoReply(message: ["result": JSONTree(answer.root)]))
      try page.verdict(JSONTree(answer.root))
    }
    guard replies.count == codes.count else { throw .data("the scanner did not answer each code") }
    return replies
  }

  /// Runs a command that must succeed; what it printed.
  private func run(
    _ arguments: [String], typing text: String = "", show: () throws(Failure) -> Void = {}
  ) throws(Failure) -> String {
    try page.command(["scrip"] + arguments)
    try show()
    let outcome = try OwnCommand(arguments: arguments, input: Array(text.utf8)).run()
    guard outcome.code == 0 else {
      throw .data("scrip \(arguments[0]) ended with exit code \(outcome.code)")
    }
    return outcome.output
  }
}
