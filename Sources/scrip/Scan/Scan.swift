// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC
import LedgerCore
import Secrets
import Store
import StoreSQLite

/// `scrip scan`: a scanner at a counter.
struct Scan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads coupon codes from standard input and answers each with a line of JSON.",
    discussion: """
      Each line is one code, as a keyboard-wedge or serial scanner types it. It is answered as \
      `coupon.verify` answers, or with --redeem as `coupon.redeem` does; a code that is refused \
      is {"valid": false, "reason": …} with what is known about it. An answer is written only \
      once its effects are durable. Ends with 0 at the end of input, on SIGTERM or SIGINT, or \
      when standard output is closed.

      With --typed a person may type the code that a scanner cannot read: spaces and hyphens are \
      left out, I and L are taken for 1 and O for 0. Ten lines are taken at once, then one a \
      second.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(help: "Use the coupons up.")
  var redeem = false

  @Flag(help: "Codes are typed by hand.")
  var typed = false

  @Option(help: "Minor units to pay, as one article at full price.")
  var amount: Int64?

  @Option(help: "The store it happens in.")
  var storeID: String?

  @Option(help: "The terminal that scans.")
  var terminalID: String?

  @Option(help: "The person at the terminal.")
  var operatorID: String?

  @Option(help: "Start the clock of a test ledger at this RFC 3339 time.")
  var testClock: TestClock?

  func validate() throws {
    if let amount, !(1...1_000_000_000_000).contains(amount) {
      throw ValidationError("--amount takes 1 to 1000000000000 minor units")
    }
    try requireNames([
      "--store-id": storeID, "--terminal-id": terminalID, "--operator-id": operatorID,
    ])
  }

  func run() throws {
    try scrip.run { () throws(Failure) in try scan() }
  }

  private func scan() throws(Failure) {
    _ = try ledger.identity()
    let streams = try StandardStreams.take()
    let opened = try OpenedLedger(
      directory: ledger.data, keyring: ledger.keyring, testClock: testClock?.instant)
    let about = About(defaults: Origin(), libraries: Versions.libraries)
    let session = Session(engine: opened.engine, about: about)
    let scanner = Scanner(
      Scanner.Options(
        redeems: redeem, isTyped: typed, amount: amount, store: storeID, terminal: terminalID,
        operatorID: operatorID),
      randomKey: { "scan-" + hexadecimal(randomBytes(12)) })
    try ScanLoop(session: session, store: opened.store, streams: streams).run(scanner)
  }
}
