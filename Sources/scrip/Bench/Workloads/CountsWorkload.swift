// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// How often a debit syncs and how many pages it writes, counted by strace where there is one.
final class CountsWorkload: Workload {
  static let name = "counts"
  static let summary = "syncs and pages a debit, by strace"

  private let directory: String
  private let clock: ShopClock
  private let log: String
  private var debits: DebitRequests
  private static let groups = 100

  init(_ ground: BenchGround) throws(Failure) {
    let settings = ground.settings
    (directory, clock) = try ground.ledger(
      Self.name, cards: settings.cards, history: settings.history)
    log = ground.scratch + "/strace.log"
    debits = DebitRequests(clock: clock, cards: 0..<settings.cards, seed: 82)
  }

  func round(into results: inout Results) throws(Failure) {
    guard Self.isTracerThere else {
      StandardError.write("counts: not measured, because there is no strace")
      return
    }
    for window in [1, 8, 64] {
      let engine = try BenchEngine(
        directory: directory, clock: clock,
        through: [
          "strace", "-f", "-y", "-qq", "-s", "0", "-o", log, "-e",
          "trace=fdatasync,fsync,pwrite64",
        ])
      _ = try engine.run(window: window, limit: Self.groups * window, &debits)
      try engine.process.finish()
      let counts = try counted()
      let each = Double(Self.groups * window)
      let place = "\(window) in flight"
      results.add("journal syncs a debit, \(place)", Double(counts.syncs) / each, unit: "")
      results.add("journal pages a debit, \(place)", Double(counts.journal) / each, unit: "")
      results.add("all pages a debit, \(place)", Double(counts.all) / each, unit: "")
    }
  }

  func finish(into results: inout Results) throws(Failure) {}

  /// Syncs of the journal, pages of its log, and pages of all files, from start to end.
  private func counted() throws(Failure) -> (syncs: Int, journal: Int, all: Int) {
    var counts = (syncs: 0, journal: 0, all: 0)
    for line in try Folder.text(of: log).split(separator: "\n") {
      let isLog = line.contains("/journal.db-wal>")
      if line.contains(" fdatasync(") || line.contains(" fsync(") {
        counts.syncs += isLog ? 1 : 0
      } else if line.contains(" pwrite64("), line.contains(", 4096,") {
        counts.all += 1
        counts.journal += isLog ? 1 : 0
      }
    }
    return counts
  }

  private static let isTracerThere: Bool = {
    guard
      let process = try? PipedProcess(
        ["--version"], through: ["strace", "-f", "-qq", "-o", "/dev/null"])
    else { return false }
    return (try? process.finish()) != nil
  }()
}
