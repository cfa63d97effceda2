// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite

// Parameters are numbered from 1. What is bound stays bound until it is bound again.
extension Statement {
  /// Binds an integer.
  package borrowing func bind(_ index: Int32, _ value: Int64) {
    check(unsafe sqlite3_bind_int64(handle, index, value))
  }

  /// Binds text, copied.
  ///
  /// A NUL inside is kept, but SQL functions may stop at it.
  package borrowing func bind(_ index: Int32, text: String) {
    var text = text
    let code = text.withUTF8 { bytes in
      unsafe bytes.withMemoryRebound(to: CChar.self) { bytes in
        // An empty buffer may have no address, which SQLite would take for NULL.
        guard let start = bytes.baseAddress else {
          return unsafe csqlite_bind_text_copied(handle, index, "", 0)
        }
        return unsafe csqlite_bind_text_copied(handle, index, start, UInt64(bytes.count))
      }
    }
    check(code)
  }

  /// Binds a blob, copied.
  package borrowing func bind(_ index: Int32, blob: [UInt8]) {
    unsafe blob.withUnsafeBytes { unsafe bind(index, blob: $0) }
  }

  /// Binds a blob, copied.
  package borrowing func bind(_ index: Int32, blob: borrowing RawSpan) {
    unsafe blob.withUnsafeBytes { unsafe bind(index, blob: $0) }
  }

  /// Binds a blob, copied; an empty buffer is an empty blob, not NULL.
  package borrowing func bind(_ index: Int32, blob: UnsafeRawBufferPointer) {
    guard let start = blob.baseAddress else {
      return check(unsafe sqlite3_bind_zeroblob(handle, index, 0))
    }
    check(unsafe csqlite_bind_blob_copied(handle, index, start, UInt64(blob.count)))
  }

  /// Binds NULL.
  package borrowing func bindNull(_ index: Int32) {
    check(unsafe sqlite3_bind_null(handle, index))
  }

  /// Binds NULL to every parameter, and so lets go of the copies of what was bound.
  package borrowing func clearBindings() {
    check(unsafe sqlite3_clear_bindings(handle))
  }

  /// Binds a blob that stays where it is: it must live until `index` is bound to something else.
  @unsafe
  borrowing func bind(_ index: Int32, borrowed bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else {
      return check(unsafe sqlite3_bind_zeroblob(handle, index, 0))
    }
    check(unsafe csqlite_bind_blob_borrowed(handle, index, start, UInt64(bytes.count)))
  }

  private borrowing func check(_ code: Int32) {
    precondition(code == SQLITE_OK, "a value was bound to a wrong parameter or at a wrong time")
  }
}
