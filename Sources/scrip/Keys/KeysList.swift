// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON
import LedgerCore
import Secrets
import Store

/// `scrip keys list`.
struct KeysList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the keys with their states, never the keys themselves.",
    discussion: """
      `signing`: makes new tags and checks old ones. `verifying`: checks old ones. `revoked`: \
      checks nothing any more, except that entries linked under a journal key stay checkable. A \
      coupon key is needed until the last coupon signed under it has been used or has ended.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "Only keys of this purpose.")
  var purpose: Keys.Purpose?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try scrip.run { () throws(Failure) in try list() }
  }

  private func list() throws(Failure) {
    _ = try ledger.identity()
    let ring = try OpenedLedger.readKeys(ledger.keyringPath)
    let coupons = try couponStandings()
    let keys = ring.keys.filter { key in purpose.map { key.purpose == $0.purpose } ?? true }
    if json {
      try StandardOutput.write(object(keys, coupons))
      return
    }
    var table = TextTable(["PURPOSE", "ID", "STATE", "MADE", "STATE SINCE", "USABLE COUPONS"])
    for key in keys {
      table.add([
        key.purpose.rawValue, String(key.id), key.state.rawValue,
        Instant(milliseconds: key.createdAt).text, Instant(milliseconds: key.changedAt).text,
        key.purpose == .coupon ? String(coupons[key.id]?.coupons ?? 0) : "",
      ])
    }
    try StandardOutput.write(table.text)
  }

  /// The coupons that each key still stands for.
  private func couponStandings() throws(Failure) -> [UInt8: CouponKeyCensus.Standing] {
    let now = try KeyRingChange(ledger).now()
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      return try CouponKeyCensus(inspection, at: now).standings
    } catch {
      throw Failure(error)
    }
  }

  private func object(
    _ keys: [KeyRing.Key], _ coupons: [UInt8: CouponKeyCensus.Standing]
  ) -> String {
    let tree: JSONTree = [
      "keyring": .string(ledger.keyringPath),
      "keys": .array(
        keys.map { key in
          var members: [JSONTree.Member] = [
            .init("purpose", .string(key.purpose.rawValue)), .init("id", .integer(Int64(key.id))),
            .init("state", .string(key.state.rawValue)),
            .init("created_at", .string(Instant(milliseconds: key.createdAt).text)),
            .init("changed_at", .string(Instant(milliseconds: key.changedAt).text)),
          ]
          if key.purpose == .coupon {
            let standing = coupons[key.id] ?? CouponKeyCensus.Standing()
            members.append(.init("usable_coupons", .integer(standing.coupons)))
            members.append(.init("last_of_them_ends", .time(standing.lastEnd)))
          }
          return .object(members)
        }),
    ]
    return tree.lineText
  }
}
