// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// How large a symbol is drawn, in dots: whole ones a module, so that all modules are equal.
package struct DotLayout: Sendable, Equatable {
  /// Dots in a millimetre: 203 dpi, the usual thermal head, which puts 384 on 58 mm paper.
  package static let dotsPerMillimetre = 8
  /// The largest module and the widest picture that are drawn.
  package static let moduleLimit = 64
  package static let widthLimit = 4_096

  /// Dots a side of one module.
  package let module: Int
  /// Dots of the whole picture, quiet zone included.
  package let width: Int
  package let height: Int
  /// Dots left of the first module and above it.
  package let left: Int
  package let top: Int

  /// The picture with modules of this size and the quiet zone around; nil outside 1...64 dots.
  package init?(of symbol: QRSymbol, module: Int) {
    guard (1...Self.moduleLimit).contains(module) else { return nil }
    self.init(of: symbol, module: module, width: symbol.framedSize * module)
  }

  /// The picture exactly this wide, with the largest modules that leave the quiet zone, and the
  /// symbol in the middle; nil when not even modules of one dot fit, or above 4,096 dots.
  package init?(of symbol: QRSymbol, width: Int) {
    guard (symbol.framedSize...Self.widthLimit).contains(width) else { return nil }
    let module = min(width / symbol.framedSize, Self.moduleLimit)
    self.init(of: symbol, module: module, width: width)
  }

  private init(of symbol: QRSymbol, module: Int, width: Int) {
    self.module = module
    self.width = width
    height = symbol.framedSize * module
    left = (width - symbol.size * module) / 2
    top = QRSymbol.quietZone * module
  }
}
