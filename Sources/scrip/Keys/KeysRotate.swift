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

      Running processes read the keys at their start. Restart every `scrip serve` on this ledger \
      right after rotating: one with the old keys cannot check what is made under the new one. \
      With a `journal` key it stops with exit code 65 at the first such entry, losing nothing.
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
    StandardError.write("scrip: \(change.restartAdvice)")
  }
}
