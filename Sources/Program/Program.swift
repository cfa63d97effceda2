// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Anomalies
package import Coupons
package import JSON
package import StoredValue

/// The merchant's rules: a document that was accepted, and what it means (contract §3, program).
package struct Program: Sendable, Equatable {
  /// What the document says of stored value; members left out have the neutral default.
  package let storedValue: StoredValueRules
  /// What it says of coupons.
  package let coupons: CouponRules
  /// What is watched, in the document's order.
  package let anomalyRules: [Rule]
  /// The named set of rules the document asks for.
  package let preset: Preset?
  /// The canonical JSON text of the document as it was given.
  ///
  /// Without `x_` members and without nulls, which count as absent; only `/pin/lock_seconds` keeps
  /// its null, where it means something. What a preset or a default fills in is not in it.
  package let document: [UInt8]

  private init(
    storedValue: StoredValueRules, coupons: CouponRules, anomalyRules: [Rule], preset: Preset?,
    document: [UInt8]
  ) {
    self.storedValue = storedValue
    self.coupons = coupons
    self.anomalyRules = anomalyRules
    self.preset = preset
    self.document = document
  }

  /// The program of a new ledger, `{}`: nothing limited, nothing granted.
  package static let neutral = Program(
    storedValue: StoredValueRules(), coupons: CouponRules(), anomalyRules: [], preset: nil,
    document: Array("{}".utf8))

  /// Reads a document: first every member on its own, then what the members say together.
  ///
  /// - Throws: `ProgramProblem` for the first unknown member, value out of range, contradiction or
  ///   rule that could never take effect.
  package static func decode(_ document: JSONValue) throws(ProgramProblem) -> Program {
    let root = try Fields(
      LocatedValue(value: document, place: JSONPointer()),
      allowing: [
        "topup", "debit", "first_day", "pin", "card", "close", "coupons", "anomaly", "preset",
      ])
    var rules = StoredValueRules()
    try root.read(into: &rules)
    let coupons = try root.couponRules()
    let watching = try root.anomalyRules()
    let preset: Preset? = try root["preset"]?.choice()
    try preset?.apply(to: &rules)
    try Contradictions(rules).check()
    try Contradictions(rules).checkAnomalyRules(watching)
    return Program(
      storedValue: rules, coupons: coupons, anomalyRules: watching, preset: preset,
      document: CanonicalDocument.text(of: document))
  }

  /// Reads what `document` holds, as the journal keeps it.
  ///
  /// - Throws: `ProgramProblem`; for bytes that are not JSON its field is empty.
  package static func decode(canonical: [UInt8]) throws(ProgramProblem) -> Program {
    let parsed: JSONDocument
    do {
      parsed = try JSONDocument.parse(canonical)
    } catch {
      throw ProgramProblem(field: "", message: "must be JSON: \(error)")
    }
    return try decode(parsed.root)
  }

  /// Reads rules that are proposed, not set: the value of `anomaly.rules` alone.
  ///
  /// - Throws: `ProgramProblem` whose field is a pointer from that value.
  package static func decodeRules(_ rules: JSONValue) throws(ProgramProblem) -> [Rule] {
    try LocatedValue(value: rules, place: JSONPointer()).anomalyRules()
  }
}
