// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Amounts as people write them; the wire knows minor units only.
enum MoneyText {
  /// `1234` fen as `12.34`, with a comma before each three digits of the whole part.
  static func plain(_ minorUnits: Int64, _ currency: String) -> String {
    let digits = fractionDigits(currency)
    guard digits > 0 else { return grouped(minorUnits) }
    let scale: UInt64 = digits == 2 ? 100 : digits == 3 ? 1000 : 10000
    let whole = grouped(Int64(minorUnits.magnitude / scale))
    let fraction = String(minorUnits.magnitude % scale)
    let padding = String(repeating: "0", count: digits - fraction.utf8.count)
    return (minorUnits < 0 ? "-" : "") + whole + "." + padding + fraction
  }

  /// How many minor units make a unit, as a power of ten (ISO 4217, table A.1).
  private static func fractionDigits(_ currency: String) -> Int {
    switch currency {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
      "VND", "VUV", "XAF", "XOF", "XPF":
      0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    case "CLF", "UYW": 4
    default: 2
    }
  }
}
