// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CZlib

extension QRSymbol {
  /// The symbol as a PNG file of one bit a pixel, black on white, marked with 8 dots a millimetre.
  ///
  /// Traps without memory.
  package func png(_ layout: DotLayout) -> [UInt8] {
    var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    // Bit depth 1, greyscale, and the only methods there are; not interlaced.
    let header =
      QRSymbol.bigEndian(layout.width) + QRSymbol.bigEndian(layout.height) + [1, 0, 0, 0, 0]
    QRSymbol.append("IHDR", header, to: &file)
    // Pixels a metre, both ways.
    let density = QRSymbol.bigEndian(DotLayout.dotsPerMillimetre * 1_000)
    QRSymbol.append("pHYs", density + density + [1], to: &file)
    QRSymbol.append("IDAT", QRSymbol.compressed(rows(layout)), to: &file)
    QRSymbol.append("IEND", [], to: &file)
    return file
  }

  /// Every row behind a filter type of 0, its pixels from the highest bit down, 1 for white.
  private func rows(_ layout: DotLayout) -> [UInt8] {
    let blank = [0] + [UInt8](repeating: 0xFF, count: (layout.width + 7) / 8)
    var rows: [UInt8] = []
    rows.reserveCapacity(blank.count * layout.height)
    func add(_ row: [UInt8], times: Int) {
      for _ in 0..<times { rows.append(contentsOf: row) }
    }
    add(blank, times: layout.top)
    for y in 0..<size {
      var row = blank
      for x in 0..<size where isDark(x, y) {
        let start = layout.left + x * layout.module
        for dot in start..<start + layout.module {
          row[1 + dot / 8] &= ~(0x80 >> UInt8(dot % 8))
        }
      }
      add(row, times: layout.module)
    }
    add(blank, times: layout.height - layout.top - size * layout.module)
    return rows
  }

  private static func append(_ type: StaticString, _ data: [UInt8], to file: inout [UInt8]) {
    file += bigEndian(data.count)
    let start = file.count
    type.withUTF8Buffer { file.append(contentsOf: $0) }
    file += data
    let checksum = file.withUnsafeBufferPointer { bytes in
      crc32(0, bytes.baseAddress?.advanced(by: start), UInt32(bytes.count - start))
    }
    file += bigEndian(Int(checksum))
  }

  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    let bound = compressBound(UInt(bytes.count))
    return [UInt8](unsafeUninitializedCapacity: Int(bound)) { output, filled in
      var count = bound
      let status = compress2(
        output.baseAddress, &count, bytes, UInt(bytes.count), Z_BEST_COMPRESSION)
      precondition(status == Z_OK, "no memory for a picture")
      filled = Int(count)
    }
  }

  private static func bigEndian(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
