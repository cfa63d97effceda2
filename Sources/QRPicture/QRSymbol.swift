// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CQREncode
import Glibc

/// A QR code: a square of dark and light modules (ISO/IEC 18004).
///
/// Encoded by libqrencode in the alphanumeric mode, in the smallest version that holds the text.
package struct QRSymbol: Sendable, Equatable {
  /// How much damage a reader can put right, as a share of the codewords.
  package enum Level: String, Sendable, CaseIterable {
    /// About 7 %.
    case low = "L"
    /// About 15 %.
    case medium = "M"
    /// About 25 %.
    case quartile = "Q"
    /// About 30 %.
    case high = "H"

    fileprivate var code: QRecLevel {
      switch self {
      case .low: QR_ECLEVEL_L
      case .medium: QR_ECLEVEL_M
      case .quartile: QR_ECLEVEL_Q
      case .high: QR_ECLEVEL_H
      }
    }
  }

  /// The light margin that readers need on each side, in modules.
  package static let quietZone = 4

  /// 1...40; a side has 17 modules and 4 for each version.
  package let version: Int
  /// Modules a side, without the quiet zone.
  package let size: Int

  // Row by row, true for dark.
  private let modules: [Bool]

  /// Modules a side with the quiet zone.
  package var framedSize: Int { size + 2 * Self.quietZone }

  /// The symbol of `text`; nil when it is empty, has a character that the alphanumeric mode lacks
  /// (it has 0-9, A-Z, space and `$%*+-./:`) or is too long for the level.
  ///
  /// Traps without memory.
  package init?(text: String, level: Level) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty, bytes.count <= 4_296, let input = QRinput_new2(0, level.code) else {
      return nil
    }
    defer { QRinput_free(input) }
    // Refuses, as documented, what the mode cannot encode.
    guard QRinput_append(input, QR_MODE_AN, Int32(bytes.count), bytes) == 0 else { return nil }
    guard let code = QRcode_encodeInput(input) else {
      precondition(errno != ENOMEM, "no memory for a QR code")
      return nil
    }
    defer { QRcode_free(code) }
    version = Int(code.pointee.version)
    size = Int(code.pointee.width)
    let data = UnsafeBufferPointer(start: code.pointee.data, count: size * size)
    modules = data.map { $0 & 1 == 1 }
  }

  /// Whether the module of this column and row is dark; those outside are light.
  package func isDark(_ x: Int, _ y: Int) -> Bool {
    guard (0..<size).contains(x), (0..<size).contains(y) else { return false }
    return modules[y * size + x]
  }
}
