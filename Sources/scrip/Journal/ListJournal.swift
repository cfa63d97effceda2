// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import LedgerCore
import Store

/// `scrip journal`: the entries, for people and their tools.
struct ListJournal: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Prints the entries of the journal, oldest first.",
    discussion: """
      One line for each entry; with --json one JSON object, holding everything the entry does: \
      changes, postings and how the card stood afterwards. Amounts are minor units (fen) in JSON \
      and units in the table. Only reads, and may run while tills do. PINs appear nowhere, names \
      and phones of holders are not in the journal.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Option(help: "The first entry's number (seq).")
  var from: Int64 = 1

  @Option(help: "The last entry's number; without it, the newest at the start.")
  var to: Int64?

  /// How many entries are read under one view of the ledger.
  private static let page = 500

  func validate() throws {
    guard from >= 1 else { throw ValidationError("--from takes a number from 1") }
    guard to.map({ $0 >= from }) ?? true else {
      throw ValidationError("--to takes a number that is not below --from")
    }
  }

  func run() throws {
    try scrip.run { () throws(Failure) in try list() }
  }

  private func list() throws(Failure) {
    let currency = try ledger.identity().currency
    if !json, Terminal.isOutputShown { try StandardOutput.write(Self.line(Self.headings)) }
    var last = from - 1
    var end: Int64?
    while end.map({ last < $0 }) ?? true {
      // A view keeps the log from starting over, so none is held while a pager waits for its
      // reader: entries do not change, and the end is that of the first view.
      let rows: [JournalRow]
      do {
        let inspection = try LedgerPlace(ledger.data).inspection()
        let limit = min(to ?? .max, end ?? inspection.head.sequence)
        end = limit
        rows = try inspection.rows(after: last, limit: Self.page).filter { $0.sequence <= limit }
      } catch {
        throw Failure(error)
      }
      guard let newest = rows.last else { return }
      var output: [UInt8] = []
      for row in rows {
        let entry: Entry
        do {
          entry = try row.decoded()
        } catch {
          try StandardOutput.write(output)
          throw Failure(error)
        }
        let line = json ? EntryDocument(entry, link: row.link).text : Self.line(entry, currency)
        output += Array((line + "\n").utf8)
      }
      try StandardOutput.write(output)
      last = newest.sequence
    }
  }

  // MARK: The table

  private static let headings = [
    "SEQ", "AT", "DATE", "KIND", "CARD", "AMOUNT", "PRINCIPAL", "BONUS", "STORE/TERMINAL/OPERATOR",
    "KEY",
  ]
  /// The columns' widths; negative ones are filled up on the left, as numbers are.
  ///
  /// A cell that is wider pushes the rest of its line to the right.
  private static let widths = [-8, 24, 10, 13, 16, -12, -12, -12, 23, 0]

  private static func line(_ entry: Entry, _ currency: String) -> String {
    func money(_ amount: Amount) -> String {
      amount.isZero ? "-" : MoneyText.plain(amount.minorUnits, currency)
    }
    let origin = [entry.origin.store, entry.origin.terminal, entry.origin.operator]
      .map { $0 ?? "-" }.joined(separator: "/")
    return line([
      String(entry.id.sequence), entry.at.text, entry.date.text, entry.kind.name,
      entry.after?.cardNumber.text ?? "-", money(entry.amount), money(entry.principal),
      money(entry.bonus), origin, entry.key?.text ?? "-",
    ])
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, widths).map { cell, width in
      let padding = String(repeating: " ", count: max(0, abs(width) - displayWidth(cell)))
      return width < 0 ? padding + cell : cell + padding
    }.joined(separator: "  ")
  }
}
