// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Coupons verified by their payload with their state, beside the pipe alone.
final class VerifyWorkload: Workload {
  static let name = "verify"
  static let summary = "coupon.verify of 100,000 coupons, beside an echo of the same lines"

  private let shop: BenchShop
  private let echo: EchoProcess
  private var requests: CouponChecks

  init(_ ground: BenchGround) throws(Failure) {
    shop = try ground.shop()
    echo = try EchoProcess()
    requests = CouponChecks(payloads: try shop.issueCoupons())
  }

  func round(into results: inout Results) throws(Failure) {
    let seconds = shop.settings.seconds
    results.add("echo 64", try echo.run(window: 64, seconds: seconds / 3, &requests))
    let sample = try shop.engine.run(window: 64, seconds: seconds, &requests)
    results.add("coupon.verify 64", sample)
  }

  func finish(into results: inout Results) throws(Failure) { try echo.finish() }
}

/// `coupon.verify` of random coupons for an amount at which they are valid.
struct CouponChecks: RequestSource {
  private let payloads: [[UInt8]]
  private var random = SplitMix64(seed: 31)
  private var line = LineTemplate(
    method: "coupon.verify",
    params: #"{"payload":"{payload:60}","amount":26000,"store_id":"S01","terminal_id":"T1"}"#)
  private let fields: (id: Range<Int>, payload: Range<Int>)

  init(payloads: [[UInt8]]) {
    self.payloads = payloads
    fields = (line.field("id"), line.field("payload"))
  }

  mutating func append(id: Int, to lines: inout [UInt8]) {
    line.set(fields.id, number: id)
    line.set(fields.payload, text: payloads[random.below(payloads.count)])
    lines.append(contentsOf: line.bytes)
  }
}
