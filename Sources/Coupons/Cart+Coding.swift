// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A cart as it stands in the journal, beside the checkout that sold it.
extension Cart {
  /// The first byte; versions are never reused.
  private static let version: UInt8 = 1

  /// Appends the cart; `init(from:)` reads it back.
  package func write(to writer: inout ByteWriter) {
    writer.byte(Self.version)
    writer.list(lines) { $1.write(to: &$0) }
  }

  /// Reads what `write(to:)` wrote.
  ///
  /// - Throws: `MalformedRecord` for whatever no cart says: no line or more than 500, a repeated
  ///   id, a name that no till could have given, no unit, a sum above 10^12.
  package init(from reader: inout ByteReader) throws(MalformedRecord) {
    guard try reader.byte() == Self.version else { throw MalformedRecord("unknown cart version") }
    let lines = try reader.list { r throws(MalformedRecord) in try Line(from: &r) }
    guard (1...Self.maximumLines).contains(lines.count) else {
      throw MalformedRecord("lines of a cart out of range")
    }
    guard Set(lines.map(\.id)).count == lines.count else {
      throw MalformedRecord("two lines of a cart with one id")
    }
    guard lines.allSatisfy({ $0.sku != nil }) || Self.isAmount(lines) else {
      throw MalformedRecord("line of a cart without SKU")
    }
    var subtotal = Amount.zero
    for line in lines {
      // A line's total is at most 10^18 whatever was read, so that the sum cannot overflow.
      subtotal += line.total
      guard subtotal <= .requestLimit else { throw MalformedRecord("subtotal out of range") }
    }
    self.init(lines: lines)
  }

  /// Whether the lines are those of the cart that an amount stands for.
  private static func isAmount(_ lines: [Line]) -> Bool {
    lines.count == 1 && lines == Cart(amount: lines[0].unitPrice).lines
  }
}

extension Cart.Line {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.text(id.text)
    writer.optional(sku) { $0.text($1.text) }
    writer.optional(category) { $0.text($1.text) }
    writer.unsigned(UInt64(quantity))
    writer.amount(unitPrice)
    writer.bool(isFullPrice)
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    self.init(
      id: try reader.label(),
      sku: try reader.optional { r throws(MalformedRecord) in try r.label() },
      category: try reader.optional { r throws(MalformedRecord) in try r.label() },
      quantity: try reader.bounded(1...Amount.requestLimit.minorUnits),
      unitPrice: Amount(try reader.bounded(0...Amount.requestLimit.minorUnits)),
      isFullPrice: try reader.bool())
  }
}

extension ByteReader {
  /// A name of the merchant's, within the bounds of its document.
  fileprivate mutating func label() throws(MalformedRecord) -> Label {
    let text = try text()
    guard text.isPlain(Label.lengths) else { throw MalformedRecord("no name") }
    return Label(text)
  }

  /// What `ByteWriter.unsigned` wrote, when it is in the range; the range is not negative.
  mutating func bounded(_ range: ClosedRange<Int64>) throws(MalformedRecord) -> Int64 {
    guard let number = Int64(exactly: try unsigned()), range.contains(number) else {
      throw MalformedRecord("number not in \(range.lowerBound)...\(range.upperBound)")
    }
    return number
  }
}
