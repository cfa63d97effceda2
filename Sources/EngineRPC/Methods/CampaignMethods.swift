// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import Engine
import JSON
import LedgerCore

extension Method {
  /// The members of a campaign's terms, as they stand beside the key.
  private static let termMembers: [Param] = [
    ("name", "For people."), ("kind", "percent, cash, threshold or item."),
    ("off_basis_points", "Of percent: the part taken off."),
    ("max_discount", "Of percent and threshold: the most it takes off."),
    ("amount", "Of cash: what it takes off."), ("steps", "Of threshold: [{min, off}]."),
    ("repeat", "Of threshold: its one step again and again."), ("sku", "Of item: the article."),
    ("quantity", "Of item: how many units."), ("validity", "When its coupons are good."),
    ("scope", "Which lines, stores and levels they are for."),
    ("min_spend", "What the lines in scope must come to."),
    ("stacking", "With which others they combine."), ("caps", "How often they may be used."),
  ].map { .optional($0.0, .anything, $0.1) }

  static let campaignCreate = mutation(
    "campaign.create", "Begins a campaign; its terms never change.",
    termMembers + [.optional("campaign", .document, "The terms as one object instead.")],
    result: [.text("campaign_id"), .object("campaign")], refusals: [],
    command: { params, _ throws(Answering) in CreateCampaign(terms: try terms(params)) },
    answer: { writer, entry in
      for case .campaignCreated(let encoded) in entry.changes {
        guard let terms = try? CampaignTerms.decode(encoded: encoded) else { continue }
        writer.name("campaign_id")
        writer.string(CampaignNumber(entry.id).text)
        writer.name("campaign")
        writer.campaign(
          CampaignNumber(entry.id), terms, createdAt: entry.at, isPaused: false,
          counts: UseCounts())
      }
    })

  private static func terms(_ params: Params) throws(Answering) -> CampaignTerms {
    let flat = termMembers.compactMap { param in
      params.value(param.name).map { JSONTree.Member(param.name, CanonicalValue.tree($0)) }
    }
    let nested = params.value("campaign")
    guard nested == nil || flat.isEmpty else {
      throw .invalid(
        InvalidParams(field: "/campaign", message: "give the terms once, flat or as campaign"))
    }
    let tree = nested.map { CanonicalValue.tree($0) } ?? .object(flat)
    do {
      return try CampaignTerms.decode(JSONDocument.parse(Array(tree.canonicalText.utf8)).root)
    } catch let problem as DocumentProblem {
      throw .invalid(
        InvalidParams(
          field: (nested == nil ? "" : "/campaign") + problem.field, message: problem.message))
    } catch {
      preconditionFailure("canonical text is JSON")
    }
  }

  static let campaignPause = mutation(
    "campaign.pause", "Its coupons cannot be used or issued until it is resumed.", [.campaignID],
    result: [.text("campaign_id"), .text("status")], refusals: [.notFound, .alreadyPaused],
    command: { params, _ throws(Answering) in
      PauseCampaign(campaign: params.campaignNumber())
    },
    answer: { writer, entry in writer.standing(of: entry, "paused") })

  static let campaignResume = mutation(
    "campaign.resume", "Its coupons can be used again.", [.campaignID],
    result: [.text("campaign_id"), .text("status")], refusals: [.notFound, .notPaused],
    command: { params, _ throws(Answering) in
      ResumeCampaign(campaign: params.campaignNumber())
    },
    answer: { writer, entry in writer.standing(of: entry, "active") })

  static let campaignGet = query(
    "campaign.get", "A campaign and what has come of it.", [.campaignID],
    result: [
      .text("campaign_id"), .text("name"), .text("kind"), .text("status"), .text("created_at"),
      .integer("issued"), .integer("redeemed"), .integer("discount_given"),
    ],
    refusals: [.notFound],
    answer: { params, engine, writer throws(Answering) in
      let number = params.campaignNumber()
      let found = try asking { () throws(Interruption) in try engine.campaign(number) }
      writer.campaign(found.campaign, found.terms)
    })

  static let campaignList = query(
    "campaign.list", "Campaigns, the newest first.", [.limit, .cursor],
    result: [.array("campaigns"), .text("next_cursor")],
    answer: { params, engine, writer throws(Answering) in
      let limit = Int(params.integer("limit") ?? 100)
      let cursor = try params.text("cursor").map { text throws(Answering) in
        guard let number = CampaignNumber(text: text) else { throw Params.badCursor }
        return number
      }
      let page = try asking { () throws(Interruption) in
        try engine.campaigns(before: cursor, limit: limit + 1)
      }
      writer.beginObject()
      writer.name("campaigns")
      writer.beginArray()
      for campaign in page.prefix(limit) {
        let terms = try asking { () throws(Interruption) in try engine.terms(of: campaign) }
        writer.campaign(campaign, terms)
      }
      writer.endArray()
      writer.name("next_cursor")
      writer.optional(page.count > limit ? page[limit - 1].number.text : nil)
      writer.endObject()
    })
}

extension JSONWriter {
  fileprivate mutating func campaign(_ campaign: Campaign, _ terms: CampaignTerms) {
    self.campaign(
      campaign.number, terms, createdAt: campaign.createdAt, isPaused: campaign.isPaused,
      counts: campaign.counts)
  }

  /// What pausing or resuming made of the campaign.
  fileprivate mutating func standing(of entry: Entry, _ status: StaticString) {
    for change in entry.changes {
      guard let campaign = change.campaign else { continue }
      name("campaign_id")
      string(campaign.text)
      name("status")
      string(status)
    }
  }
}
