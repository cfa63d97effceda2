// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
import LedgerCore
package import Store

/// The terms of campaigns, decoded once: they never change.
package final class TermsBook {
  /// How many campaigns' terms are kept; past that all are read again.
  private static let capacity = 4096
  private var known: [CampaignNumber: CampaignTerms] = [:]

  package init() {}

  /// The terms of a campaign; `damaged` where its document is not one that was accepted.
  package func terms(of campaign: Campaign) throws(StoreError) -> CampaignTerms {
    if let terms = known[campaign.number] { return terms }
    let terms: CampaignTerms
    do {
      terms = try CampaignTerms.decode(encoded: campaign.document)
    } catch {
      throw .damaged(
        entry: campaign.number.createdBy, reason: "the terms of a campaign do not decode")
    }
    if known.count >= Self.capacity { known = [:] }
    known[campaign.number] = terms
    return terms
  }
}
