// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc

/// Makes VFSs (https://sqlite.org/vfs.html) that are the system's own but for some methods of some
/// files.
///
/// Such a VFS opens files as the system does, in the same memory, so that the other methods find
/// all they need.
enum SystemVFS {
  typealias File = UnsafeMutablePointer<sqlite3_file>
  typealias Opening =
    @convention(c) (
      UnsafeMutablePointer<sqlite3_vfs>?, UnsafePointer<CChar>?, File?, Int32,
      UnsafeMutablePointer<Int32>?
    ) -> Int32

  /// The system's own, which stays the one that files without a named VFS get.
  nonisolated(unsafe) private static let system = unsafe sqlite3_vfs_find(nil)

  /// How many bytes of a file's memory are the system's; what a VFS adds stands behind them.
  static var fileBytes: Int { unsafe Int(system?.pointee.szOsFile ?? 0) }

  /// Registers a VFS that opens files by `open`, with so many bytes of its own for each; what
  /// SQLite answers to that.
  static func register(_ name: String, ownBytes: Int32 = 0, open: Opening) -> Int32 {
    guard let system = unsafe system else { return SQLITE_ERROR }
    let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe vfs.initialize(to: system.pointee)
    unsafe vfs.pointee.pNext = nil
    unsafe vfs.pointee.zName = UnsafePointer(strdup(name))
    unsafe vfs.pointee.szOsFile += ownBytes
    unsafe vfs.pointee.xOpen = open
    return unsafe sqlite3_vfs_register(vfs, 0)
  }

  /// Opens a file as the system does.
  static func open(
    _ path: UnsafePointer<CChar>?, _ file: File?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let system = unsafe system else { return SQLITE_CANTOPEN }
    return unsafe system.pointee.xOpen(system, path, file, flags, outFlags)
  }

  /// Writes to a file as the system does; a quota that is used up and a file that may not grow are
  /// no room, as a full disk is, where SQLite knows the disk alone.
  static func write(
    _ below: UnsafePointer<sqlite3_io_methods>?, _ file: File?, _ bytes: UnsafeRawPointer?,
    _ count: Int32, _ offset: sqlite3_int64
  ) -> Int32 {
    guard let below = unsafe below else { return SQLITE_INTERNAL }
    errno = 0
    let code = unsafe below.pointee.xWrite(file, bytes, count, offset)
    guard code == ResultCode.ioerrWrite.rawValue, errno == EDQUOT || errno == EFBIG else {
      return code
    }
    return SQLITE_FULL
  }

  /// A copy of methods, with some put in their place; never freed.
  static func methods(
    over below: UnsafePointer<sqlite3_io_methods>?,
    _ replace: (UnsafeMutablePointer<sqlite3_io_methods>) -> Void
  ) -> UnsafePointer<sqlite3_io_methods>? {
    guard let below = unsafe below else { return nil }
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe methods.initialize(to: below.pointee)
    unsafe replace(methods)
    return unsafe UnsafePointer(methods)
  }
}
