// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Program
import Store

/// A program that is accepted has one form, and that form is the same program.
struct ProgramsTarget: FuzzTarget {
  let name = "programs"

  func run(_ input: [UInt8]) {
    guard let document = try? JSONDocument.parse(input),
      let program = try? Program.decode(document.root)
    else { return }
    guard let again = try? Program.decode(canonical: program.document) else {
      fatalError("the canonical form of a program is refused")
    }
    expect(again.document == program.document, "the canonical form of a program has another")
  }
}

/// What is read from a row of the journal is written alike.
struct EntriesTarget: FuzzTarget {
  let name = "entries"

  /// One byte each of kind, account and whether there is a key; the rest is the body.
  func run(_ input: [UInt8]) {
    guard input.count >= 3 else { return }
    let account: Int64? = input[1] == 0 ? nil : Int64(input[1])
    let body = input[3...]
    guard
      let entry = try? Entry(
        id: EntryID(7), at: Instant(milliseconds: 1_767_225_600_000), kind: input[0],
        account: account, key: input[2] & 1 == 1 ? "k" : nil, body: body)
    else { return }
    expect(entry.encodedBody() == Array(body), "an entry that was read is written otherwise")
  }

  /// Entries of a small ledger, in the form that `run` takes.
  static func writeSeeds(to directory: String) {
    let bench = Bench()
    _ = bench.exchange(Bench.tour)
    guard let entries = try? bench.store.entries(from: EntryID(1), limit: 1000) else { return }
    for entry in entries {
      let account = entry.account.map { UInt8(truncatingIfNeeded: $0.value) } ?? 0
      let bytes =
        [entry.kind.rawValue, account, entry.request == nil ? 0 : 1] + entry.encodedBody()
      File.write(bytes, to: "\(directory)/entry-\(entry.id.sequence)")
    }
  }
}
