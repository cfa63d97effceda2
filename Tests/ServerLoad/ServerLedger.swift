// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess

/// A ledger on a server, and the cards on it.
struct ServerLedger {
  let store: String
  let keyring: String
  let cards: Int

  func serve() throws -> ChildProcess {
    try ChildProcess(ScripBinary.path(), ["serve", "--store", store, "--keyring", keyring])
  }

  /// Opens all cards, each with enough on it for any run.
  func openCards() throws {
    let engine = try serve()
    let together = 200
    for first in stride(from: 0, to: cards, by: together) {
      let numbers = first..<min(cards, first + together)
      var lines = ""
      for number in numbers {
        lines += #"{"jsonrpc":"2.0","id":\#(number),"method":"account.open","params":{"#
        lines += #""card_no":"b\#(number)","idempotency_key":"open-\#(number)","#
        lines += #""topup":{"amount":100000000,"tender":"cash"}}}"# + "\n"
      }
      try engine.write(lines.utf8)
      for _ in numbers { try ServerLedger.check(engine.line(), of: engine) }
    }
    try engine.closeInput()
    guard try engine.wait() == .code(0) else { throw HarnessFailure("the engine failed") }
  }

  /// Fails unless the line is a result.
  static func check(_ line: [UInt8]?, of engine: ChildProcess) throws {
    guard let line else { throw HarnessFailure("the engine ended: \(engine.errors)") }
    guard isResult(line) else { throw HarnessFailure(String(decoding: line, as: UTF8.self)) }
  }

  private static let mark = Array(#""result":"#.utf8)

  /// Whether an answer is a result, which stands right behind its id.
  static func isResult(_ line: [UInt8]) -> Bool {
    guard line.count >= mark.count else { return false }
    let last = min(line.count - mark.count, 48)
    return (0...last).contains { line[$0] == mark[0] && line[$0..<($0 + mark.count)] == mark[...] }
  }
}
