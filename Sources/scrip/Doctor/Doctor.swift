// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON

/// `scrip doctor`: whether the machine and the files are fit for a ledger.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the machine, the files and the keys around a ledger.",
    discussion: """
      One line for each check: `ok`, `warn` or `fail`, its name and what was found. Exit code 2 \
      when one failed. Changes nothing, and may run while tills do. Whether the books are right \
      is another question: `scrip verify` answers it.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(help: "Print one JSON object {ok, checks: [{name, verdict, text}]}.")
  var json = false

  func run() throws {
    try scrip.run { () throws(Failure) in try ledger.requireDirectory(for: "doctor") }
    let findings = Diagnosis(ledger).findings()
    let isFit = !findings.contains { $0.verdict == .fail }
    try scrip.run { () throws(Failure) in try show(findings, isFit) }
    if !isFit { throw ExitCode(2) }
  }

  private func show(_ findings: [Finding], _ isFit: Bool) throws(Failure) {
    if json {
      let tree: JSONTree = [
        "ok": .bool(isFit),
        "checks": .array(
          findings.map { finding in
            [
              "name": .string(finding.name), "verdict": .string(finding.verdict.rawValue),
              "text": .string(finding.text),
            ]
          }),
      ]
      return try StandardOutput.write(tree.lineText)
    }
    let width = findings.map(\.name.utf8.count).max() ?? 0
    for finding in findings {
      let padding = String(repeating: " ", count: width - finding.name.utf8.count)
      let gap = finding.verdict == .ok ? "    " : "  "
      try StandardOutput.write(
        finding.verdict.rawValue + gap + finding.name + padding + "  " + finding.text)
    }
  }
}

/// What one check found.
struct Finding {
  enum Verdict: String {
    case ok
    case warn
    case fail
  }

  let verdict: Verdict
  let name: String
  let text: String

  init(_ verdict: Verdict, _ name: String, _ text: String) {
    self.verdict = verdict
    self.name = name
    self.text = text
  }
}
