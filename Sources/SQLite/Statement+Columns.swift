// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite

// Columns are numbered from 0 and are there after `step` returned true. A type other than the one
// asked for is converted as SQLite's CAST does; a column the row does not have reads as NULL.
extension Statement {
  /// Whether the column is NULL; ask before reading it otherwise, which may convert it.
  package borrowing func isNull(_ column: Int32) -> Bool {
    unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  /// The column as an integer: 0 for NULL and for text that does not begin with a number.
  package borrowing func integer(_ column: Int32) -> Int64 {
    unsafe sqlite3_column_int64(handle, column)
  }

  /// The column as text: empty for NULL, bytes that are no UTF-8 replaced by U+FFFD.
  package borrowing func text(_ column: Int32) -> String {
    unsafe String(decoding: textBytes(column), as: UTF8.self)
  }

  /// The column's bytes in a new array: empty for NULL.
  package borrowing func blob(_ column: Int32) -> [UInt8] {
    unsafe Array(blobBytes(column))
  }

  /// Lends the column's bytes, uncopied, for the length of the call: none for NULL.
  ///
  /// `body` must neither step nor reset this statement, nor read the same column as another type.
  @inlinable
  package borrowing func withBlob<R: ~Copyable, E: Error>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(blobBytes(column))
  }

  /// Lends the column's text as unchecked UTF-8 bytes, under the rules of `withBlob`.
  @inlinable
  package borrowing func withText<R: ~Copyable, E: Error>(
    _ column: Int32, _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    try unsafe body(textBytes(column))
  }

  /// The column's bytes as a blob, valid until the statement moves on.
  @unsafe @usableFromInline
  borrowing func blobBytes(_ column: Int32) -> UnsafeRawBufferPointer {
    // The pointer is asked for before the count, as SQLite demands.
    let start = unsafe sqlite3_column_blob(handle, column)
    let count = unsafe sqlite3_column_bytes(handle, column)
    return unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
  }

  /// The column's bytes as UTF-8 text, valid until the statement moves on.
  @unsafe @usableFromInline
  borrowing func textBytes(_ column: Int32) -> UnsafeRawBufferPointer {
    let start = unsafe sqlite3_column_text(handle, column)
    let count = unsafe sqlite3_column_bytes(handle, column)
    return unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
  }
}
