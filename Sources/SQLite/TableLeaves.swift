// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite

/// Which page of a file a table has each row on, as of one moment: a way to a row that reads one
/// page, where the tree reads what leads there as well.
///
/// Made while all of the log is copied and nobody writes, so that the file is as of the moment.
/// Afterwards a page may be written again, or be another's: whoever follows the way compares what
/// he finds with what he looks for, and must know that the row has not changed since the moment.
/// Such a row is either found as it is, or not found; in a file with page sums (`PageSums`) also
/// where the page is just being written.
package struct TableLeaves: Sendable {
  /// Tables of more pages are left to their tree: this takes 12 bytes a page.
  private static let most = 1 << 20
  /// The greatest row id that each page may have, ascending.
  private var lasts: [Int64] = []
  private var pages: [UInt32] = []

  /// Those of a table with row ids; nil where it has too many, or its pages are not a table's.
  ///
  /// Throws what SQLite throws where the schema cannot be read.
  package init?(of table: String, in connection: Connection) throws(SQLiteError) {
    let roots = try connection.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?")
    roots.bind(1, text: table)
    guard try roots.step(), let root = UInt32(exactly: roots.integer(0)) else { return nil }
    roots.reset()
    var reader = PageReader(connection)
    guard let depth = Self.depth(of: root, &reader),
      take(root, bound: .max, levels: depth, &reader)
    else { return nil }
  }

  /// How many pages lead from this one to a leaf.
  private static func depth(of root: UInt32, _ reader: inout PageReader) -> Int? {
    var page = root
    for depth in 0..<32 {
      guard reader.read(page), let kind = TreePage.kind(of: reader.page.span) else { return nil }
      if kind == .leaf { return depth }
      var first: UInt32?
      _ = TreePage.forEachChild(of: reader.page.span, bound: .max) { child, _ in
        first = child
        return false
      }
      guard let first else { return nil }
      page = first
    }
    return nil
  }

  private mutating func take(
    _ page: UInt32, bound: Int64, levels: Int, _ reader: inout PageReader
  ) -> Bool {
    guard levels > 0 else {
      lasts.append(bound)
      pages.append(page)
      return pages.count <= Self.most
    }
    guard reader.read(page), TreePage.kind(of: reader.page.span) == .interior else { return false }
    // The page is read before those it leads to: they take its place in the reader.
    var children: [(page: UInt32, last: Int64)] = []
    let isWhole = TreePage.forEachChild(of: reader.page.span, bound: bound) { child, last in
      children.append((child, last))
      return true
    }
    return isWhole
      && children.allSatisfy { take($0.page, bound: $0.last, levels: levels - 1, &reader) }
  }

  /// The page that has the row, if there is one.
  func page(of row: Int64) -> UInt32? {
    var (low, high) = (0, lasts.count)
    while low < high {
      let middle = (low + high) / 2
      if lasts[middle] < row { low = middle + 1 } else { high = middle }
    }
    return low < pages.count ? pages[low] : nil
  }
}

/// Reads whole pages of a database's file, past SQLite but through the file that it has open:
/// opening that anew and closing it would drop the locks this process has on it.
package struct PageReader {
  private let connection: Connection
  /// The page that was read last.
  fileprivate var page = [UInt8](repeating: 0, count: PageSums.pageSize)

  /// A reader of a file with page sums, on the connection's thread.
  package init(_ connection: Connection) { self.connection = connection }

  /// Reads a page as it stands in the file; false where it cannot be read or is not whole.
  fileprivate mutating func read(_ number: UInt32) -> Bool {
    number > 0 && connection.readPage(number, into: &page)
  }

  /// Two columns of a row, with a blob or nothing in each; nil where the row is not on the page
  /// where it was, or has something else.
  package mutating func blobs(
    of row: Int64, _ first: Int, _ second: Int, by leaves: borrowing TableLeaves
  ) -> (first: [UInt8]?, second: [UInt8]?)? {
    guard let number = leaves.page(of: row), read(number),
      TreePage.kind(of: page.span) == .leaf, let record = TreePage.record(of: row, in: page.span),
      let first = TreePage.column(first, of: record, in: page.span),
      let second = TreePage.column(second, of: record, in: page.span)
    else { return nil }
    return (bytes(of: first), bytes(of: second))
  }

  private func bytes(of column: TreePage.Column) -> [UInt8]? {
    switch column {
    case .null: nil
    case .blob(let range): Array(page[range])
    }
  }
}

extension Connection {
  /// Reads a page of the database's file, whatever newer ones its log has.
  fileprivate func readPage(_ number: UInt32, into page: inout [UInt8]) -> Bool {
    var found: UnsafeMutablePointer<sqlite3_file>?
    let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &found)
    guard code == SQLITE_OK, let file = unsafe found,
      let read = unsafe file.pointee.pMethods?
        .pointee.xRead
    else { return false }
    let offset = sqlite3_int64(number - 1) * sqlite3_int64(page.count)
    return unsafe page.withUnsafeMutableBytes { bytes in
      unsafe read(file, bytes.baseAddress, Int32(bytes.count), offset) == SQLITE_OK
    }
  }
}
