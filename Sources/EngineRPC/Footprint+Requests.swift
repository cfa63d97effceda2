// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC
import LedgerCore
import Store

extension Footprint {
  /// What the requests of a group name, by the names that members have in every method.
  ///
  /// Nothing is checked here: what does not read as what it should be is passed over, and refused
  /// when it is served.
  init(of group: [Work], _ defaults: Origin) {
    self.init()
    note(defaults)
    for work in group {
      if let guest = work.source?.guest { note(guest.defaults) }
      guard case .request(let request) = work.call, let params = request.params,
        params.kind == .object
      else { continue }
      for member in params.members { note(member) }
    }
  }

  private mutating func note(_ origin: Origin) {
    if let store = origin.store { subjects.insert(.store(store)) }
    if let terminal = origin.terminal { subjects.insert(.terminal(terminal)) }
    if let person = origin.operator { subjects.insert(.operator(person)) }
  }

  private mutating func note(_ member: JSONMember) {
    if member.isNamed("coupons") {
      for element in member.value.elements {
        if let serial = element.string.flatMap({ CouponSerial(text: $0) }) {
          coupons.insert(serial)
        }
      }
      return
    }
    guard let text = member.value.string else { return }
    if member.isNamed("idempotency_key") || member.isNamed("original_idempotency_key") {
      if let key = IdempotencyKey(text) { keys.insert(key) }
    } else if member.isNamed("card_no") || member.isNamed("new_card_no") {
      if let number = CardNumber(text) { cards.insert(number) }
    } else if member.isNamed("account_id") {
      if let id = AccountID(text: text) { accounts.insert(id) }
    } else if member.isNamed("coupon_id") {
      if let serial = CouponSerial(text: text) { coupons.insert(serial) }
    } else if let entry = Self.entry(text, member) {
      entries.insert(entry)
    } else {
      noteOrigin(text, member)
    }
  }

  private static func entry(_ text: String, _ member: JSONMember) -> EntryID? {
    if member.isNamed("entry_id") { return EntryID(text: text) }
    if member.isNamed("hold_id") { return HoldID(text: text)?.authorizedBy }
    if member.isNamed("checkout_id") { return CheckoutID(text: text)?.entry }
    if member.isNamed("redemption_id") { return RedemptionID(text: text)?.madeBy }
    return nil
  }

  private mutating func noteOrigin(_ text: String, _ member: JSONMember) {
    if member.isNamed("store_id") {
      subjects.insert(.store(text))
    } else if member.isNamed("terminal_id") {
      subjects.insert(.terminal(text))
    } else if member.isNamed("operator_id") {
      subjects.insert(.operator(text))
    }
  }
}
