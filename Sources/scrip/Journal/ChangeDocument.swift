// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Secrets

extension Change {
  /// The change as `scrip journal --json` prints it: what it is, and its parts.
  var tree: JSONTree {
    switch self {
    case .accountOpened(let opening): opening.tree
    case .cardReplaced(let number): Self.tree("card_replaced", ["card_no": .string(number.text)])
    case .statusChanged(.lostFrozen):
      Self.tree("status_changed", ["status": "lost", "frozen_by_rule": true])
    case .statusChanged(let status): Self.tree("status_changed", ["status": .string(status.name)])
    case .lotGranted(let grant): grant.tree
    case .lotCleared(let lot): Self.tree("lot_cleared", ["lot_id": .string(lot.text)])
    case .lotWithdrawn(let lot, let amount): Self.tree("lot_withdrawn", lot, amount)
    case .lotTaken(let lot, let amount): Self.tree("lot_taken", lot, amount)
    case .lotReturned(let lot, let amount): Self.tree("lot_returned", lot, amount)
    case .lotLapsed(let lot, let amount): Self.tree("lot_lapsed", lot, amount)
    case .lotSettled(let lot, let amount): Self.tree("lot_settled", lot, amount)
    case .holdPlaced(let hold): hold.tree
    case .holdEnded(let hold): Self.tree("hold_ended", ["hold_id": .string(hold.text)])
    case .daySpent(let date, let amount):
      Self.tree("day_spent", ["business_date": .string(date.text), "amount": .integer(amount)])
    case .pinSet(let verifier): Self.tree("pin_set", Self.keyMembers(verifier))
    case .pinFailed(let lock): Self.tree("pin_failed", ["lock": lock?.tree ?? .null])
    case .pinProbed(let entry): Self.tree("pin_probed", ["entry_id": .string(entry.text)])
    case .pinCleared: Self.tree("pin_cleared", [:])
    case .programSet(let document): Self.tree("program_set", ["program": Self.parsed(document)])
    case .keyBlocked(let key):
      Self.tree("key_blocked", ["idempotency_key": .string(key.text)])
    case .marked(let entry, let mark): mark.tree(on: entry)
    case .settled(let payout): Self.tree("settled", ["payout": .amount(payout)])
    case .alertRaised(let raise): raise.tree
    case .alertCounted(let count): count.tree
    case .alertUpdated(let update): update.tree
    case .attemptDeclined(let attempt):
      Self.tree(
        "attempt_declined",
        ["kind": .string(attempt.kind.name), "account_id": .text(attempt.account?.text)])
    case .alertAcknowledged(let found):
      Self.tree(
        "alert_acknowledged",
        [
          "alert_id": .string(found.id.text), "disposition": .string(found.disposition.name),
          "note": .text(found.note),
        ])
    case .codesFailed(let failures): failures.tree
    default: couponTree
    }
  }

  static func tree(
    _ type: String, _ members: KeyValuePairs<String, JSONTree>
  ) -> JSONTree {
    .object([.init("type", .string(type))] + members.map { .init($0.key, $0.value) })
  }

  private static func tree(_ type: String, _ lot: LotID, _ amount: Amount) -> JSONTree {
    tree(type, ["lot_id": .string(lot.text), "amount": .amount(amount)])
  }

  /// Under which key and by which scheme a PIN is kept; never what it is checked with.
  private static func keyMembers(_ bytes: [UInt8]) -> KeyValuePairs<String, JSONTree> {
    guard let verifier = PINVerifier(encoded: bytes) else { return ["scheme": nil, "key_id": nil] }
    let scheme =
      switch verifier.scheme {
      case .keyed: "keyed"
      case .scrypt: "scrypt"
      }
    return ["scheme": .string(scheme), "key_id": .integer(Int64(verifier.keyID))]
  }

  /// The program as JSON; as a string if it is none, which no engine writes.
  private static func parsed(_ document: [UInt8]) -> JSONTree {
    guard let json = try? JSONDocument.parse(document) else {
      return .string(String(decoding: document, as: UTF8.self))
    }
    return JSONTree(json.root)
  }
}

extension Change.Opening {
  fileprivate var tree: JSONTree {
    Change.tree(
      "account_opened",
      [
        "card_no": .string(cardNumber.text), "registered": .bool(registered),
        "level": .text(level), "holder_digest": .text(holderDigest.map(hexadecimal)),
      ])
  }
}

extension Change.Grant {
  fileprivate var tree: JSONTree {
    Change.tree(
      "lot_granted",
      [
        "lot_id": .string(lot.text), "kind": .string(kind.name), "amount": .amount(amount),
        "release_per_debit": .amount(releasePerDebit), "expires_at": .time(expiresAt),
        "rule_id": .text(rule), "pending": .bool(pending),
      ])
  }
}

extension Change.Hold {
  fileprivate var tree: JSONTree {
    Change.tree(
      "hold_placed",
      [
        "hold_id": .string(id.text), "expires_at": .time(expiresAt),
        "parts": .array(
          parts.map { ["lot_id": .string($0.lot.text), "amount": .amount($0.amount)] }),
      ])
  }
}

extension Change.Mark {
  fileprivate func tree(on entry: EntryID) -> JSONTree {
    let name: String
    var amount: Amount?
    switch self {
    case .refunded(let given):
      name = "refunded"
      amount = given
    case .reversed: name = "reversed"
    case .cleared: name = "cleared"
    case .bounced: name = "bounced"
    case .captured: name = "captured"
    case .released: name = "released"
    case .returned(let goods): return goods.tree(on: entry)
    }
    return Change.tree(
      "marked",
      ["entry_id": .string(entry.text), "mark": .string(name), "amount": .amount(amount)])
  }
}
