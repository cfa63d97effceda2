// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// JSON in lines of a width that people read: as much on a line as fits, the rest indented.
///
/// Members that are null are left out, and amounts have their value in units beside them, so this
/// is for looking at only.
struct WrappedJSON {
  /// What encloses an amount in units.
  static let aside = (opening: Character("‹"), closing: Character("›"))

  private static let indentation = 2
  /// Members that hold an amount in minor units wherever they hold an integer.
  private static let amounts: Set<String> = [
    "amount", "principal", "bonus", "held", "pending", "available", "spendable", "cap", "spent",
    "remaining", "granted", "release_per_debit", "payout", "forfeited_bonus", "min_amount",
    "requested", "debit", "credit", "refundable", "refunded", "limit", "subtotal", "discount",
    "payable", "expected_payable", "stored_value", "unit_price", "min_spend", "discount_given",
  ]

  private let tree: JSONTree
  private let width: Int

  init(_ tree: JSONTree, width: Int) {
    self.tree = tree
    self.width = width
  }

  var lines: [String] {
    var lines = [""]
    append(tree, named: nil, depth: 0, to: &lines)
    return lines
  }

  /// Appends a value to the last line, and to further ones where it does not fit.
  private func append(
    _ value: JSONTree, named name: String?, depth: Int, to lines: inout [String]
  ) {
    let text = compact(value, named: name)
    let room = width - displayWidth(lines[lines.count - 1])
    let items = items(of: value)
    // One column is kept for the comma that may follow.
    if displayWidth(text) < room || items.isEmpty {
      lines[lines.count - 1] += text
      return
    }
    let isObject = if case .object = value { true } else { false }
    lines[lines.count - 1] += isObject ? "{" : "["
    let margin = String(repeating: " ", count: (depth + 1) * Self.indentation)
    for (index, item) in items.enumerated() {
      let label = item.name.map { quoted($0) + ":" } ?? ""
      let length = displayWidth(label + compact(item.value, named: item.name ?? name))
      let isFirst = index == 0
      let fits = displayWidth(lines[lines.count - 1]) + length + 2 <= width
      let fitsAlone = margin.utf8.count + length + 2 <= width
      if !isFirst { lines[lines.count - 1] += "," }
      if !fits, !isFirst || fitsAlone { lines.append(margin) }
      lines[lines.count - 1] += label
      append(item.value, named: item.name ?? name, depth: depth + 1, to: &lines)
    }
    lines[lines.count - 1] += isObject ? "}" : "]"
  }

  /// What a container holds, without null members; nothing for other values.
  private func items(of value: JSONTree) -> [(name: String?, value: JSONTree)] {
    switch value {
    case .object(let members):
      members.filter { $0.value != .null }.map { (name: $0.name, value: $0.value) }
    case .array(let elements): elements.map { (name: nil, value: $0) }
    default: []
    }
  }

  /// The value on one line.
  private func compact(_ value: JSONTree, named name: String?) -> String {
    switch value {
    case .object:
      "{"
        + items(of: value).map { item in
          quoted(item.name ?? "") + ":" + compact(item.value, named: item.name)
        }.joined(separator: ",") + "}"
    case .array(let elements):
      "[" + elements.map { compact($0, named: name) }.joined(separator: ",") + "]"
    case .integer(let minorUnits) where name.map { Self.amounts.contains($0) } ?? false:
      "\(minorUnits) \(Self.aside.opening)¥\(MoneyText.plain(minorUnits, "CNY"))"
        + "\(Self.aside.closing)"
    default: value.lineText
    }
  }

  private func quoted(_ text: String) -> String { JSONTree.string(text).lineText }
}
