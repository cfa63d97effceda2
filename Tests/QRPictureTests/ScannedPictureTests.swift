// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import QRPicture
import Testing

/// Whether this machine has the reader of Debian's zbar-tools.
private let hasReader = system("command -v zbarimg >/dev/null 2>&1") == 0

/// Pictures are read back by another's program (T55).
///
/// SCRIP_QR_PICTURES says how many; 1000 take about seven seconds.
@Suite struct ScannedPictureTests {
  private static let count = getenv("SCRIP_QR_PICTURES").flatMap { Int(String(cString: $0)) } ?? 40

  @Test(.enabled(if: hasReader, "zbarimg is not installed"))
  func `a reader finds the same text in every picture, at every level and in all sizes`() throws {
    var generator = SplitMix64(seed: 4)
    let folder = try ScratchFolder()
    defer { folder.remove() }
    var wanted: [String] = []
    for number in 0..<Self.count {
      let text = generator.payload()
      let level = QRSymbol.Level.allCases[number % 4]
      let symbol = try #require(QRSymbol(text: text, level: level))
      // 384 dots are a 58 mm printer's line; the others run through all sizes from 3 dots up.
      let layout =
        number.isMultiple(of: 3)
        ? DotLayout(of: symbol, width: 384) : DotLayout(of: symbol, module: 3 + number / 4 % 8)
      try folder.write(symbol.png(try #require(layout)), to: "\(1_000_000 + number).png")
      wanted.append("QR-Code:" + text)
    }
    // One process for all: it answers in the order of the names.
    let read = try folder.output(of: "zbarimg --quiet --nodbus *.png")
    #expect(read.split(separator: "\n").map { String($0) } == wanted)
  }
}

/// A directory of this run's own.
private struct ScratchFolder {
  private let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/scrip-qr-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    let file = try #require(fopen(path + "/" + name, "w"))
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    #expect(fclose(file) == 0)
  }

  /// What a shell command, run in the directory, writes to standard output.
  func output(of command: String) throws -> String {
    let stream = try #require(popen("cd '\(path)' && \(command) 2>/dev/null", "r"))
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&part, 1, part.count, stream)
      if count == 0 { break }
      bytes.append(contentsOf: part[..<count])
    }
    pclose(stream)
    return String(decoding: bytes, as: UTF8.self)
  }

  func remove() {
    system("rm -rf '\(path)'")
  }
}
