// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The rules of a checkout as they stand in the journal, for the returns that come later.
extension CouponRules {
  /// The first byte; versions are never reused.
  private static let version: UInt8 = 1

  /// The range of `maximumPerCheckout`.
  private static let maxima: ClosedRange<Int64> = 1...100

  /// Appends the rules; `init(from:)` reads them back.
  package func write(to writer: inout ByteWriter) {
    writer.byte(Self.version)
    writer.optional(maximumPerCheckout) { $0.unsigned(UInt64($1)) }
    for kind in applicationOrder { writer.byte(kind.code) }
    writer.byte(partialReturn.code)
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// - Throws: `MalformedRecord` for a limit outside 1 … 100, an order that does not name each kind
  ///   once, or an unknown way of return.
  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    guard try reader.byte() == Self.version else { throw MalformedRecord("unknown rules version") }
    maximumPerCheckout = try reader.optional { r throws(MalformedRecord) in
      Int(try r.bounded(Self.maxima))
    }
    applicationOrder = []
    for _ in CouponKind.allCases {
      let code = try reader.byte()
      guard let kind = CouponKind.allCases.first(where: { $0.code == code }),
        !applicationOrder.contains(kind)
      else { throw MalformedRecord("order of application does not name each kind once") }
      applicationOrder.append(kind)
    }
    let code = try reader.byte()
    guard let way = PartialReturn.allCases.first(where: { $0.code == code }) else {
      throw MalformedRecord("unknown way of return")
    }
    partialReturn = way
  }
}

extension CouponKind {
  /// In the journal; codes are never reused.
  fileprivate var code: UInt8 {
    switch self {
    case .item: 1
    case .percent: 2
    case .threshold: 3
    case .cash: 4
    }
  }
}

extension CouponRules.PartialReturn {
  /// In the journal; codes are never reused.
  fileprivate var code: UInt8 {
    switch self {
    case .share: 1
    case .reprice: 2
    }
  }
}
