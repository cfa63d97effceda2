// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// A test ledger with coupons, on which several engines stand; its clock stands too, so that no day
/// ends under a test.
final class CouponLedger {
  let ledger: Ledger
  private var lastKey = 0
  private static let morning = "2026-03-02T02:00:00Z"

  init() throws {
    ledger = try Ledger(forLoners: true)
    let outcome = try ScripBinary.run(["init", "--test-mode", "--data", ledger.data])
    guard outcome.code == 0 else { throw HarnessFailure("init: \(outcome.errors)") }
  }

  func serve() throws -> EngineProcess {
    try EngineProcess(["--data", ledger.data, "--test-clock", Self.morning])
  }

  /// A key that was not given out before.
  func key() -> JSONTree {
    lastKey += 1
    return .string("key-\(lastKey)")
  }

  /// Params with a fresh key.
  func keyed(_ params: JSONTree) -> JSONTree { params.merging(["idempotency_key": key()]) }

  /// What must succeed.
  func must(_ engine: EngineProcess, _ method: String, _ params: JSONTree) throws -> Answer {
    let answer = try engine.request(method, keyed(params))
    guard answer.isResult else { throw HarnessFailure("\(method): \(answer)") }
    return answer
  }

  /// Begins a campaign of cash coupons; its id.
  func campaign(_ engine: EngineProcess, _ caps: JSONTree = [:]) throws -> String {
    let answer = try must(
      engine, "campaign.create",
      ["name": "A hundred off", "kind": "cash", "amount": 100, "caps": caps])
    return try answer.string("/campaign_id")
  }

  /// Issues coupons, to a card where one is named; their ids.
  func issue(
    _ engine: EngineProcess, _ campaign: String, _ count: Int, to card: String? = nil
  ) throws -> [String] {
    var params: JSONTree = ["campaign_id": .string(campaign), "count": .number(count)]
    if let card { params = params.merging(["card_no": .string(card)]) }
    let answer = try must(engine, "coupon.issue", params)
    return (answer["/coupons"]?.elements ?? []).compactMap { $0["coupon_id"]?.string }
  }

  /// What has come of a campaign.
  func standing(
    _ engine: EngineProcess, _ campaign: String
  ) throws -> (issued: Int64, redeemed: Int64, given: Int64) {
    let answer = try engine.request("campaign.get", ["campaign_id": .string(campaign)])
    return (
      answer.int("/issued") ?? -1, answer.int("/redeemed") ?? -1,
      answer.int("/discount_given") ?? -1
    )
  }

  /// Sends requests to all engines before any answer is fetched; the answers of each engine.
  func race(
    _ engines: [EngineProcess], _ requests: [[(method: String, params: JSONTree)]]
  ) throws -> [Answer] {
    let ids = try zip(engines, requests).map { engine, requests in
      try requests.map { try engine.start($0.method, keyed($0.params)) }
    }
    return try zip(engines, ids).flatMap { engine, ids in
      try ids.map { try engine.answer(to: $0) }
    }
  }

  func end(_ engines: [EngineProcess], at location: SourceLocation = #_sourceLocation) throws {
    for engine in engines {
      #expect(try engine.finish().exit == .code(0), sourceLocation: location)
    }
    try ledger.expectSound(at: location)
  }
}

/// How many answers were results, and how many were refused by which code.
func tally(_ answers: [Answer]) -> [String: Int] {
  var counts: [String: Int] = [:]
  for answer in answers {
    counts[answer.isResult ? "done" : answer.refusal ?? "fault", default: 0] += 1
  }
  return counts
}
