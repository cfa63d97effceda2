// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// What a debit costs, in counts that no machine's speed changes (spec/performance.md, Guards).
///
/// Each count is the difference of a long run and a short one, so that starting and ending the
/// engine are not in it.
@Suite(.serialized) struct CostTests {
  private static let short = 5
  private static let long = 25

  @Test(.enabled(if: DiskCounts.tracer != nil, "strace is needed"))
  func `64 debits in flight are one sync and few pages`() throws {
    let (counts, debits) = try counts(of: 64)
    let groups = Double(Self.long - Self.short)
    let syncs = Double(counts.journalSyncs) / groups
    let pages = Double(counts.journalPages) / debits
    print("64 in flight: \(syncs) syncs a group, \(pages) pages a debit")
    #expect(syncs >= 1, "an answer without a sync")
    #expect(syncs <= Limits.syncsPerGroup)
    #expect(pages <= Limits.pagesPerDebit64)
  }

  @Test(.enabled(if: DiskCounts.tracer != nil, "strace is needed"))
  func `a debit alone is one sync and few pages`() throws {
    let (counts, debits) = try counts(of: 1)
    let syncs = Double(counts.journalSyncs) / debits
    let pages = Double(counts.journalPages) / debits
    print("1 in flight: \(syncs) syncs and \(pages) pages a debit")
    #expect(syncs >= 1, "an answer without a sync")
    #expect(syncs <= Limits.syncsPerGroup)
    #expect(pages <= Limits.pagesPerDebit1)
  }

  @Test(.enabled(if: getenv("SCRIP_GUARD_INSTRUCTIONS") != nil, "make guard sets it"))
  func `a debit takes few instructions`() throws {
    let counts = try [Self.short, Self.long].map { groups in
      let output = try TracedEngine().serve(
        groups: groups, of: 64,
        through: [
          "/usr/bin/env", "valgrind", "--tool=cachegrind", "--cache-sim=no",
          "--cachegrind-out-file=/dev/null",
        ])
      return try #require(Self.instructions(in: output), "\(output)")
    }
    let debits = Double((Self.long - Self.short) * 64)
    let each = Double(counts[1] - counts[0]) / debits
    print("64 in flight: \(Int(each)) instructions a debit")
    #expect(each <= Limits.instructionsPerDebit64)
  }

  /// A long run less a short one on ledgers that are alike.
  private func counts(of size: Int) throws -> (counts: DiskCounts, debits: Double) {
    let runs = try [Self.short, Self.long].map { groups in
      let engine = try TracedEngine()
      let log = engine.file("strace.log")
      _ = try engine.serve(groups: groups, of: size, through: DiskCounts.command(log: log))
      return DiskCounts(log: log)
    }
    return (runs[1] - runs[0], Double((Self.long - Self.short) * size))
  }

  /// Of `==123== I refs:      1,234,567` the number.
  private static func instructions(in text: String) -> Int? {
    text.split(separator: "\n").first { $0.contains("I refs:") || $0.contains("I   refs:") }
      .flatMap { Int($0.split(separator: ":").last?.filter(\.isNumber) ?? "") }
  }
}
