// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Engine
import JSON
import LedgerCore
import Secrets
import Store

/// `scrip verify`: recomputes the whole ledger.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Recomputes the ledger and names every violation.",
    discussion: """
      Reads the journal from its first entry: the chain must be unbroken, postings sum to zero, \
      and balances, lots, holds, caps and the stored state must be what the entries add up to.

      Silent and exit code 0 when all is good; otherwise one line on standard output for each \
      violation, and exit code 2. Tills may go on meanwhile: it looks at the ledger as it was at \
      the start and holds nobody up.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(help: "Print one JSON object {ok, entries, problems}, also when all is good.")
  var json = false

  @Option(
    help: "Heads that were kept elsewhere, a line each: nothing before them may have changed.",
    completion: .file())
  var against: String?

  func run() throws {
    var isGood = true
    try scrip.run { () throws(Failure) in isGood = try verify() }
    if !isGood { throw ExitCode(2) }
  }

  private func verify() throws(Failure) -> Bool {
    _ = try ledger.identity()
    let keys = try OpenedLedger.readKeys(ledger.keyringPath)
    let heads = try against.map { path throws(Failure) in try LedgerHead.read(path) } ?? []
    var report: (entries: Int64, problems: [String])
    do {
      let inspection = try LedgerPlace(ledger.data).inspection()
      let all = inspection.head.sequence
      let line = ProgressLine()
      defer { line.clear() }
      let audit = try Audit(
        inspection, chain: HashChain(keys), digester: RequestDigester(keys),
        calendar: try? OpenedLedger.calendar(inspection.identity)
      ).run { line.show($0, of: all) }
      report = (audit.entries, audit.problems.map(\.description))
    } catch .damaged(let entry, let reason) {
      // So far gone that there is nothing to recompute: a violation like any other.
      report = (
        max(0, (entry?.sequence ?? 1) - 1),
        [StoreError.damaged(entry: entry, reason: reason).message]
      )
    } catch {
      throw Failure(error)
    }
    for head in heads {
      if let problem = try head.problem(in: ledger.data) { report.problems.append(problem) }
    }
    if json {
      try StandardOutput.write(Self.object(report.entries, report.problems))
    } else {
      for problem in report.problems { try StandardOutput.write(problem) }
    }
    return report.problems.isEmpty
  }

  private static func object(_ entries: Int64, _ problems: [String]) -> String {
    let tree: JSONTree = [
      "ok": .bool(problems.isEmpty), "entries": .integer(entries),
      "problems": .array(problems.map { .string($0) }),
    ]
    var writer = JSONWriter()
    tree.write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
