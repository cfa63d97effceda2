// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import LedgerCore

/// `scrip bench replay`: real trade through the real binary, checked against independent sums.
struct Replay: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replays a file of invoices through the engine and checks every balance.",
    discussion: """
      The file is CSV with the header invoice,ts,lines,quantity,customer,amount_cents, plain or \
      .gz. Every customer gets a card; what an invoice needs is topped up with a bonus by rule; \
      positive rows are debited with PIN, negative ones refunded, newest debit first. The test \
      clock follows the rows. In the end every balance must equal a sum kept apart from the \
      engine, and the ledger must verify.
      """)

  @Argument(help: "The file of invoices.")
  var file: String

  @Option(help: "How many requests may be in flight.")
  var inFlight = 64

  @Option(help: "Stop after so many rows.")
  var rows: Int?

  @Option(help: "Make the ledger here and keep it; otherwise in a temporary directory.")
  var keep: String?

  func validate() throws {
    guard (1...4096).contains(inFlight) else {
      throw ValidationError("--in-flight takes 1 to 4096")
    }
  }

  func run() throws {
    try scrip.run { () throws(Failure) in try replay() }
  }

  private func replay() throws(Failure) {
    var invoices = try Invoice.read(file)
    guard !invoices.isEmpty else { throw .data("\(file) holds no invoices") }
    invoices.sort { ($0.at, $0.line) < ($1.at, $1.line) }
    if let rows { invoices = Array(invoices.prefix(rows)) }
    let folder: TemporaryFolder
    if let keep { folder = TemporaryFolder(kept: keep) } else { folder = try .make() }
    defer { folder.remove() }
    var making = LedgerMaking(directory: folder.path, keyring: nil)
    making.isTest = true
    making.timezone = "Europe/London"
    making.currency = "GBP"
    try making.make()
    let engine = try ChildEngine(
      arguments: ["--data", folder.path, "--test-clock", invoices[0].at.text])
    var run = ReplayRun(engine: engine, inFlight: inFlight)
    let start = monotonicSeconds()
    try run.play(invoices)
    let seconds = monotonicSeconds() - start
    let mismatches = try run.check()
    let code = engine.finish()
    guard code == 0 else { throw .io("the engine ended with \(code)") }
    let keys = try OpenedLedger.readKeys(OpenedLedger.keyringPath(folder.path))
    let problems = try verify(folder.path, keys)
    report(run, invoices.count, seconds, mismatches + problems)
    guard mismatches.isEmpty, problems.isEmpty else {
      throw Failure(code: 2, message: "the books are not right")
    }
  }

  private func report(
    _ run: ReplayRun, _ rows: Int, _ seconds: Double, _ problems: [String]
  ) {
    let perSecond = Int(Double(run.requests) / seconds)
    print("rows replayed       \(rows)")
    print("cards               \(run.cards)")
    print("requests            \(run.requests) in \(Int(seconds * 1000)) ms, \(perSecond)/s")
    print("  debits \(run.debits), refunds \(run.refunds), top-ups \(run.topUps)")
    print("balances compared   \(run.cards), verified entries \(run.entries)")
    print("problems            \(problems.count)")
    for problem in problems.prefix(20) { print("  " + problem) }
  }
}

/// Seconds on a clock that only goes forward.
func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
