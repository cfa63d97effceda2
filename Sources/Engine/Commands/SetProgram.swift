// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import Program
import Store
import StoredValue

/// `program.set`: the program that judges every later request.
package struct SetProgram: Command {
  package static let method = RequestMethod.programSet
  package let program: Program

  package init(program: Program) { self.program = program }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    try checkCampaigns(at: desk)
    return Decided(
      .accepted([
        Entry(
          id: desk.working.head.next, at: desk.now, date: desk.calendar.date(at: desk.now),
          kind: .programSet, account: nil, programVersion: desk.programVersion + 1,
          origin: desk.ticket.origin, reason: desk.ticket.reason,
          changes: [.programSet(program.document)], after: nil,
          request: try desk.recordWithoutAccount())
      ]))
  }

  /// The campaigns whose coupons its rules give must exist.
  private func checkCampaigns(at desk: Desk) throws(Interruption) {
    for (index, rule) in program.storedValue.topUp.bonusRules.enumerated() {
      for (place, gift) in rule.coupons.enumerated() {
        let known = try reading { () throws(StoreError) in
          try desk.working.campaign(gift.campaign)
        }
        guard known == nil else { continue }
        throw .refused(
          Refusal(
            .programInvalid,
            field: "/program/topup/bonus_rules/\(index)/coupons/\(place)/campaign_id",
            details: [.init("allowed", .text("no such campaign"))]))
      }
    }
  }
}
