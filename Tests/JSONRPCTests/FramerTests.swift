// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSONRPC
import Seeds
import Testing

/// Cuts the whole input at once, in the plainest way, to judge the framer by.
private func reference(_ input: [UInt8], limit: Int) -> [LineFramer.Frame] {
  var frames: [LineFramer.Frame] = []
  for piece in input.split(separator: 0x0A, omittingEmptySubsequences: false) {
    var line = Array(piece)
    if line.last == 0x0D { line.removeLast() }
    if line.count > limit {
      frames.append(.oversized)
      continue
    }
    if line.prefix(3) == [0xEF, 0xBB, 0xBF] { line.removeFirst(3) }
    if !line.isEmpty { frames.append(.line(line)) }
  }
  return frames
}

private func frames(
  _ chunks: some Sequence<ArraySlice<UInt8>>, limit: Int = LineFramer.defaultLimit
) -> [LineFramer.Frame] {
  var framer = LineFramer(limit: limit)
  var frames: [LineFramer.Frame] = []
  for chunk in chunks {
    framer.append(chunk)
    while let frame = framer.next() { frames.append(frame) }
  }
  if let last = framer.finish() { frames.append(last) }
  return frames
}

private func lines(_ text: String) -> [String] {
  frames([Array(text.utf8)[...]]).map {
    if case .line(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "oversized" }
  }
}

@Suite struct FramerTests {
  @Test func `terminators and BOMs are removed, empty lines are skipped`() {
    let cases: [(String, [String])] = [
      ("", []), ("\n", []), ("\n\n\n", []), ("\r\n\r\n", []), ("\r", []), ("\u{FEFF}", []),
      ("\u{FEFF}\r\n\u{FEFF}\n", []), ("a\n", ["a"]), ("a\r\n", ["a"]), ("a", ["a"]),
      ("a\r", ["a"]), ("a\nb\r\nc", ["a", "b", "c"]), ("a\n\n\r\nb\n", ["a", "b"]),
      ("\u{FEFF}a\n\u{FEFF}b\n\u{FEFF}c", ["a", "b", "c"]), ("\u{FEFF}\u{FEFF}a\n", ["\u{FEFF}a"]),
      ("a\u{FEFF}\n", ["a\u{FEFF}"]), ("a\rb\n", ["a\rb"]), ("a\r\r\n", ["a\r"]),
      ("\r\r\n", ["\r"]), (" \n", [" "]), ("\t\r\n", ["\t"]), ("\ra\n", ["\ra"]),
      ("a\u{2028}b\u{85}c\u{B}d\u{C}e\n", ["a\u{2028}b\u{85}c\u{B}d\u{C}e"]),
      ("a\u{0}b\n", ["a\u{0}b"]),
    ]
    for (text, expected) in cases {
      let found = lines(text).map { Array($0.utf8) }
      #expect(found == expected.map { Array($0.utf8) }, "\(text.debugDescription)")
    }
  }

  @Test func `bytes that are not UTF-8 pass through, for the parser to refuse`() {
    #expect(
      frames([[0xFF, 0xC0, 0x0A, 0xEF, 0xBB, 0x0A][...]]) == [
        .line([0xFF, 0xC0]), .line([0xEF, 0xBB]),
      ])
  }

  @Test func `the limit is exact, with either terminator, at the end of input and after a BOM`() {
    let bom: [UInt8] = [0xEF, 0xBB, 0xBF]
    for terminator in [[0x0A], [0x0D, 0x0A], [], [0x0D]] as [[UInt8]] {
      for limit in [1, 3, 7, 8, 9, 64] {
        let full = [UInt8](repeating: 0x61, count: limit)
        #expect(frames([(full + terminator)[...]], limit: limit) == [.line(full)])
        #expect(frames([(full + [0x61] + terminator)[...]], limit: limit) == [.oversized])
        let next = frames([(full + [0x61] + terminator + [0x0A, 0x62])[...]], limit: limit)
        #expect(next == [.oversized, .line([0x62])])
      }
      let short = [UInt8](repeating: 0x61, count: 5)
      #expect(frames([(bom + short + terminator)[...]], limit: 8) == [.line(short)])
      #expect(frames([(bom + short + terminator)[...]], limit: 7) == [.oversized])
    }
  }

  @Test func `a full mebibyte is a line and one byte more is not`() {
    let full = [UInt8](repeating: 0x20, count: 1_048_576)
    #expect(frames([(full + [0x0D, 0x0A])[...]]) == [.line(full)])
    #expect(frames([(full + [0x20, 0x0A, 0x31])[...]]) == [.oversized, .line([0x31])])
  }

  @Test(arguments: [21, 22, 23] as [UInt64])
  func `any split gives what cutting the whole gives, also byte by byte`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let alphabet: [UInt8] = [0x0A, 0x0A, 0x0D, 0x0D, 0xEF, 0xBB, 0xBF, 0x61, 0x62, 0x20, 0x0B]
    for round in 0..<3_000 {
      let limit = 1 + random.below(20)
      var input: [UInt8] = []
      for _ in 0..<random.below(120) {
        switch random.below(12) {
        case 0: input += [0xEF, 0xBB, 0xBF]
        case 1: input += [UInt8](repeating: 0x61, count: random.below(30))
        case 2: input += [0x0D, 0x0A]
        default: input.append(alphabet[random.below(alphabet.count)])
        }
      }
      let expected = reference(input, limit: limit)
      var pieces: [ArraySlice<UInt8>] = []
      var start = 0
      while start < input.count {
        let end = min(input.count, start + random.below(1 + random.below(40)))
        pieces.append(input[start..<end])
        start = end
      }
      let bytes = input.indices.map { input[$0...$0] }
      for (name, chunks) in [("whole", [input[...]]), ("pieces", pieces), ("bytes", bytes)] {
        if frames(chunks, limit: limit) != expected {
          Issue.record("seed \(seed) round \(round) \(name) limit \(limit): \(input)")
        }
      }
    }
  }

  @Test func `a line of sixty-four mebibytes is one frame and takes no memory`() {
    var framer = LineFramer()
    let chunk = [UInt8](repeating: 0x5B, count: 65_536)
    var found: [LineFramer.Frame] = []
    var most = 0
    for _ in 0..<1_024 {
      framer.append(chunk)
      while let frame = framer.next() { found.append(frame) }
      most = max(most, framer.bufferedCount)
    }
    // The answer does not wait for the LF.
    #expect(found == [.oversized])
    #expect(most <= LineFramer.defaultLimit + 65_536)
    #expect(framer.bufferedCount == 0)
    framer.append(Array("tail\r\n{}\n".utf8))
    #expect(framer.next() == .line(Array("{}".utf8)))
    #expect(framer.next() == nil)
    #expect(framer.finish() == nil)
  }

  @Test func `an overlong line that ends the input is told once`() {
    let chunk = [UInt8](repeating: 0x61, count: 10)[...]
    #expect(frames([chunk, chunk], limit: 8) == [.oversized])
    #expect(frames([chunk, chunk, [0x0A]], limit: 8) == [.oversized])
    #expect(frames([chunk, [0x0A], chunk, [0x0A]], limit: 8) == [.oversized, .oversized])
  }

  @Test func `memory stays bounded over a long session and work stays linear`() {
    var framer = LineFramer()
    let line = [UInt8](repeating: 0x61, count: 200) + [0x0A]
    // Every append leaves half a line behind, so that the buffer is never simply empty.
    framer.append(line[..<100])
    var (count, most) = (0, 0)
    let taken = ContinuousClock().measure {
      for _ in 0..<20_000 {
        framer.append(line[100...] + line[..<100])
        while framer.next() != nil { count += 1 }
        most = max(most, framer.bufferedCount)
      }
    }
    #expect(count == 20_000)
    #expect(most < 1_000)
    #expect(taken < .seconds(20))
  }

  @Test func `a hundred thousand lines in one append, and a long one in single bytes, are quick`() {
    let clock = ContinuousClock()
    let many = Array(repeatElement([0x7B, 0x7D, 0x0A] as [UInt8], count: 100_000).joined())
    let single = [UInt8](repeating: 0x61, count: 300_000) + [0x0A]
    let taken = clock.measure {
      #expect(frames([many[...]]).count == 100_000)
      #expect(frames(single.indices.map { single[$0...$0] }) == [.line(single.dropLast())])
    }
    // Quadratic shifting or searching would take minutes.
    #expect(taken < .seconds(20))
  }

  @Test func `a finished framer starts anew`() {
    var framer = LineFramer(limit: 4)
    framer.append(Array("12345678".utf8))
    #expect(framer.next() == .oversized)
    #expect(framer.finish() == nil)
    framer.append(Array("ab\ncd".utf8))
    #expect(framer.next() == .line(Array("ab".utf8)))
    #expect(framer.next() == nil)
    #expect(framer.finish() == .line(Array("cd".utf8)))
    #expect(framer.finish() == nil)
  }
}
