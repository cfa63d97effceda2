// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import LedgerCore

/// `scrip backup`: a checked copy of a ledger, made while tills go on.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies the ledger, as it stands at one moment, into a new directory and checks it.",
    discussion: """
      Tills may go on meanwhile. The copy holds the journal, from which everything else is made, \
      and head.json, which says how far it goes; everything is recomputed from the copy before it \
      gets its name. The directory must be missing or empty. Violations are named, and then the \
      exit code is 2: the copy stays, for it may be all there is.

      The keyring is left out: who finds a backup with the keys in it can make coupons and try out \
      PINs. Keep a copy of it elsewhere, or say --with-keyring.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Argument(help: "The directory of the backup.", completion: .directory)
  var directory: String

  @Flag(help: "Copy the keyring too.")
  var withKeyring = false

  func run() throws {
    var isGood = true
    try scrip.run { () throws(Failure) in isGood = try backUp() }
    if !isGood { throw ExitCode(2) }
  }

  private func backUp() throws(Failure) -> Bool {
    try ledger.requireDirectory(for: "backup")
    _ = try ledger.identity()
    let keys = try OpenedLedger.readKeys(ledger.keyringPath)
    // A head, or keys, without a journal is what a backup leaves that was cut short.
    let copy = try StagedCopy(in: directory, permitting: ["head.json", "keyring.json"])
    unlink(directory + "/head.json")
    unlink(directory + "/keyring.json")
    let problems = try copy.fill(from: ledger.data, upTo: nil, keys: keys)
    let head = try copy.head
    try copy.add("head.json", Array((head.line + "\n").utf8))
    // The journal comes last: where it has its name, all that was asked for is there.
    if withKeyring {
      guard let bytes = File.bytes(of: ledger.keyringPath) else {
        throw .io("cannot read \(ledger.keyringPath): \(systemReason())")
      }
      try copy.add("keyring.json", bytes)
    }
    try copy.publish()
    for problem in problems { try StandardOutput.write(problem) }
    guard problems.isEmpty else {
      StandardError.write("scrip: the copy in \(directory) has the violations named above")
      return false
    }
    try StandardOutput.write(
      "backed up \(counted(head.sequence, "entry", "entries")) into \(directory), "
        + (withKeyring ? "with the keyring" : "without the keyring"))
    return true
  }
}
