// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import QRPicture
import Testing

@Suite struct RendererTests {
  private static let symbol: QRSymbol = {
    var generator = SplitMix64(seed: 2)
    guard let symbol = QRSymbol(text: generator.payload(), level: .medium) else {
      preconditionFailure("a payload has a symbol")
    }
    return symbol
  }()
  private var symbol: QRSymbol { Self.symbol }

  // MARK: Text

  /// The modules that lines of half blocks show, quiet zone included.
  private func modules(_ lines: [Substring]) -> [[Bool]] {
    lines.flatMap { line in
      [line.map { "▀█".contains($0) }, line.map { "▄█".contains($0) }]
    }
  }

  private func expectSymbol(_ modules: [[Bool]]) {
    #expect(modules.count == symbol.framedSize + 1)
    for (y, row) in modules.enumerated() {
      let wanted = (0..<symbol.framedSize).map { x in symbol.isDark(x - 4, y - 4) }
      #expect(row == wanted, "row \(y)")
    }
  }

  @Test func `half blocks show every module and a quiet zone of four`() {
    let text = symbol.blockText
    #expect(text.hasSuffix("\n"))
    expectSymbol(modules(text.split(separator: "\n")))
  }

  @Test func `the terminal's text sets its colours on every line and takes them back`() {
    let lines = symbol.terminalText.split(separator: "\n")
    let start = "\u{1B}[38;5;16;48;5;231m"
    let end = "\u{1B}[0m"
    #expect(lines.allSatisfy { $0.hasPrefix(start) && $0.hasSuffix(end) })
    expectSymbol(modules(lines.map { $0.dropFirst(start.count).dropLast(end.count) }))
  }

  // MARK: Layout

  @Test func `a layout by module size is the symbol with its quiet zone`() throws {
    let layout = try #require(DotLayout(of: symbol, module: 6))
    #expect(layout.width == 37 * 6 && layout.height == 37 * 6)
    #expect(layout.left == 24 && layout.top == 24)
    #expect(DotLayout(of: symbol, module: 0) == nil)
    #expect(DotLayout(of: symbol, module: 64)?.width == 37 * 64)
    #expect(DotLayout(of: symbol, module: 65) == nil)
  }

  @Test func `a layout by width fills the paper with the largest whole modules`() throws {
    let layout = try #require(DotLayout(of: symbol, width: 384))
    #expect(layout.module == 10)
    #expect(layout.width == 384 && layout.height == 370)
    #expect(layout.left == 47 && layout.top == 40)
    #expect(DotLayout(of: symbol, width: 36) == nil)
    #expect(DotLayout(of: symbol, width: 37)?.module == 1)
    #expect(DotLayout(of: symbol, width: 73)?.module == 1)
    #expect(DotLayout(of: symbol, width: 74)?.module == 2)
    #expect(DotLayout(of: symbol, width: 4_096)?.module == 64)
    #expect(DotLayout(of: symbol, width: 4_097) == nil)
  }

  @Test func `every level fits 58 mm paper with modules of 8 dots or more`() throws {
    for level in QRSymbol.Level.allCases {
      var generator = SplitMix64(seed: 3)
      let symbol = try #require(QRSymbol(text: generator.payload(), level: level))
      #expect(try #require(DotLayout(of: symbol, width: 384)).module >= 8)
    }
  }

  // MARK: SVG

  @Test func `the rectangles of the SVG are the dark modules, each once`() throws {
    let layout = try #require(DotLayout(of: symbol, width: 300))
    let svg = symbol.svg(layout)
    #expect(svg.contains("width=\"37.5mm\" height=\"37mm\" viewBox=\"0 0 300 296\""))
    #expect(svg.contains("<rect width=\"300\" height=\"296\" fill=\"#fff\"/>"))
    let path = try #require(svg.split(separator: "d=\"").last?.split(separator: "\"").first)
    var dark: Set<[Int]> = []
    for rectangle in path.split(separator: "z") {
      let numbers = rectangle.split { !"0123456789".contains($0) }.compactMap { Int($0) }
      #expect(
        rectangle == "M\(numbers[0]) \(numbers[1])h\(numbers[2])v\(numbers[3])h-\(numbers[4])")
      #expect(numbers[3] == layout.module && numbers[2] == numbers[4])
      for start in stride(from: numbers[0], to: numbers[0] + numbers[2], by: layout.module) {
        let x = (start - layout.left) / layout.module
        #expect(dark.insert([x, (numbers[1] - layout.top) / layout.module]).inserted)
      }
    }
    for y in 0..<symbol.size {
      for x in 0..<symbol.size { #expect(dark.contains([x, y]) == symbol.isDark(x, y)) }
    }
  }

  @Test(arguments: [(1, "4.625mm"), (4, "18.5mm"), (5, "23.125mm"), (8, "37mm"), (2, "9.25mm")])
  func `a size in millimetres is exact`(module: Int, text: String) throws {
    let layout = try #require(DotLayout(of: symbol, module: module))
    #expect(symbol.svg(layout).contains("width=\"\(text)\" height=\"\(text)\""))
  }

  // MARK: PNG

  @Test func `the PNG's pixels are the modules, in whole dots`() throws {
    for layout in [DotLayout(of: symbol, module: 3), DotLayout(of: symbol, width: 384)] {
      let layout = try #require(layout)
      let picture = try #require(PNGReader(symbol.png(layout)))
      #expect(picture.width == layout.width && picture.height == layout.height)
      #expect(picture.pixelsPerMetre == 8_000)
      for y in 0..<picture.height {
        for x in 0..<picture.width {
          let isDark =
            x >= layout.left && y >= layout.top
            && symbol.isDark((x - layout.left) / layout.module, (y - layout.top) / layout.module)
          guard picture.isBlack(x, y) != isDark else { continue }
          Issue.record("pixel \(x), \(y) of a picture \(layout.width) wide")
          return
        }
      }
    }
  }
}
