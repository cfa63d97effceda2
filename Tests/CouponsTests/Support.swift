// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore

/// Terms from a document written as text.
func terms(_ text: String) throws(DocumentProblem) -> CampaignTerms {
  try CampaignTerms.decode(parsed(text))
}

func terms(_ document: JSONTree) throws(DocumentProblem) -> CampaignTerms {
  try terms(document.text)
}

/// The pointer at which a campaign is refused; nil when it is accepted.
func refusal(_ text: String) -> String? {
  do {
    _ = try terms(text)
    return nil
  } catch {
    return error.field
  }
}

/// A campaign of 1,000 off, with these members beside.
func cash(_ members: String = "") -> String {
  "{\"name\":\"n\",\"kind\":\"cash\",\"amount\":1000\(members.isEmpty ? "" : ",")\(members)}"
}

func cart(_ text: String, at place: JSONPointer = JSONPointer()) throws(DocumentProblem) -> Cart {
  try Cart.decode(parsed(text), at: place)
}

func cart(_ document: JSONTree) throws(DocumentProblem) -> Cart {
  try Cart.decode(parsed(document.text))
}

/// A cart of lines `A` with SKU `a`, `B` with SKU `b` … at these prices, one unit each.
func cart(of prices: Int64...) throws(DocumentProblem) -> Cart {
  let lines: [JSONTree] = prices.enumerated().map { index, price in
    let name = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index)))
    return [
      "line_id": .string(name), "sku": .string(name.lowercased()), "quantity": 1,
      "unit_price": .integer(price),
    ]
  }
  return try cart(["lines": .array(lines)])
}

private func parsed(_ text: String) throws(DocumentProblem) -> JSONValue {
  do {
    return try JSONDocument.parse(text.utf8).root
  } catch {
    throw DocumentProblem(field: "no JSON", message: "\(error)")
  }
}

/// A coupon of a campaign; its id is `cpn_` and the name, its campaign `cmp_` and the name.
func coupon(
  _ name: String, _ document: String, campaign: String? = nil, expires: Int64? = nil,
  barrier: CouponRefusal? = nil, share: PricedCoupon.Share? = nil
) throws(DocumentProblem) -> PricedCoupon {
  PricedCoupon(
    id: CouponID("cpn_" + name), campaign: CampaignID("cmp_" + (campaign ?? name)),
    terms: try terms(document), expiresAt: expires.map { Instant(milliseconds: $0) },
    barrier: barrier, share: share)
}

/// Members that let a coupon go with all others, many of them.
let anyCompany = #""stacking":{"class":"s","with":["*"],"max_per_class":100}"#

extension JSONTree {
  /// In its own member order, unlike `canonicalText`.
  var text: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  var integer: Int? {
    if case .integer(let value) = self { Int(value) } else { nil }
  }

  var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  var elements: [JSONTree] {
    if case .array(let elements) = self { elements } else { [] }
  }

  var isTrue: Bool { self == .bool(true) }
}

extension Quote {
  /// `name discount` of each coupon that takes effect.
  var appliedText: [String] {
    applied.map { "\($0.coupon.text.dropFirst(4)) \($0.discount.minorUnits)" }
  }

  /// `name reason` of each coupon that is refused.
  var refusedText: [String] {
    refused.map { "\($0.coupon.text.dropFirst(4)) \($0.reason.rawValue)" }
  }
}
