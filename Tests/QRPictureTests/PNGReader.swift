// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CZlib

/// Reads the one form of PNG that is written here, and checks all it can.
struct PNGReader {
  let width: Int
  let height: Int
  let pixelsPerMetre: Int
  private let rows: [UInt8]
  private let stride: Int

  /// Nil where the file is not of that form, or a checksum is wrong.
  init?(_ file: [UInt8]) {
    guard file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
    var chunks: [(type: String, data: [UInt8])] = []
    var rest = file[8...]
    while !rest.isEmpty {
      let count = Self.number(rest.prefix(4))
      guard rest.count >= 12 + count else { return nil }
      let named = rest.dropFirst(4).prefix(4 + count)
      let checksum = Array(named).withUnsafeBufferPointer {
        crc32(0, $0.baseAddress, UInt32($0.count))
      }
      guard Self.number(rest.dropFirst(8 + count).prefix(4)) == Int(checksum) else { return nil }
      let type = String(decoding: named.prefix(4), as: UTF8.self)
      chunks.append((type, Array(named.dropFirst(4))))
      rest = rest.dropFirst(12 + count)
    }
    guard chunks.map(\.type) == ["IHDR", "pHYs", "IDAT", "IEND"] else { return nil }
    let header = chunks[0].data
    guard header.count == 13, header[8...] == [1, 0, 0, 0, 0], chunks[3].data.isEmpty else {
      return nil
    }
    width = Self.number(header[0..<4])
    height = Self.number(header[4..<8])
    let density = chunks[1].data
    guard density.count == 9, density[0..<4] == density[4..<8], density[8] == 1 else { return nil }
    pixelsPerMetre = Self.number(density[0..<4])
    stride = 1 + (width + 7) / 8
    var inflated = [UInt8](repeating: 0, count: stride * height + 1)
    var count = UInt(inflated.count)
    let data = chunks[2].data
    guard uncompress(&inflated, &count, data, UInt(data.count)) == Z_OK,
      count == UInt(stride * height)
    else { return nil }
    rows = inflated
    for row in 0..<height where rows[row * stride] != 0 { return nil }
  }

  func isBlack(_ x: Int, _ y: Int) -> Bool {
    rows[y * stride + 1 + x / 8] & (0x80 >> UInt8(x % 8)) == 0
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reduce(0) { $0 << 8 | Int($1) }
  }
}
