// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Seeds
import Testing

@Suite struct FuzzTests {
  private static let seeds: [[UInt8]] = [
    #"{"jsonrpc":"2.0","id":1,"method":"account.debit","params":{"amount":1250,"pin":"1234"}}"#,
    #"[{"a":1,"b":[true,false,null],"c":"\u00e9\ud83d\ude00\n"},-1.5e-3,0,"é漢😀",[[[]]],{}]"#,
    #"{"\u0061":1,"b":{"a":[1,2,3],"a\/":"\\"},"c":"x","":""}"#,
    "[0.0,-0,1e9,12345678901234567890,\"\u{7F}\u{2028}\"]",
    #""\ud834\udd1e""#,
  ].map { Array($0.utf8) }

  /// Bytes that mean something to a JSON parser or a UTF-8 decoder.
  private static let interesting =
    Array("{}[]:,\"\\/ubfnrt0123456789+-.eE \n\r\tdD8cC".utf8)
    + [0x00, 0x1F, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF]

  private static func mutate(_ text: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var text = text
    for _ in 0...random.below(4) {
      let at = random.below(text.count + 1)
      let byte = interesting.randomElement(using: &random) ?? 0
      switch random.below(6) {
      case 0: text.insert(byte, at: at)
      case 1 where at < text.count: text[at] = byte
      case 2 where at < text.count: text.remove(at: at)
      case 3 where at < text.count: text[at] ^= 1 << UInt8(random.below(8))
      case 4: text.removeSubrange(at..<min(text.count, at + random.below(12)))
      default:
        let from = random.below(text.count + 1)
        let piece = text[from..<min(text.count, from + random.below(16))]
        text.insert(contentsOf: piece, at: at)
      }
    }
    return text
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `two hundred thousand mutated texts never trap, and the plain parser agrees`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var acceptedCount = 0
    for round in 0..<50_000 {
      let source = Self.seeds.randomElement(using: &random) ?? []
      let text = Self.mutate(source, &random)
      let document = try? JSONDocument.parse(text)
      if (document != nil) != ReferenceParser.accepts(text) {
        Issue.record("seed \(seed) round \(round): \(text)")
      }
      guard let document else { continue }
      acceptedCount += 1
      let tree = JSONTree(document.root)
      var writer = JSONWriter()
      tree.write(to: &writer)
      guard let again = try? JSONDocument.parse(writer.bytes), JSONTree(again.root) == tree else {
        Issue.record("seed \(seed) round \(round) is not written back: \(text)")
        continue
      }
    }
    // Enough of both sorts, or the comparison would say nothing.
    #expect((2_000...48_000).contains(acceptedCount), "\(acceptedCount)")
  }
}
