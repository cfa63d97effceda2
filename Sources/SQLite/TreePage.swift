// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What stands where in a page of a table's tree
/// (https://sqlite.org/fileformat2.html#b_tree_pages).
///
/// Nothing of a page is believed: whatever points out of it answers nil.
enum TreePage {
  enum Kind: UInt8 {
    /// Leads to other pages.
    case interior = 5
    /// Holds rows.
    case leaf = 13

    fileprivate var headerBytes: Int { self == .interior ? 12 : 8 }
  }

  /// What a column holds, as far as it matters here.
  enum Column: Equatable {
    case null
    case blob(Range<Int>)
  }

  /// How many bytes of a page are SQLite's.
  static let usableBytes = PageSums.pageSize - PageSums.byteCount
  /// A row with more has some of it on other pages.
  private static let mostBytesOfRow = usableBytes - 35

  /// Nil for a page that is no table's.
  static func kind(of page: Span<UInt8>) -> Kind? { Kind(rawValue: page[0]) }

  /// Calls `body` with each page that an interior page leads to, in the order of their rows, and
  /// with the greatest id that a row there may have; `bound` is that of the whole page.
  ///
  /// False where the page is garbled or `body` answers false.
  static func forEachChild(
    of page: Span<UInt8>, bound: Int64, _ body: (UInt32, Int64) -> Bool
  ) -> Bool {
    for index in 0..<cellCount(of: page) {
      guard let cell = cell(index, of: page, .interior) else { return false }
      var place = cell + 4
      guard let last = varint(page, &place), last <= bound, body(number(page, at: cell), last)
      else { return false }
    }
    return body(number(page, at: 8), bound)
  }

  /// Where the record of a row stands in a leaf; nil where the row is not here as a whole.
  static func record(of row: Int64, in page: Span<UInt8>) -> Range<Int>? {
    var (low, high) = (0, cellCount(of: page))
    while low < high {
      let middle = (low + high) / 2
      guard var place = cell(middle, of: page, .leaf), let size = varint(page, &place),
        let found = varint(page, &place)
      else { return nil }
      if found == row {
        guard size > 0, size <= mostBytesOfRow, place + Int(size) <= usableBytes else { return nil }
        return place..<(place + Int(size))
      }
      if found < row { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// What a record has in a column, counted from zero; nil where that is something else, or is not
  /// there.
  static func column(_ wanted: Int, of record: Range<Int>, in page: Span<UInt8>) -> Column? {
    var place = record.lowerBound
    guard let header = varint(page, &place), header > 0, header <= record.count else { return nil }
    let end = record.lowerBound + Int(header)
    var start = end
    for index in 0... {
      guard place < end, let type = varint(page, &place), let size = bytes(of: type),
        size <= record.upperBound - start
      else { return nil }
      if index == wanted {
        if type == 0 { return .null }
        return type >= 12 && type % 2 == 0 ? .blob(start..<(start + size)) : nil
      }
      start += size
    }
    return nil
  }

  /// How many bytes a value takes; nil for types that files do not have.
  private static func bytes(of type: Int64) -> Int? {
    switch type {
    case 0, 8, 9: 0
    case 1...4: Int(type)
    case 5: 6
    case 6, 7: 8
    case 12...Int64(Int32.max): Int(type - 12) / 2
    default: nil
    }
  }

  private static func cellCount(of page: Span<UInt8>) -> Int { short(page, at: 3) }

  /// Where a cell begins; at least four bytes of it are in the page.
  private static func cell(_ index: Int, of page: Span<UInt8>, _ kind: Kind) -> Int? {
    let pointer = kind.headerBytes + 2 * index
    guard pointer + 2 <= usableBytes else { return nil }
    let start = short(page, at: pointer)
    return start >= kind.headerBytes && start + 4 <= usableBytes ? start : nil
  }

  private static func short(_ page: Span<UInt8>, at place: Int) -> Int {
    Int(page[place]) << 8 | Int(page[place + 1])
  }

  private static func number(_ page: Span<UInt8>, at place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 << 8 | UInt32(page[place + $1]) }
  }

  /// A number of one to nine bytes; nil where the page ends before it does.
  private static func varint(_ page: Span<UInt8>, _ place: inout Int) -> Int64? {
    var value: UInt64 = 0
    for index in 0..<9 {
      guard place < usableBytes else { return nil }
      let byte = page[place]
      place += 1
      if index == 8 { return Int64(bitPattern: value << 8 | UInt64(byte)) }
      value = value << 7 | UInt64(byte & 0x7F)
      if byte < 0x80 { break }
    }
    return Int64(bitPattern: value)
  }
}
