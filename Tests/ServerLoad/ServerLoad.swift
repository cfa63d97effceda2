// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Drives `scrip serve --store` processes on one ledger and prints what they made of it.
///
/// One line: how many debits a second, how long they took in milliseconds, how many came with one
/// read, microseconds of processor time for each, and how many were refused.
@main
enum ServerLoad {
  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      print("scrip-server-load: \(error)")
      exit(1)
    }
  }

  private static func run(_ words: [String]) throws {
    guard words.count >= 4, let cards = Int(words[3]), cards > 0 else { usage() }
    let ledger = ServerLedger(store: words[1], keyring: words[2], cards: cards)
    switch words[0] {
    case "open" where words.count == 4:
      try ledger.openCards()
    case "debit" where words.count == 7:
      guard let demand = Demand(words[4]), let seconds = Double(words[5]),
        ["any", "hot"].contains(words[6])
      else { usage() }
      var fleet = try Fleet(ledger, demand, isHot: words[6] == "hot")
      print(try fleet.run(seconds: seconds).text)
    default: usage()
    }
  }

  private static func usage() -> Never {
    print(
      """
      usage: scrip-server-load open STORE KEYRING CARDS
             scrip-server-load debit STORE KEYRING CARDS DEMAND SECONDS any|hot

      DEMAND is PROCESSESxIN_FLIGHT, or PROCESSES@DEBITS_A_SECOND_EACH at random times.
      SCRIP_BINARY names the engine, SCRIP_TEST_POSTGRESQL_PID the server whose time is counted.
      """)
    exit(64)
  }
}
