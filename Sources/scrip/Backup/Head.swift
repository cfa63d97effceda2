// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser

/// `scrip head`: how far the journal goes, to be kept elsewhere.
struct Head: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints how far the journal goes, with a fingerprint of all of it.",
    discussion: """
      One line of JSON, as the method ledger.head answers it. Kept where the ledger's owner cannot \
      reach (printed, mailed, with the accountant), it shows later that nothing before it was \
      changed or cut off, even by somebody who holds the keys:

        scrip head --data DIR >> heads.ndjson
        scrip verify --data DIR --against heads.ndjson

      Needs no keys, and may run while tills do.
      """)

  @OptionGroup var ledger: LedgerOptions

  func run() throws {
    try scrip.run { () throws(Failure) in
      _ = try ledger.identity()
      try StandardOutput.write(try LedgerHead(of: ledger.data).line)
    }
  }
}
