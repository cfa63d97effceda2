// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension QRSymbol {
  /// The symbol in half blocks, two modules a character, with its quiet zone.
  ///
  /// A printed character is dark: right on paper and in a window of dark letters on light ground.
  /// Lines end with LF.
  package var blockText: String {
    lines.map { $0 + "\n" }.joined()
  }

  /// `blockText` with the colours of ink on paper set, whatever those of the terminal are.
  package var terminalText: String {
    // Black 16 and white 231 of the 256-colour table: terminals show 0 and 15 in their own shades.
    lines.map { "\u{1B}[38;5;16;48;5;231m" + $0 + "\u{1B}[0m\n" }.joined()
  }

  private var lines: [String] {
    let range = -Self.quietZone..<size + Self.quietZone
    // A side is odd: the last line's lower half lies outside, light as the margin.
    return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { y in
      String(range.map { x in QRSymbol.block(isDark(x, y), isDark(x, y + 1)) })
    }
  }

  private static func block(_ upper: Bool, _ lower: Bool) -> Character {
    switch (upper, lower) {
    case (false, false): " "
    case (true, false): "▀"
    case (false, true): "▄"
    case (true, true): "█"
    }
  }
}
