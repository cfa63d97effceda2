// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// T2 for everything that is not on a card alone: top-ups, debits with alerts, coupons, checkouts
/// and what comes back of them. Each call fails once, and then for ever; after a restart every
/// request is sent again, and the ledger must stand as one that met no failure.
@Suite(.enabled(if: Tracer.path != nil, "strace is not installed, or may not trace here"))
struct CheckoutFaultTests {
  private static let opening = 1_000_000

  /// A ledger to be copied, and what is asked of each copy.
  private struct Day {
    let files: [String: [UInt8]]
    let campaign: String
    let requests: [(method: String, params: JSONTree)]
    let clock: [String]
  }

  private static func day() throws -> Day {
    let shop = try CouponLedger()
    let engine = try shop.serve()
    let rule: JSONTree = [
      "id": "large", "kind": "amount", "subject": "account", "on": ["debit"], "min": 600,
      "severity": "high", "action": "alert", "suppress_seconds": 0,
    ]
    _ = try shop.must(engine, "program.set", ["program": ["anomaly": ["rules": [rule]]]])
    _ = try shop.must(
      engine, "account.open",
      ["card_no": "C1", "topup": ["amount": .number(opening), "tender": "cash"]])
    let campaign = try shop.campaign(engine)
    let coupons = try shop.issue(engine, campaign, 4, to: "C1")
    let debit = try shop.must(engine, "debit.create", ["card_no": "C1", "amount": 500])
    let line: JSONTree = ["line_id": "1", "sku": "a", "quantity": 1, "unit_price": 1000]
    func checkout(_ coupon: String) -> JSONTree {
      [
        "card_no": "C1", "cart": ["lines": [line]], "coupons": [.string(coupon)],
        "expected_payable": 900, "stored_value": 900,
      ]
    }
    let sold = try shop.must(engine, "checkout.commit", checkout(coupons[0]))
    let used = try shop.must(
      engine, "coupon.redeem",
      ["coupon_id": .string(coupons[1]), "amount": 1000, "card_no": "C1"])
    #expect(try engine.finish().exit == .code(0))
    let asked: [(method: String, params: JSONTree)] = [
      ("topup.create", ["card_no": "C1", "amount": 3000, "tender": "cash"]),
      ("debit.create", ["card_no": "C1", "amount": 700]),
      (
        "coupon.redeem", ["coupon_id": .string(coupons[2]), "amount": 1000, "card_no": "C1"]
      ),
      ("checkout.commit", checkout(coupons[3])),
      (
        "debit.refund", ["entry_id": .string(try debit.string("/entry/entry_id")), "amount": 200]
      ),
      (
        "checkout.refund", ["checkout_id": .string(try sold.string("/checkout_id")), "all": true]
      ),
      (
        "coupon.unredeem", ["redemption_id": .string(try used.string("/redemption_id"))]
      ),
      ("coupon.issue", ["campaign_id": .string(campaign), "count": 2, "card_no": "C1"]),
    ]
    return Day(
      files: Specimen.read(shop.ledger.data), campaign: campaign,
      requests: asked.enumerated().map { number, request in
        (
          request.method,
          request.params.merging(["idempotency_key": .string("fault-\(number)")])
        )
      },
      clock: ["--test-clock", "2026-03-02T03:00:00Z"])
  }

  @Test(
    arguments: [
      ("fdatasync", "EIO"), ("fsync", "EIO"), ("pwrite64", "EIO"), ("pwrite64", "ENOSPC"),
      ("ftruncate", "EIO"), ("write", "EIO"),
    ], [false, true])
  func `a call that fails leaves each request done once or not at all, and told so`(
    call: (name: String, error: String), goesOn: Bool
  ) throws {
    let fault = Fault(call: call.name, error: call.error, goesOn: goesOn)
    let seed = Settings.seed(for: "checkouts with \(fault.testDescription)")
    let day = try Self.day()
    let due = try standing(day, after: nil).standing
    var tried = 0
    // Not always the same calls.
    var number = 1 + Int(seed % UInt64(Settings.faultStride))
    while number <= 40 * Settings.faultStride {
      let (failed, standing) = try standing(day, after: (fault, number))
      tried += 1
      #expect(standing == due, "\(fault.testDescription) at \(number)")
      guard failed else { break }
      number += Settings.faultStride
    }
    counted("T2", tried, "calls of \(fault.testDescription) under checkouts")
  }

  /// Plays the day on a copy, with a call failing, then again without; how it stands in the end.
  private func standing(
    _ day: Day, after failure: (fault: Fault, number: Int)?
  ) throws -> (failed: Bool, standing: [String]) {
    let ledger = try Ledger()
    try Specimen.write(day.files, to: ledger)
    var first: [Answer?] = []
    var failed = false
    if let (fault, number) = failure {
      let log = ledger.beside("strace.log")
      let engine = try EngineProcess(
        ["--data", ledger.data] + day.clock,
        through: Tracer.command(fault, at: number, log: log))
      for request in day.requests {
        first.append(try? engine.request(request.method, request.params))
        if engine.child.isAtEnd { break }
      }
      let exit = try engine.finish().exit
      failed = !Tracer.failures(in: log).isEmpty
      let place: Comment = "\(fault.testDescription) at \(number): \(exit), \(engine.child.errors)"
      // Before it is loaded the engine cannot say anything, and where it cannot write nor can it.
      #expect(
        [.code(0), .code(1), .code(65), .code(73), .code(74), .code(75), .code(127)].contains(exit),
        place)
      if !failed { #expect(exit == .code(0) && first.count == day.requests.count, place) }
      let serving = Tracer.servingFailures(in: log)
      if fault.call == "fdatasync", serving.contains(where: { $0.contains("journal.db-wal") }) {
        #expect(exit == .code(74), place)
      }
    }
    let engine = try EngineProcess(["--data", ledger.data] + day.clock)
    for (number, request) in day.requests.enumerated() {
      let again = try engine.request(request.method, request.params)
      #expect(again.isResult, "\(request.method): \(again)")
      guard number < first.count, let before = first[number] else { continue }
      if before.isResult {
        #expect(again["/replayed"] == true, "\(request.method) was answered, and done again")
        #expect(Self.plain(again) == Self.plain(before), "\(request.method): \(before), \(again)")
      } else {
        #expect(
          ["storage_full", "unavailable"].contains(before.refusal), "\(request.method): \(before)")
      }
    }
    let account = try engine.request("account.get", ["card_no": "C1"])
    let campaign = try engine.request("campaign.get", ["campaign_id": .string(day.campaign)])
    let alerts = try engine.request("alert.list")
    let books = try engine.request("ledger.trial_balance")
    let told = [
      account["/balance"]?.text ?? "", "\(campaign.int("/issued") ?? -1)",
      "\(campaign.int("/redeemed") ?? -1)", "\(campaign.int("/discount_given") ?? -1)",
      "\(alerts["/alerts"]?.elements.count ?? -1)", books.result?.text ?? "",
    ]
    #expect(try engine.finish().exit == .code(0))
    try ledger.expectSound("\(failure.map { "\($0.fault.testDescription) \($0.number)" } ?? "")")
    return (failed, told)
  }

  /// A result without the word that it is a repetition.
  private static func plain(_ answer: Answer) -> String {
    (answer.resultText ?? "").replacing(",\"replayed\":true", with: "")
      .replacing(",\"replayed\":false", with: "").replacing("\"replayed\":true,", with: "")
      .replacing("\"replayed\":false,", with: "")
  }
}
