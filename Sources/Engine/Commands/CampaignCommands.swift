// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Coupons
package import LedgerCore
import StoredValue

/// Begins a campaign, as `campaign.create` asks.
package struct CreateCampaign: Command {
  package static let method = RequestMethod.campaignCreate
  package let terms: CampaignTerms

  package init(terms: CampaignTerms) { self.terms = terms }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    try desk.entry(.campaignCreate, [.campaignCreated(terms.encoded)])
  }
}

/// Stops or lets go on the use of a campaign's coupons, as `campaign.pause` and `resume` ask.
package struct PauseCampaign: Command {
  package static let method = RequestMethod.campaignPause
  package let campaign: CampaignNumber

  package init(campaign: CampaignNumber) { self.campaign = campaign }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let campaign = try desk.campaign(campaign).campaign
    if campaign.isPaused {
      throw .refused(Refusal(.alreadyPaused, field: "/campaign_id"))
    }
    return try desk.entry(.campaignPause, [.campaignPaused(campaign.number)])
  }
}

/// Lets the coupons of a paused campaign be used again, as `campaign.resume` asks.
package struct ResumeCampaign: Command {
  package static let method = RequestMethod.campaignResume
  package let campaign: CampaignNumber

  package init(campaign: CampaignNumber) { self.campaign = campaign }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let campaign = try desk.campaign(campaign).campaign
    guard campaign.isPaused else {
      throw .refused(Refusal(.notPaused, field: "/campaign_id"))
    }
    return try desk.entry(.campaignResume, [.campaignResumed(campaign.number)])
  }
}
