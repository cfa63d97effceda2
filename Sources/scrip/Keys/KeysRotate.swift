// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON
import LedgerCore
import Secrets

/// `scrip keys rotate`.
struct KeysRotate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate", abstract: "Makes a new key that signs from now on.",
    discussion: """
      The key that signed before still verifies, so nothing that was issued stops working: PINs \
      move to the new key as customers use them.

      A running `scrip serve` or `scrip scan` on this ledger takes the new key up with its next \
      request, within a second; it says so on standard error.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "Which key.")
  var purpose: Keys.Purpose

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    try scrip.run { () throws(Failure) in try rotate() }
  }

  private func rotate() throws(Failure) {
    let change = try KeyRingChange(ledger)
    let now = try change.now()
    let ids = try change.perform { ring throws(Failure) in
      let old = ring.signing(purpose.purpose).id
      do throws(KeyRingError) {
        return (old: old, new: try ring.rotate(purpose.purpose, at: now.milliseconds))
      } catch {
        throw Failure(error)
      }
    }
    if json {
      let tree: JSONTree = [
        "purpose": .string(purpose.rawValue), "signing": .integer(Int64(ids.new)),
        "verifying": .integer(Int64(ids.old)),
      ]
      try StandardOutput.write(tree.lineText)
    } else {
      try StandardOutput.write(
        "\(purpose.rawValue) key \(ids.new) signs from now on, key \(ids.old) verifies")
    }
    StandardError.write("scrip: \(change.outlook)")
  }
}
