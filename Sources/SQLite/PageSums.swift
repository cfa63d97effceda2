// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc
import Synchronization

/// A checksum in every page of a database file, made when the page is written there and compared
/// whenever it is read from there.
///
/// A checksum in each record shows that a record has changed; only one over whole pages shows that
/// a row, or a way to it, is gone. It stands in the last eight bytes of the page, which SQLite
/// leaves free when asked to, so that any SQLite can read the file; one that writes it otherwise
/// than through here leaves pages that are refused. Nothing is added to the log: its frames carry
/// sums of SQLite's own, compared when the log is found. Not keyed: it is against accidents.
///
/// This is a VFS that is the system's own but for the reads and writes of database files
/// (`SystemVFS`), and it has the kernel begin early with what is written (`BegunWrites`).
package enum PageSums {
  static let name = "scrip-page-sums"
  /// How large the pages of a file with sums are.
  package static let pageSize = 1024
  /// What SQLite leaves free at the end of a page.
  static let byteCount = 8

  /// Registers the VFS, once; what SQLite answers to that.
  static let registration = unsafe SystemVFS.register(name, ownBytes: ownBytes) {
    _, path, file, flags, outFlags in unsafe PageSums.open(path, file, flags, outFlags)
  }

  /// Behind the file that the system's VFS keeps: what was written to it lately.
  private static let ownBytes = Int32(MemoryLayout<BegunWrites.Record>.stride)

  /// The page that was found to be bad last, for the error that tells of it.
  static let badPage = Atomic<Int64>(0)

  /// The methods of the system's databases; written once, before the first file is open.
  nonisolated(unsafe) private static var below: UnsafePointer<sqlite3_io_methods>?

  /// Those of the system's, except for reading, writing and closing.
  nonisolated(unsafe) private static let methods = unsafe SystemVFS.methods(over: below) {
    // Version 3 would let pages be mapped, and so read without being looked at.
    unsafe $0.pointee.iVersion = min(2, $0.pointee.iVersion)
    unsafe $0.pointee.xRead = { file, bytes, count, offset in
      unsafe PageSums.read(file, bytes, count, offset)
    }
    unsafe $0.pointee.xWrite = { file, bytes, count, offset in
      unsafe PageSums.write(file, bytes, count, offset)
    }
    unsafe $0.pointee.xClose = { file in unsafe PageSums.close(file) }
  }

  /// Puts our methods in front of the system's where the file is a database.
  private static func open(
    _ path: UnsafePointer<CChar>?, _ file: SystemVFS.File?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard flags & SQLITE_OPEN_MAIN_DB != 0, let path = unsafe path, let file = unsafe file else {
      return unsafe SystemVFS.open(path, file, flags, outFlags)
    }
    let name = unsafe String(cString: path)
    var key = BegunWrites.Key(name)
    BegunWrites.enter(key)
    let code = unsafe SystemVFS.open(path, file, flags, outFlags)
    let opened = BegunWrites.Key(name)
    if opened != key {
      // It was made only now, or another was put there meanwhile.
      BegunWrites.enter(opened)
      BegunWrites.leave(key)
      key = opened
    }
    // The same for every file of the system's VFS, so it does not matter which thread is first.
    if code == SQLITE_OK, unsafe below == nil { unsafe below = file.pointee.pMethods }
    guard code == SQLITE_OK, unsafe file.pointee.pMethods == below else {
      BegunWrites.leave(key)
      return code
    }
    unsafe own(file).initialize(to: BegunWrites.Record(key))
    unsafe file.pointee.pMethods = methods
    return code
  }

  private static func own(_ file: SystemVFS.File) -> UnsafeMutablePointer<BegunWrites.Record> {
    unsafe (UnsafeMutableRawPointer(file) + SystemVFS.fileBytes)
      .assumingMemoryBound(to: BegunWrites.Record.self)
  }

  private static func close(_ file: SystemVFS.File?) -> Int32 {
    guard let file = unsafe file else { return SQLITE_INTERNAL }
    let record = unsafe own(file).move()
    defer { BegunWrites.leave(record.key) }
    return unsafe below?.pointee.xClose(file) ?? SQLITE_INTERNAL
  }

  private static func read(
    _ file: SystemVFS.File?, _ bytes: UnsafeMutableRawPointer?,
    _ count: Int32, _ offset: sqlite3_int64
  ) -> Int32 {
    guard let below = unsafe below else { return SQLITE_INTERNAL }
    let code = unsafe below.pointee.xRead(file, bytes, count, offset)
    guard code == SQLITE_OK, let bytes = unsafe bytes, isPage(count, offset) else { return code }
    let page = unsafe UnsafeRawBufferPointer(start: bytes, count: pageSize)
    let stored = unsafe page.loadUnaligned(fromByteOffset: pageSize - byteCount, as: UInt64.self)
    let due = unsafe sum(of: page, at: offset)
    if UInt64(littleEndian: stored) == due { return SQLITE_OK }
    // A page that was taken and given back at once is never written. SQLite itself takes a page
    // of zeros for what it is, wherever it expects another.
    if unsafe page.allSatisfy({ $0 == 0 }) { return SQLITE_OK }
    badPage.store(offset / Int64(pageSize) + 1, ordering: .relaxed)
    return ResultCode.ioerrData.rawValue
  }

  private static func write(
    _ file: SystemVFS.File?, _ bytes: UnsafeRawPointer?,
    _ count: Int32, _ offset: sqlite3_int64
  ) -> Int32 {
    guard let below = unsafe below else { return SQLITE_INTERNAL }
    guard let bytes = unsafe bytes, isPage(count, offset) else {
      return unsafe below.pointee.xWrite(file, bytes, count, offset)
    }
    return unsafe withUnsafeTemporaryAllocation(byteCount: pageSize, alignment: 8) { page in
      unsafe page.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: pageSize))
      let sum = unsafe sum(of: UnsafeRawBufferPointer(page), at: offset)
      unsafe page.storeBytes(
        of: sum.littleEndian, toByteOffset: pageSize - byteCount, as: UInt64.self)
      let code = unsafe below.pointee.xWrite(file, page.baseAddress, count, offset)
      if code == SQLITE_OK, let file = unsafe file { unsafe own(file).pointee.wrote(offset, count) }
      return code
    }
  }

  private static func isPage(_ count: Int32, _ offset: sqlite3_int64) -> Bool {
    count == pageSize && offset % Int64(pageSize) == 0
  }

  /// The sum over all of a page but its last eight bytes, and over where it stands.
  ///
  /// Four sums side by side, eight bytes at a time, each step a bijection of the sum: a change
  /// within one group of eight is always found, any other missed once in 2^64.
  static func sum(of page: UnsafeRawBufferPointer, at offset: Int64) -> UInt64 {
    let seed = UInt64(bitPattern: offset) &* 0x9E37_79B9_7F4A_7C15
    var (first, second, third, fourth) = (seed, ~seed, seed &+ 1, ~seed &+ 1)
    var place = 0
    func word(_ index: Int) -> UInt64 {
      UInt64(
        littleEndian: unsafe page.loadUnaligned(
          fromByteOffset: place + index * 8, as: UInt64.self))
    }
    while place + 32 <= pageSize - byteCount {
      first = step(first, word(0))
      second = step(second, word(1))
      third = step(third, word(2))
      fourth = step(fourth, word(3))
      place += 32
    }
    while place + 8 <= pageSize - byteCount {
      first = step(first, word(0))
      place += 8
    }
    return step(step(step(first, second), third), fourth)
  }

  private static func step(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let mixed = (sum ^ word) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ mixed >> 29
  }
}

extension Connection {
  /// Asks for the room in each page that `PageSums` needs; before the database's first page.
  static func reserveRoomForSums(_ handle: OpaquePointer) -> Int32 {
    var count = Int32(PageSums.byteCount)
    return unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &count)
  }
}
