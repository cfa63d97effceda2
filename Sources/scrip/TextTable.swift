// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Columns of text under their headings, for people.
struct TextTable {
  private var rows: [[String]]
  private let rightAligned: Set<Int>

  /// A table with these headings; `rightAligned` names the columns of numbers.
  init(_ headings: [String], rightAligned: Set<Int> = []) {
    rows = [headings]
    self.rightAligned = rightAligned
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  /// All rows, without a line feed at the end.
  var text: String {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { displayWidth($0[column]) }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - displayWidth(cell))
        line += (column > 0 ? "  " : "") + (rightAligned.contains(column) ? padding + cell : "")
        if !rightAligned.contains(column) { line += cell + (column < row.count - 1 ? padding : "") }
      }
      return line
    }.joined(separator: "\n")
  }
}

/// How many columns of a terminal a text takes: Chinese characters and full-width forms take two.
func displayWidth(_ text: String) -> Int {
  text.unicodeScalars.reduce(0) { width, scalar in
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      width + 2
    default: width + 1
    }
  }
}

extension JSONTree {
  /// One line without spaces, members in their order.
  var lineText: String {
    var writer = JSONWriter()
    write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
