// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore

/// A row of the file of invoices.
struct Invoice {
  let line: Int
  let at: Instant
  /// Empty when the customer is not known.
  let customer: String
  /// Negative for a return.
  let cents: Int64

  /// Reads every row; a row that does not fit is named by its line.
  static func read(_ path: String) throws(Failure) -> [Invoice] {
    let text = try contents(path)
    var invoices: [Invoice] = []
    for (index, row) in text.split(separator: 0x0A).enumerated().dropFirst() {
      let fields = row.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard fields.count == 6, let at = Instant(text: fields[1]), let cents = Int64(fields[5])
      else { throw .data("line \(index + 1) is not an invoice") }
      invoices.append(Invoice(line: index + 1, at: at, customer: fields[4], cents: cents))
    }
    return invoices
  }

  /// The bytes of a file, unpacked by gzip where its name ends in .gz.
  private static func contents(_ path: String) throws(Failure) -> [UInt8] {
    guard access(path, R_OK) == 0 else { throw .data("cannot read \(path)") }
    let quoted =
      "'"
      + path.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
    let command = (path.hasSuffix(".gz") ? "gzip -dc < " : "cat < ") + quoted
    guard let stream = popen(command, "r") else { throw .io("cannot run gzip") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      bytes.append(contentsOf: chunk[0..<count])
    }
    guard pclose(stream) == 0 else { throw .data("\(path) does not unpack") }
    return bytes
  }
}
