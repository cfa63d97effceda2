// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Secrets

/// An entry as `scrip journal --json` prints it: all of it, but for what checks a PIN.
///
/// Members stand in a fixed order and absent ones are null, so that equal entries give equal text.
struct EntryDocument {
  private let entry: Entry
  private let link: [UInt8]

  /// Takes an entry and its stored link in the chain.
  init(_ entry: Entry, link: [UInt8]) {
    self.entry = entry
    self.link = link
  }

  /// One line of JSON.
  var text: String { tree.lineText }

  private var tree: JSONTree {
    [
      "seq": .integer(entry.id.sequence),
      "entry_id": .string(entry.id.text),
      "kind": .string(entry.kind.name),
      "at": .string(entry.at.text),
      "business_date": .string(entry.date.text),
      "account_id": .text(entry.account?.text),
      "previous": entry.previous == .none ? nil : .string(entry.previous.text),
      "program_version": .integer(entry.programVersion),
      "store_id": .text(entry.origin.store),
      "terminal_id": .text(entry.origin.terminal),
      "operator_id": .text(entry.origin.operator),
      "reason": .text(entry.reason),
      "tender": .text(entry.tender),
      "asset": .string(entry.asset.name),
      "amount": .amount(entry.amount),
      "principal": .amount(entry.principal),
      "bonus": .amount(entry.bonus),
      "links": .object(
        entry.links.map { .init($0.relation.name, .string($0.entry.text)) }),
      "hold_id": .text(entry.hold?.text),
      "changes": .array(entry.changes.map(\.tree)),
      "postings": .array(
        entry.postings.map { posting in
          [
            "account": .string(posting.account.name), "asset": .string(posting.asset.name),
            "amount": .integer(posting.amount),
          ]
        }),
      "after": entry.after?.tree ?? .null,
      "request": entry.request?.tree ?? .null,
      "link": .string(hexadecimal(link)),
    ]
  }
}

extension JSONTree {
  /// The text, or null.
  static func text(_ text: String?) -> JSONTree { text.map { .string($0) } ?? .null }

  /// The amount in minor units, or null.
  static func amount(_ amount: Amount?) -> JSONTree {
    amount.map { .integer($0.minorUnits) } ?? .null
  }

  /// The time, or null.
  static func time(_ instant: Instant?) -> JSONTree { text(instant?.text) }
}

extension Asset {
  fileprivate var name: String {
    switch self {
    case .money: "money"
    }
  }
}

extension AccountSnapshot {
  fileprivate var tree: JSONTree {
    [
      "card_no": .string(cardNumber.text),
      "status": .string(status.name),
      "principal": .amount(principal),
      "bonus": .amount(bonus),
      "held": .amount(held),
      "pending": .amount(pending),
      "spendable": .amount(spendable),
      "first_day": firstDay.map { ["cap": .amount($0.cap), "spent": .amount($0.spent)] } ?? .null,
      "lots": .array(
        lots.map { lot in
          [
            "lot_id": .string(lot.id.text), "kind": .string(lot.kind.name),
            "granted": .amount(lot.granted), "remaining": .amount(lot.remaining),
            "release_per_debit": .amount(lot.releasePerDebit), "expires_at": .time(lot.expiresAt),
            "pending": .bool(lot.pending),
          ]
        }),
      "pin": [
        "set": .bool(pinSet), "attempts_left": .integer(Int64(pinAttemptsLeft)),
        "lock": pinLock?.tree ?? .null,
      ],
    ]
  }
}

extension PINLock {
  /// The time at which it ends, or that it ends by a reset only.
  var tree: JSONTree {
    switch self {
    case .until(let end): ["until": .time(end)]
    case .untilReset: ["until": nil]
    }
  }
}

extension RequestRecord {
  /// Which members were given, not their digests: those of PINs are nobody's business.
  fileprivate var tree: JSONTree {
    [
      "method": .string(method.name),
      "idempotency_key": .string(key.text),
      "members": .array(digests.map { .string($0.member.name) }),
    ]
  }
}

extension RequestMethod {
  /// The name on the wire.
  fileprivate var name: String {
    switch self {
    case .accountOpen: "account.open"
    case .accountFreeze: "account.freeze"
    case .accountUnfreeze: "account.unfreeze"
    case .accountReportLost: "account.report_lost"
    case .accountReplaceCard: "account.replace_card"
    case .accountClose: "account.close"
    case .pinSet: "pin.set"
    case .pinChange: "pin.change"
    case .pinReset: "pin.reset"
    case .pinVerify: "pin.verify"
    case .topUpCreate: "topup.create"
    case .topUpClear: "topup.clear"
    case .topUpBounce: "topup.bounce"
    case .debitCreate: "debit.create"
    case .debitAuthorize: "debit.authorize"
    case .debitCapture: "debit.capture"
    case .debitRelease: "debit.release"
    case .debitRefund: "debit.refund"
    case .entryReverse: "entry.reverse"
    case .programSet: "program.set"
    case .campaignCreate: "campaign.create"
    case .campaignPause: "campaign.pause"
    case .campaignResume: "campaign.resume"
    case .couponIssue: "coupon.issue"
    case .couponReserve: "coupon.reserve"
    case .couponRelease: "coupon.release"
    case .couponRedeem: "coupon.redeem"
    case .couponUnredeem: "coupon.unredeem"
    case .couponVoid: "coupon.void"
    case .checkoutCommit: "checkout.commit"
    case .checkoutRefund: "checkout.refund"
    case .alertAck: "alert.ack"
    }
  }
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: [UInt8]) -> String {
  String(decoding: bytes.flatMap { byte in [digit(byte >> 4), digit(byte & 15)] }, as: UTF8.self)
}

private func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
