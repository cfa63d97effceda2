// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

/// The check of a member that needs nothing but its value, as nearly all members of a request
/// have it.
///
/// Plain bits, so that going through the members of a request counts no reference.
enum PlainSchema: Sendable {
  case integer(Int64, Int64)
  /// So many characters at least and at most.
  case text(Int, Int)
  case printable(Int, Int)
  case cardNumber
  case kind(JSONValue.Kind)
  case anything

  func admits(_ value: JSONPeek) -> Bool {
    switch self {
    case .integer(let least, let most):
      guard let integer = value.integer else { return false }
      return integer >= least && integer <= most
    case .text(let least, let most):
      return value.kind == .string && Schema.isText(value.bytes, least...most)
    case .printable(let least, let most):
      return value.kind == .string && value.bytes.count >= least && value.bytes.count <= most
        && Schema.isPrintable(value.bytes)
    case .cardNumber: return value.kind == .string && CardNumber.isOne(value.bytes)
    case .kind(let kind): return value.kind == kind
    case .anything: return true
    }
  }
}
