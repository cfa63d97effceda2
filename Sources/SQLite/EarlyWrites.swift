// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc

/// Lets a thread do something else while the disk takes in what a commit has written to the log.
///
/// SQLite writes the frames of a commit and then waits until they are durable. On a thread that has
/// something to do meanwhile (`using`), the kernel is told between the two to begin writing, then
/// that is done, and then SQLite waits as ever: for what is not yet on the disk, and for the disk
/// itself. So what is durable when stays as it is, and so does what other connections see.
///
/// This is a VFS that is the system's own but for the writes and syncs of logs (`SystemVFS`).
package enum EarlyWrites {
  static let name = "scrip-early-writes"

  /// What a thread would do while it waits.
  private final class Pastime {
    var work: (() -> Void)?

    init(_ work: @escaping () -> Void) { self.work = work }
  }

  /// Each thread's pastime.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    precondition(pthread_key_create(&key, nil) == 0, "no room for a thread's pastime")
    return key
  }()

  /// Runs `body`; while the disk takes in what that commits on this thread, `work` is done, at most
  /// once.
  ///
  /// `work` must use no connection: one of them is in the middle of its commit. It may be left out,
  /// and it is done although the commit fails afterwards.
  package static func using(
    _ work: () -> Void, during body: () throws(SQLiteError) -> Void
  ) throws(SQLiteError) {
    let outcome: Result<Void, SQLiteError> = withoutActuallyEscaping(work) { work in
      let pastime = Pastime(work)
      pthread_setspecific(key, Unmanaged.passUnretained(pastime).toOpaque())
      defer {
        pthread_setspecific(key, nil)
        pastime.work = nil
      }
      do throws(SQLiteError) {
        try body()
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  /// Registers the VFS, once; what SQLite answers to that.
  static let registration = unsafe SystemVFS.register(name, ownBytes: ownBytes) {
    _, path, file, flags, outFlags in unsafe EarlyWrites.open(path, file, flags, outFlags)
  }

  /// Behind the file that the system's VFS keeps: a descriptor of our own for the same log.
  ///
  /// Only the log's: closing a second descriptor of the database would let go of its locks.
  private static let ownBytes: Int32 = 8

  /// The methods of the system's logs; written once, before the first log is open.
  nonisolated(unsafe) private static var below: UnsafePointer<sqlite3_io_methods>?

  /// Those of the system's, except for writing, syncing and closing.
  nonisolated(unsafe) private static let methods = unsafe SystemVFS.methods(over: below) {
    unsafe $0.pointee.xWrite = { file, bytes, count, offset in
      unsafe SystemVFS.write(below, file, bytes, count, offset)
    }
    unsafe $0.pointee.xSync = { file, flags in unsafe EarlyWrites.sync(file, flags) }
    unsafe $0.pointee.xClose = { file in unsafe EarlyWrites.close(file) }
  }

  private static func open(
    _ path: UnsafePointer<CChar>?, _ file: SystemVFS.File?, _ flags: Int32,
    _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    let code = unsafe SystemVFS.open(path, file, flags, outFlags)
    guard code == SQLITE_OK, flags & SQLITE_OPEN_WAL != 0, let path = unsafe path,
      let file = unsafe file
    else { return code }
    // The same for every log of the system's VFS, so it does not matter which thread is first.
    if unsafe below == nil { unsafe below = file.pointee.pMethods }
    guard unsafe file.pointee.pMethods == below else { return code }
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return code }
    unsafe own(file).pointee = descriptor
    unsafe file.pointee.pMethods = methods
    return code
  }

  private static func own(_ file: SystemVFS.File) -> UnsafeMutablePointer<Int32> {
    unsafe (UnsafeMutableRawPointer(file) + SystemVFS.fileBytes)
      .assumingMemoryBound(to: Int32.self)
  }

  private static func close(_ file: SystemVFS.File?) -> Int32 {
    if let file = unsafe file { _ = unsafe Glibc.close(own(file).pointee) }
    return unsafe below?.pointee.xClose(file) ?? SQLITE_INTERNAL
  }

  private static func sync(_ file: SystemVFS.File?, _ flags: Int32) -> Int32 {
    if let file = unsafe file, let pointer = unsafe pthread_getspecific(key) {
      let pastime = unsafe Unmanaged<Pastime>.fromOpaque(pointer).takeUnretainedValue()
      if let work = pastime.work {
        pastime.work = nil
        // A hint: where it fails, the sync below writes all there is.
        _ = unsafe csqlite_begin_writing(own(file).pointee)
        work()
      }
    }
    return unsafe below?.pointee.xSync(file, flags) ?? SQLITE_INTERNAL
  }
}
