// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON
package import LedgerCore

/// Terms back into their document, and into the bytes that stand in the journal.
extension CampaignTerms {
  /// The version byte in front of the document's text; versions are never reused.
  private static let version: UInt8 = 1

  /// The version and the canonical JSON text of `document`: equal terms have equal bytes.
  package var encoded: [UInt8] { [Self.version] + Array(document.canonicalText.utf8) }

  /// Reads what `encoded` gave; throws for anything that it does not give.
  package static func decode(encoded: [UInt8]) throws(MalformedRecord) -> CampaignTerms {
    guard encoded.first == version else { throw MalformedRecord("unknown terms version") }
    guard let parsed = try? JSONDocument.parse(encoded.dropFirst()) else {
      throw MalformedRecord("terms are not JSON")
    }
    let terms: CampaignTerms
    do {
      terms = try decode(parsed.root)
    } catch {
      throw MalformedRecord("terms: \(error.field) \(error.message)")
    }
    guard terms.encoded == encoded else { throw MalformedRecord("terms not in canonical form") }
    return terms
  }

  /// The document that decodes to these terms; what has its default is left out, sets are sorted.
  package var document: JSONTree {
    var members = [JSONTree.Member("name", .string(name))] + benefit.members
    members.append("validity", validity.members)
    members.append("scope", scope.members)
    members.append("min_spend", minimumSpend.map(JSONTree.init))
    members.append("stacking", stacking?.members ?? [])
    members.append("caps", caps.members)
    return .object(members)
  }
}

extension JSONTree {
  fileprivate init(_ amount: Amount) { self = .integer(amount.minorUnits) }
}

extension [JSONTree.Member] {
  /// Nothing for nil.
  fileprivate mutating func append(_ name: String, _ value: JSONTree?) {
    if let value { append(JSONTree.Member(name, value)) }
  }

  /// Nothing for an object without members.
  fileprivate mutating func append(_ name: String, _ members: [JSONTree.Member]) {
    if !members.isEmpty { append(JSONTree.Member(name, .object(members))) }
  }

  /// Nothing for an empty set.
  fileprivate mutating func append(_ name: String, _ labels: LabelSet) {
    if !labels.isEmpty { append(name, .array(labels.sorted.map { .string($0.text) })) }
  }
}

extension Benefit {
  fileprivate var members: [JSONTree.Member] {
    var members = [JSONTree.Member("kind", .string(kind.rawValue))]
    switch self {
    case .percent(let rate, let maximum):
      members.append("off_basis_points", .integer(Int64(rate.value)))
      members.append("max_discount", maximum.map(JSONTree.init))
    case .cash(let amount):
      members.append("amount", JSONTree(amount))
    case .threshold(let steps, let repeats, let maximum):
      members.append("steps", .array(steps.map(\.document)))
      members.append("repeat", repeats ? true : nil)
      members.append("max_discount", maximum.map(JSONTree.init))
    case .item(let sku, let quantity):
      members.append("sku", .string(sku.text))
      members.append("quantity", .integer(quantity))
    }
    return members
  }
}

extension Benefit.Step {
  fileprivate var document: JSONTree { ["min": JSONTree(minimum), "off": JSONTree(off)] }
}

extension Validity {
  fileprivate var members: [JSONTree.Member] {
    var members: [JSONTree.Member] = []
    members.append("from", from.map { .string($0.text) })
    members.append("until", until.map { .string($0.text) })
    members.append("days_after_issue", daysAfterIssue.map(JSONTree.integer))
    if !windows.isEmpty { members.append("windows", .array(windows.map(\.document))) }
    let dates = blackoutDates.map { BusinessDate(daysSince1970: $0.daysSince1970).text }
    if !dates.isEmpty { members.append("blackout_dates", .array(dates.map(JSONTree.string))) }
    return members
  }
}

extension DailyWindow {
  fileprivate var document: JSONTree {
    [
      "weekdays": .array(weekdays.map { .integer(Int64($0)) }),
      "from": .string(ClockTime.text(ofMinutes: from)),
      "to": .string(ClockTime.text(ofMinutes: to)),
    ]
  }
}

extension Scope {
  fileprivate var members: [JSONTree.Member] {
    var members: [JSONTree.Member] = []
    members.append("include_skus", includedSKUs)
    members.append("include_categories", includedCategories)
    members.append("exclude_skus", excludedSKUs)
    members.append("exclude_categories", excludedCategories)
    members.append("full_price_only", fullPriceOnly ? true : nil)
    members.append("store_ids", stores)
    members.append("levels", levels)
    return members
  }
}

extension Stacking {
  /// In `with`: every class.
  static let wildcard = Label("*")

  fileprivate var members: [JSONTree.Member] {
    var members = [JSONTree.Member("class", .string(ownClass.text))]
    switch partners {
    case .any: members.append("with", LabelSet([Self.wildcard]))
    case .classes(let classes): members.append("with", classes)
    }
    members.append("max_per_class", maximumPerClass > 1 ? .integer(Int64(maximumPerClass)) : nil)
    return members
  }
}

extension Caps {
  fileprivate var members: [JSONTree.Member] {
    var members: [JSONTree.Member] = []
    members.append("total", total.map(JSONTree.integer))
    members.append("per_account", perAccount.map(JSONTree.integer))
    members.append("per_account_per_day", perAccountPerDay.map(JSONTree.integer))
    members.append("redemptions_per_day", redemptionsPerDay.map(JSONTree.integer))
    members.append("budget", budget.map(JSONTree.init))
    return members
  }
}
