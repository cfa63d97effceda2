// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What one stretch of work came to, in one round.
struct Sample {
  /// Requests, commits or whatever is counted, each second.
  var perSecond = 0.0
  /// Nanoseconds at which a share of the requests was answered, in hundredths of a percent.
  var latency: [Int: Int64] = [:]
  /// Microseconds of processor time for each.
  var processor = 0.0
  /// Bytes given to write calls for files, for each.
  var written = 0.0
  /// How many were served together, on average.
  var together = 0.0

  static let shares = [5_000, 9_000, 9_900, 9_990, 10_000]

  init(perSecond: Double) { self.perSecond = perSecond }

  /// - Parameters:
  ///   - count: what was done.
  ///   - latencies: of each, or of each group.
  ///   - usage: of whoever did it; `written` without what went through pipes.
  init(count: Int, nanoseconds: Int64, latencies: [Int64], usage: ProcessUsage, groups: Int) {
    let each = Double(max(1, count))
    perSecond = Double(count) / Double(max(1, nanoseconds)) * 1e9
    processor = Double(usage.processor) / each / 1000
    written = Double(usage.written) / each
    together = each / Double(max(1, groups))
    let sorted = latencies.sorted()
    for share in Self.shares where !sorted.isEmpty {
      // The smallest value that so large a share does not exceed.
      let rank = (sorted.count * share + 9_999) / 10_000
      latency[share] = sorted[max(0, rank - 1)]
    }
  }
}

/// A number over the rounds: its middle and how far it went.
struct Spread {
  let median: Double
  let least: Double
  let most: Double

  /// Of nothing it is nil.
  init?(_ values: [Double]) {
    let sorted = values.filter(\.isFinite).sorted()
    guard let first = sorted.first, let last = sorted.last else { return nil }
    least = first
    most = last
    let middle = sorted.count / 2
    median =
      sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  func tree(_ digits: Int = 0) -> JSONTree {
    [
      "median": .decimal(median, digits), "min": .decimal(least, digits),
      "max": .decimal(most, digits),
    ]
  }
}

extension JSONTree {
  /// A number with so many digits behind the point.
  static func decimal(_ value: Double, _ digits: Int) -> JSONTree { .number(value.fixed(digits)) }
}

extension Double {
  /// Decimal digits without an exponent, rounded.
  func fixed(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "0" }
    var scale: Int64 = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int64((self * Double(scale)).rounded())
    let whole = String(scaled.magnitude / UInt64(scale))
    let sign = scaled < 0 ? "-" : ""
    guard digits > 0 else { return sign + whole }
    let rest = String(scaled.magnitude % UInt64(scale))
    return sign + whole + "." + String(repeating: "0", count: digits - rest.utf8.count) + rest
  }
}
