// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
package import LedgerCore
import Secrets
import Store
import StoredValue

/// Issues coupons of a campaign, as `coupon.issue` asks: all of them or none.
package struct IssueCoupons: Command {
  package static let method = RequestMethod.couponIssue
  /// How many one request may issue, so that a till never waits long for a bulk issue.
  package static let maximumCount = 10_000

  package let campaign: CampaignNumber
  package let name: AccountName?
  package let count: Int

  package init(campaign: CampaignNumber, name: AccountName?, count: Int) {
    self.campaign = campaign
    self.name = name
    self.count = count
  }

  package var subject: Subject { name.map { .account($0) } ?? .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let (campaign, terms) = try desk.campaign(campaign)
    let account = try desk.account(name)
    if account?.status == .closed { throw .refused(Refusal(.accountClosed)) }
    let end = terms.end(ofIssueAt: desk.now, desk.calendar)
    if let end, end <= desk.now {
      throw .refused(
        Refusal(.expired, field: "/campaign_id", details: [.init("valid_until", .instant(end))]))
    }
    if campaign.isPaused { throw .refused(Refusal(.paused, field: "/campaign_id")) }
    var share: UseCounts?
    if let account {
      let key = CampaignShare.Key(campaign.number, account.id)
      share = try reading { () throws(StoreError) in try desk.working.share(key) }.counts
    }
    let room = terms.caps.room(toIssueOf: campaign.counts, share: share)
    if let room, room < Int64(count) {
      throw .refused(
        Refusal(
          .capReached, field: "/count",
          details: [.init("left", .integer(room)), .init("requested", .integer(Int64(count)))]))
    }
    let issue = Change.couponsIssued(
      Change.Issue(
        campaign: campaign.number, owner: account?.id, coupons: try desk.drawSerials(count),
        end: end, keyID: desk.tokens.signer.signingKeyID))
    guard let account else { return try desk.entry(.couponIssue, [issue]) }
    let context = try desk.context(for: account.id)
    return Decided(
      account.decide(.couponIssue, in: context, status: .notClosed) { draft throws(Refusal) in
        draft.record(issue)
      })
  }
}
