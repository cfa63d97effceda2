// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
import LedgerCore
package import Store

/// The terms of campaigns, decoded once for each document.
///
/// A campaign's never changes, but where a group was dropped another campaign may come by the
/// number of one that was made in it.
package final class TermsBook {
  /// How many campaigns' terms are kept; past that all are read again.
  private static let capacity = 4096
  private var known: [CampaignNumber: Known] = [:]
  /// Those that were asked for last: coupons of one campaign come together.
  private var last: Known?

  private struct Known {
    let document: [UInt8]
    let terms: CampaignTerms
  }

  package init() {}

  /// The terms of a campaign; `damaged` where its document is not one that was accepted.
  package func terms(of campaign: Campaign) throws(StoreError) -> CampaignTerms {
    if let last, last.document == campaign.document { return last.terms }
    if let known = known[campaign.number], known.document == campaign.document {
      last = known
      return known.terms
    }
    let read = Known(document: campaign.document, terms: try read(campaign))
    if known.count >= Self.capacity { known = [:] }
    known[campaign.number] = read
    last = read
    return read.terms
  }

  private func read(_ campaign: Campaign) throws(StoreError) -> CampaignTerms {
    do {
      return try CampaignTerms.decode(encoded: campaign.document)
    } catch {
      throw .damaged(
        entry: campaign.number.createdBy, reason: "the terms of a campaign do not decode")
    }
  }
}
