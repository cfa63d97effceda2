// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON
import LedgerCore
import Secrets

/// `scrip keys list`.
struct KeysList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the keys with their states, never the keys themselves.",
    discussion: """
      `signing`: makes new tags and checks old ones. `verifying`: checks old ones. `revoked`: \
      checks nothing any more, except that entries linked under a journal key stay checkable.
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
    let keys = ring.keys.filter { key in purpose.map { key.purpose == $0.purpose } ?? true }
    if json {
      try StandardOutput.write(object(keys))
      return
    }
    var table = TextTable(["PURPOSE", "ID", "STATE", "MADE", "STATE SINCE"])
    for key in keys {
      table.add([
        key.purpose.rawValue, String(key.id), key.state.rawValue,
        Instant(milliseconds: key.createdAt).text, Instant(milliseconds: key.changedAt).text,
      ])
    }
    try StandardOutput.write(table.text)
  }

  private func object(_ keys: [KeyRing.Key]) -> String {
    let tree: JSONTree = [
      "keyring": .string(ledger.keyringPath),
      "keys": .array(
        keys.map { key in
          [
            "purpose": .string(key.purpose.rawValue), "id": .integer(Int64(key.id)),
            "state": .string(key.state.rawValue),
            "created_at": .string(Instant(milliseconds: key.createdAt).text),
            "changed_at": .string(Instant(milliseconds: key.changedAt).text),
          ]
        }),
    ]
    return tree.lineText
  }
}
