// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON
import LedgerCore

/// A cart from its document.
extension Cart {
  /// How many lines a cart may have.
  package static let maximumLines = 500

  /// Reads `{"lines": [{"line_id", "sku", "category"?, "quantity", "unit_price", "full_price"?}]}`
  /// (contract §5, Cart).
  ///
  /// - Parameter place: where the cart stands in the params, for the pointers of problems.
  /// - Throws: `DocumentProblem` for the first unknown member, value out of range, repeated id, or
  ///   line with which the subtotal passes 10^12.
  package static func decode(
    _ document: JSONValue, at place: JSONPointer = JSONPointer()
  ) throws(DocumentProblem) -> Cart {
    let fields = try Fields(
      LocatedValue(value: document, place: place), allowing: ["lines"])
    var ids: Set<Label> = []
    var subtotal = Amount.zero
    var lines: [Line] = []
    for item in try fields.required("lines").list(1...maximumLines) {
      let fields = try Fields(
        item, allowing: ["line_id", "sku", "category", "quantity", "unit_price", "full_price"])
      let line = try fields.line()
      guard ids.insert(line.id).inserted else {
        throw DocumentProblem(fields.place(of: "line_id"), "must differ from those before it")
      }
      let limit = Amount.requestLimit
      guard line.total <= limit else {
        throw DocumentProblem(
          fields.place, "quantity × unit_price must be at most \(limit.minorUnits)")
      }
      subtotal += line.total
      guard subtotal <= limit else {
        throw DocumentProblem(
          fields.place, "the lines up to here must be at most \(limit.minorUnits) together")
      }
      lines.append(line)
    }
    return Cart(lines: lines)
  }
}

extension Fields {
  fileprivate func line() throws(DocumentProblem) -> Cart.Line {
    Cart.Line(
      id: try required("line_id").label(),
      sku: try required("sku").label(),
      category: try self["category"]?.label(),
      quantity: try required("quantity").integer(in: 1...Amount.requestLimit.minorUnits),
      unitPrice: try required("unit_price").amount(from: 0),
      isFullPrice: try self["full_price"]?.bool() ?? true)
  }
}
