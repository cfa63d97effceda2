// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What the members of a campaign say together.
///
/// Terms that exclude each other, and terms that could never take effect, are refused: they are
/// not what the merchant meant.
extension Fields {
  func checkWhole(_ terms: CampaignTerms) throws(DocumentProblem) {
    try checkItem(terms)
    try checkCaps(terms.caps)
  }

  /// A coupon for an article that its own scope leaves out would never give anything.
  private func checkItem(_ terms: CampaignTerms) throws(DocumentProblem) {
    guard case .item(let sku, _) = terms.benefit else { return }
    let scope = terms.scope
    let isLeftOut =
      !scope.includedSKUs.isEmpty && scope.includedCategories.isEmpty
      && !scope.includedSKUs.contains(sku)
    if scope.excludedSKUs.contains(sku) || isLeftOut {
      throw DocumentProblem(place(of: "sku"), "never given: the scope leaves it out")
    }
  }

  private func checkCaps(_ caps: Caps) throws(DocumentProblem) {
    let place = place(of: "caps")
    let pairs: [(StaticString, Int64?, StaticString, Int64?)] = [
      ("per_account", caps.perAccount, "total", caps.total),
      ("redemptions_per_day", caps.redemptionsPerDay, "total", caps.total),
      ("per_account_per_day", caps.perAccountPerDay, "total", caps.total),
      ("per_account_per_day", caps.perAccountPerDay, "per_account", caps.perAccount),
      (
        "per_account_per_day", caps.perAccountPerDay, "redemptions_per_day",
        caps.redemptionsPerDay
      ),
    ]
    for case (let name, .some(let cap), let widerName, .some(let wider)) in pairs
    where cap > wider {
      throw DocumentProblem(
        place.appending(name.description), "never reached: above \(widerName)")
    }
  }
}
