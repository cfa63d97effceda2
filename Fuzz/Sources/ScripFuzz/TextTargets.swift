// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC

/// Lines come out of the framer alike, however the bytes are cut.
struct LinesTarget: FuzzTarget {
  let name = "lines"

  func run(_ input: [UInt8]) {
    guard let first = input.first else { return }
    // Small, so that lines over the limit come up.
    let limit = 64
    let whole = frames(of: input, limit: limit) { $0.count }
    let bytewise = frames(of: input, limit: limit) { _ in 1 }
    let cut = frames(of: input, limit: limit) { _ in Int(first % 7) + 1 }
    expect(whole == bytewise && whole == cut, "the cuts show in the frames")
    var framer = LineFramer()
    framer.append(input)
    while framer.takeNext({ _ = Incoming($0) }) {}
  }

  private func frames(
    of input: [UInt8], limit: Int, _ size: (ArraySlice<UInt8>) -> Int
  ) -> [LineFramer.Frame] {
    var framer = LineFramer(limit: limit)
    var frames: [LineFramer.Frame] = []
    var rest = input[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(size(rest))
      rest = rest.dropFirst(chunk.count)
      framer.append(chunk)
      while let frame = framer.next() { frames.append(frame) }
    }
    if let frame = framer.finish() { frames.append(frame) }
    return frames
  }
}

/// What parses can be written and parsed again to the same.
struct JSONTarget: FuzzTarget {
  let name = "json"

  func run(_ input: [UInt8]) {
    guard let document = try? JSONDocument.parse(input) else { return }
    let tree = JSONTree(document.root)
    var writer = JSONWriter()
    tree.write(to: &writer)
    guard let again = try? JSONDocument.parse(writer.bytes) else {
      fatalError(
        "what was written does not parse: \(String(decoding: writer.bytes, as: UTF8.self))")
    }
    expect(JSONTree(again.root) == tree, "what was written parses to something else")
    let canonical = tree.canonicalText
    expect(
      (try? JSONDocument.parse(Array(canonical.utf8))).map { JSONTree($0.root).canonicalText }
        == canonical, "canonical text is not canonical")
  }
}
