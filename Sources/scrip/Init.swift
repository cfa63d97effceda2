// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Secrets
import StoreSQLite

/// `scrip init`: a new ledger.
struct Init: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a new ledger: its database and its keys.",
    discussion: """
      The directory is made if it is missing; everything in it is for its owner alone. A directory \
      that holds a ledger is refused (exit code 73) and left as it is. Currency, time zone, day \
      start and test mode are fixed for the ledger's life.

      Keep a copy of the keyring apart from the database: without it no PIN can be checked and no \
      history proved.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "The currency of all amounts: three capital letters of ISO 4217.")
  var currency = "CNY"

  @Option(help: "The time zone of business dates: a name of the tz database.")
  var timezone = "Asia/Shanghai"

  @Option(help: "When a business date begins, as HH:MM.")
  var dayStart = "00:00"

  @Flag(
    help: """
      Make a ledger for trying things out: its clock only moves when told to, and its coupons are \
      refused everywhere else.
      """)
  var testMode = false

  @Option(
    help: ArgumentHelp(
      "Set the rules that watch a shop's cards, terminals and operators: shop.",
      valueName: "preset"))
  var preset: InitPreset?

  func run() throws {
    try scrip.run { () throws(Failure) in try make() }
  }

  private func make() throws(Failure) {
    var making = LedgerMaking(directory: ledger.data, keyring: ledger.keyring)
    making.currency = currency
    making.timezone = timezone
    making.dayStart = dayStart
    making.isTest = testMode
    try making.make()
    if ledger.server == nil { try fold() }
    try preset?.set(on: ledger)
    let kind = testMode ? "test ledger" : "ledger"
    try StandardOutput.write(
      "made a \(kind) in \(ledger.placeName): \(currency), \(timezone), day start \(dayStart), "
        + "keys in \(ledger.keyringPath)")
  }

  /// Makes the folded state of the empty journal, so that the ledger is complete and verifies.
  private func fold() throws(Failure) {
    let keys = try OpenedLedger.readKeys(ledger.keyringPath)
    do {
      _ = try SQLiteStore.rebuild(directory: ledger.data, chain: HashChain(keys))
    } catch {
      throw Failure(error)
    }
  }
}
