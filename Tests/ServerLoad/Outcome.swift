// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What a stretch of load came to.
struct Outcome {
  var seconds = 0.0
  /// Nanoseconds from when a request was due to its answer.
  var latencies: [Int64] = []
  var reads = 0
  var usage = Usage()
  private(set) var refused = 0
  private var firstRefusal = ""

  mutating func refuse(_ answer: [UInt8]) {
    if refused == 0 { firstRefusal = String(decoding: answer, as: UTF8.self) }
    refused += 1
  }

  /// The percentage of the machine's processors that others used.
  private var others: Double {
    let processors = Double(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    return Double(usage.others) / (seconds * processors * 1e9) * 100
  }

  var text: String {
    let sorted = latencies.sorted()
    let count = Double(max(1, sorted.count))
    func milliseconds(_ share: Double) -> String {
      guard let last = sorted.last else { return "-" }
      let rank = Int((Double(sorted.count) * share).rounded(.up)) - 1
      return Outcome.fixed(Double(share < 1 ? sorted[max(0, rank)] : last) / 1e6, 2)
    }
    func each(_ nanoseconds: Int64) -> String {
      Outcome.fixed(Double(nanoseconds) / count / 1e3, 1)
    }
    var fields = [
      "rate=\(Outcome.fixed(count / max(seconds, 1e-9), 0))", "p50=\(milliseconds(0.5))",
      "p99=\(milliseconds(0.99))", "most=\(milliseconds(1))",
      "group=\(Outcome.fixed(count / Double(max(1, reads)), 2))", "engine=\(each(usage.engines))",
      "server=\(each(usage.sessions))", "beside=\(each(usage.beside))",
      "client=\(each(usage.client))", "others=\(Outcome.fixed(others, 1))", "refused=\(refused)",
    ]
    if refused > 0 { fields.append("first=\(firstRefusal)") }
    return fields.joined(separator: " ")
  }

  private static func fixed(_ value: Double, _ digits: Int) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    let length = withVaList([value]) { vsnprintf(&buffer, 64, "%.\(digits)f", $0) }
    return String(decoding: buffer[..<Int(length)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
