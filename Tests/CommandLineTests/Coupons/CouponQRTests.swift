// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Whether this machine has the reader of Debian's zbar-tools.
private let hasReader = system("command -v zbarimg >/dev/null 2>&1") == 0

/// `scrip coupon qr`.
@Suite struct CouponQRTests {
  private func draw(
    _ coupon: String, _ counter: CouponCounter, _ options: String...
  ) throws -> ScripBinary.Outcome {
    try ScripBinary.run(
      ["coupon", "qr", coupon, "--data", counter.shop.ledger.data] + options)
  }

  @Test(.enabled(if: hasReader, "zbarimg is not installed"))
  func `a reader finds the coupon's payload in the png, and scan takes it back`() throws {
    let counter = try CouponCounter()
    let issued = try counter.issue()[0]
    for options in [["--dots", "384"], ["--level", "Q", "--module", "6"], ["--level", "h"]] {
      let path = counter.shop.ledger.beside("coupon.png")
      let outcome = try ScripBinary.run(
        ["coupon", "qr", issued.id, "--data", counter.shop.ledger.data, "--format", "png"]
          + ["--output", path] + options)
      #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
      #expect(Files.mode(of: path).map { $0 & 0o777 } == 0o600)
      let reader = try ChildProcess("/usr/bin/env", ["zbarimg", "-q", "--raw", "--nodbus", path])
      let text = String(decoding: try reader.line() ?? [], as: UTF8.self)
      #expect(text == issued.payload)
      #expect(try counter.scan(text + "\n").first?["valid"] == true)
    }
    try counter.close()
  }

  @Test func `a picture written over a file that all could read is for its owner alone`() throws {
    let counter = try CouponCounter()
    let path = counter.shop.ledger.beside("coupon.svg")
    try Files.write("old", to: path)
    #expect(chmod(path, 0o644) == 0)
    let issued = try counter.issue()[0]
    let outcome = try draw(issued.id, counter, "--format", "svg", "--output", path)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(Files.mode(of: path).map { $0 & 0o777 } == 0o600)
    #expect(Files.text(of: path)?.contains("<svg") == true)
    try counter.close()
  }

  @Test func `text and svg go to standard output, and show the same code at every call`() throws {
    let counter = try CouponCounter()
    let issued = try counter.issue()[0]
    let plain = try draw(issued.id, counter, "--format", "utf8")
    #expect(plain.code == 0 && plain.errors.isEmpty)
    // 29 modules at level M and four more on each side, two rows a line.
    let lines = plain.output.split(separator: "\n")
    #expect(lines.count == 19 && lines.allSatisfy { $0.count == 37 })
    #expect(try draw(issued.id, counter, "--format", "utf8").output == plain.output)
    let terminal = try draw(issued.id, counter)
    #expect(terminal.output.split(separator: "\n").count == 19)
    #expect(terminal.output.contains("\u{1B}[38;5;16;48;5;231m"))
    let svg = try draw(issued.id, counter, "--format", "svg", "--dots", "384")
    #expect(svg.output.hasPrefix("<?xml") && svg.output.contains("width=\"48mm\""))
    for outcome in [plain, terminal, svg] { #expect(!outcome.output.contains(issued.payload)) }
    try counter.close()
  }

  @Test func `a coupon that is not there is refused with 1`() throws {
    let counter = try CouponCounter()
    for id in ["cpn_0000000000000000", "cpn_x", "acc_000000000000"] {
      let outcome = try draw(id, counter)
      #expect(outcome.code == 1 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("not_found"), "\(outcome.errors)")
    }
    try counter.close()
  }

  @Test(arguments: [
    ["--dots", "36", "--format", "png"], ["--dots", "4097", "--format", "svg"],
    ["--module", "0", "--format", "svg"], ["--module", "65", "--format", "svg"],
    ["--dots", "384", "--module", "8", "--format", "png"], ["--dots", "384"], ["--level", "X"],
    ["--format", "gif"],
  ])
  func `wrong usage is 64`(options: [String]) throws {
    let counter = try CouponCounter()
    let issued = try counter.issue()[0]
    let outcome = try ScripBinary.run(
      ["coupon", "qr", issued.id, "--data", counter.shop.ledger.data] + options)
    #expect(outcome.code == 64 && outcome.output.isEmpty)
    try counter.close()
  }
}
