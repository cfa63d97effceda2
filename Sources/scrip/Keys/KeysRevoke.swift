// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON
import LedgerCore
import Secrets
import Store

/// `scrip keys revoke`.
struct KeysRevoke: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Stops a key from verifying, for good.",
    discussion: """
      For a key that others have seen. It cannot be undone. Without --yes it only says what would \
      be hit, changes nothing and ends with exit code 64.

      pin: cards whose PIN is under the key can no longer be debited with it until `pin.reset`; \
      rotate first and wait, and PINs move to the new key as they are used. coupon: every coupon \
      signed under the key reads `unknown_key`, until `coupon.payload` prints it anew under the \
      key that signs. journal: the key links nothing new; entries under \
      it stay checkable, sealed by the links that follow under newer keys.

      The key that signs cannot be revoked: rotate first. A running `scrip serve` or `scrip scan` \
      on this ledger refuses the key within a second; it says so on standard error.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "The purpose of the key.")
  var purpose: Keys.Purpose

  @Option(help: "The id of the key, as `keys list` shows it.")
  var id: UInt8

  @Flag(help: "Do it.")
  var yes = false

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try scrip.run { () throws(Failure) in try revoke() }
  }

  private func revoke() throws(Failure) {
    let change = try KeyRingChange(ledger)
    let ring = try OpenedLedger.readKeys(ledger.keyringPath)
    guard let key = ring.key(purpose.purpose, id: id) else {
      throw Failure(KeyRingError.unknownKey(purpose.purpose, id: id))
    }
    guard key.state != .signing else {
      throw Failure(KeyRingError.signingKeyCannotBeRevoked(purpose.purpose, id: id))
    }
    let cards = purpose == .pin ? try cardsUnderKey() : nil
    let coupons = purpose == .coupon ? try couponsUnderKey(at: try change.now()) : nil
    if yes {
      let now = try change.now()
      try change.perform { ring throws(Failure) in
        do throws(KeyRingError) {
          try ring.revoke(purpose.purpose, id: id, at: now.milliseconds)
        } catch {
          throw Failure(error)
        }
      }
    }
    try report(key, cards, coupons)
    guard yes else { throw .usage("nothing was revoked; to do it, repeat with --yes") }
    StandardError.write("scrip: \(change.outlook)")
  }

  private func report(
    _ key: KeyRing.Key, _ cards: Int64?, _ coupons: CouponKeyCensus.Standing?
  ) throws(Failure) {
    if json {
      var members: [JSONTree.Member] = [
        .init("purpose", .string(purpose.rawValue)), .init("id", .integer(Int64(id))),
        .init("revoked", .bool(yes || key.state == .revoked)),
      ]
      if let cards { members.append(.init("cards_with_pin_under_key", .integer(cards))) }
      if let coupons {
        members.append(.init("usable_coupons_under_key", .integer(coupons.coupons)))
        members.append(.init("last_of_them_ends", .time(coupons.lastEnd)))
      }
      try StandardOutput.write(JSONTree.object(members).lineText)
      return
    }
    let outcome =
      key.state == .revoked ? "was revoked before" : yes ? "is revoked" : "would be revoked"
    let consequence = consequence(cards ?? 0, coupons)
    try StandardOutput.write("\(purpose.rawValue) key \(id) \(outcome): \(consequence)")
  }

  /// What no longer works without the key.
  private func consequence(_ cards: Int64, _ coupons: CouponKeyCensus.Standing?) -> String {
    switch purpose {
    case .pin where cards == 0: "no card that is not closed has its PIN under it"
    case .pin:
      "\(counted(cards, "card has its PIN", "cards have their PINs")) under it; what needs the PIN "
        + "there is answered `unavailable` until `pin.reset`"
    case .coupon: consequence(for: coupons ?? CouponKeyCensus.Standing())
    case .journal: "it links nothing new; entries linked under it stay checkable"
    }
  }

  private func consequence(for coupons: CouponKeyCensus.Standing) -> String {
    guard coupons.coupons > 0 else { return "no coupon that can still be used is signed under it" }
    let end =
      coupons.lastEnd.map { ", the last of them until \($0.text)" }
      ?? ", some of them without an end"
    return counted(
      coupons.coupons, "coupon that can still be used is", "coupons that can still be used are")
      + " signed under it\(end): printed codes read `unknown_key` until `coupon.payload` prints "
      + "them anew"
  }

  private func couponsUnderKey(at now: Instant) throws(Failure) -> CouponKeyCensus.Standing {
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      return try CouponKeyCensus(inspection, at: now).standings[id] ?? CouponKeyCensus.Standing()
    } catch {
      throw Failure(error)
    }
  }

  /// How many cards that are not closed have their PIN under the key: folded accounts, and what
  /// the journal says since.
  private func cardsUnderKey() throws(Failure) -> Int64 {
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      return Int64(try PINKeyCensus(inspection).accounts(under: id).count)
    } catch {
      throw Failure(error)
    }
  }
}
