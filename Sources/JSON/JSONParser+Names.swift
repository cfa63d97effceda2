// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Duplicate member names are refused: RFC 8259 §4 leaves their meaning open, and a second
/// `amount` that one reader sees and another does not is a known way to move the wrong sum.
extension JSONParser {
  /// Above this many members names are sorted; up to it every pair is compared, which is faster.
  private static var pairwiseLimit: Int { 16 }

  /// Compares the names of a closed object after unescaping.
  ///
  /// Sorting needs O(n log n) comparisons whatever the names are; there is no hash to attack.
  mutating func refuseDuplicateNames(in object: Int) throws(JSONError) {
    let count = Int(nodes[object].count)
    let last = Int(nodes[object].link)
    let text = base
    let second: UInt32? = unescaped.withUnsafeBufferPointer { escapedText in
      nodes.withNodes { nodes in
        let tape = JSONTape(nodes: nodes, text: text, unescaped: escapedText.baseAddress)
        return count <= Self.pairwiseLimit
          ? tape.duplicateByPairs(from: object + 1, to: last)
          : tape.duplicateBySorting(from: object + 1, to: last, count: count)
      }
    }
    if let second { throw JSONError(reason: .duplicateName, offset: Int(second)) }
  }
}

extension JSONTape {
  /// Text offset of the first name that repeats an earlier one.
  ///
  /// Compared only where two are alike by length, first and last byte, as few are.
  fileprivate func duplicateByPairs(from first: Int, to last: Int) -> UInt32? {
    var seen: UInt64 = 0
    var later = first
    while later < last {
      let name = content(nodes[later])
      let mark = Self.mark(of: name)
      if seen & mark != 0, isRepeated(name, from: first, before: later) {
        return nodes[later].start
      }
      seen |= mark
      later = followingName(later)
    }
    return nil
  }

  private func isRepeated(
    _ name: UnsafeBufferPointer<UInt8>, from first: Int, before later: Int
  ) -> Bool {
    var earlier = first
    while earlier < later {
      if JSONText.areEqual(content(nodes[earlier]), name) { return true }
      earlier = followingName(earlier)
    }
    return false
  }

  /// One bit of 64, the same for the same name.
  @inline(__always)
  private static func mark(of name: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let first = name.first, let last = name.last else { return 1 }
    return 1 &<< UInt64(truncatingIfNeeded: name.count &+ 7 &* Int(first) &+ 31 &* Int(last))
  }

  /// Text offset of a name that repeats an earlier one.
  fileprivate func duplicateBySorting(from first: Int, to last: Int, count: Int) -> UInt32? {
    var indices: [UInt32] = []
    indices.reserveCapacity(count)
    var index = first
    while index < last {
      indices.append(UInt32(truncatingIfNeeded: index))
      index = followingName(index)
    }
    indices.sort { precedes(nodes[Int($0)], nodes[Int($1)]) }
    for position in 1..<indices.count {
      let left = nodes[Int(indices[position - 1])]
      let right = nodes[Int(indices[position])]
      if !precedes(left, right) { return max(left.start, right.start) }
    }
    return nil
  }

  /// Order by length, then bytes: any total order will do, and most pairs differ in length.
  private func precedes(_ left: JSONNode, _ right: JSONNode) -> Bool {
    let (a, b) = (content(left), content(right))
    return a.count == b.count ? a.lexicographicallyPrecedes(b) : a.count < b.count
  }
}
