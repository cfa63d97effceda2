// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc

/// `scrip bench run`: the real binary through its pipes, beside the least that the disk allows.
struct RunBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Measures the engine beside what the disk, SQLite and a pipe can do at most.",
    discussion: """
      Every round measures each workload and, beside it on the same disk, what it is compared \
      with; medians over the rounds and ratios within them are reported. The ledgers that it needs \
      are made once and kept in --work. Run it on the release build, on the disk that the ledger \
      will lie on.

      Workloads: \(catalogue)
      """)

  @Option(help: "Keep the ledgers here; otherwise they are made anew in a temporary directory.")
  var work: String?

  @Option(help: "How many cards.")
  var cards = 100_000

  @Option(help: "How many debits there are before anything is measured.")
  var history = 1_000_000

  @Option(help: "How many rounds.")
  var rounds = 5

  @Option(help: "How long each stretch of load takes, in seconds.")
  var seconds = 3.0

  @Option(help: "Only these workloads, with commas between.")
  var only: String?

  @Flag(help: "Print JSON.")
  var json = false

  @Option(help: "Write JSON to this file as well.", completion: .file())
  var output: String?

  static var workloads: [any Workload.Type] {
    [
      DebitWorkload.self, DayWorkload.self, HotWorkload.self, VerifyWorkload.self,
      CardWorkload.self, AutoWorkload.self, RulesWorkload.self, AlertsWorkload.self,
      ReportWorkload.self, IssueWorkload.self, StartWorkload.self, SessionWorkload.self,
      CountsWorkload.self,
      ScryptWorkload.self, SustainedWorkload.self, MemoryWorkload.self, GrowthWorkload.self,
    ]
  }

  private static var catalogue: String {
    workloads.map { "\($0.name) (\($0.summary)\($0.isUsual ? "" : "; only by name"))" }
      .joined(separator: "; ") + "."
  }

  func validate() throws {
    guard cards >= 64, history >= 0, (1...1_000).contains(rounds), seconds > 0, seconds <= 3_600
    else { throw ValidationError("at least 64 cards, 1 to 1000 rounds of more than no seconds") }
    _ = try choose()
  }

  private func choose() throws -> [any Workload.Type] {
    guard let only else { return Self.workloads.filter { $0.isUsual } }
    return try only.split(separator: ",").map { name in
      guard let workload = Self.workloads.first(where: { $0.name == name }) else {
        throw ValidationError("there is no workload \(name)")
      }
      return workload
    }
  }

  func run() throws {
    let chosen = try choose()
    try scrip.run { () throws(Failure) in try measure(chosen) }
  }

  private func measure(_ chosen: [any Workload.Type]) throws(Failure) {
    signal(SIGPIPE, SIG_IGN)
    let settings = BenchSettings(
      cards: cards, history: history, rounds: rounds, seconds: seconds)
    let temporary = work == nil ? try TemporaryFolder.make() : nil
    defer { if let temporary { Folder.removeTree(temporary.path) } }
    let ground = try BenchGround(settings: settings, work: work ?? temporary?.path ?? ".")
    defer { ground.clear() }
    var results = Results()
    var workloads: [any Workload] = []
    for type in chosen { workloads.append(try type.init(ground)) }
    for number in 1...rounds {
      for workload in workloads {
        StandardError.write("round \(number) of \(rounds): \(type(of: workload).name)")
        try workload.round(into: &results)
      }
    }
    for workload in workloads { try workload.finish(into: &results) }
    try ground.finish()
    let report = BenchReport(settings: settings, results: results)
    if let output { try Folder.write(report.tree.lineText + "\n", to: output) }
    try StandardOutput.write(json ? report.tree.lineText : report.text)
  }
}
