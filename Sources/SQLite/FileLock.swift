// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// An exclusive advisory lock between processes: `flock(2)` on a file of its own.
///
/// The lock belongs to the open file description, so two `FileLock`s exclude each other even
/// inside one process and one thread; give each thread its own. It is unrelated to SQLite's
/// `fcntl` locks, and must never stand on a database file: closing any descriptor of a file drops
/// every `fcntl` lock the process holds on it. The system releases the lock when the process ends,
/// however it ends. Nobody may delete the file: a new one would be another lock.
///
/// A lock is not fair and does not nest. Use one from one thread at a time.
package final class FileLock {
  private let descriptor: Int32
  private let path: String
  /// Whether this `FileLock` holds the lock now.
  package private(set) var isHeld = false

  /// Opens the file at `path`, made empty with mode 0600 where there is none; locks nothing yet.
  ///
  /// The descriptor is close-on-exec, so that a child process does not carry the lock on.
  package init(path: String) throws(FileLockError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw FileLockError(operation: "open", path: path, errno: errno)
    }
    self.descriptor = descriptor
    self.path = path
  }

  deinit {
    // Closing alone would leave the lock with a child forked but not yet executed, if any.
    if isHeld { _ = apply(LOCK_UN) }
    close(descriptor)
  }

  /// Waits, without limit, until the lock is held.
  ///
  /// Traps when this `FileLock` holds it already: the inner `unlock` would end the outer hold.
  package func lock() throws(FileLockError) {
    precondition(!isHeld, "a FileLock does not nest")
    let reason = apply(LOCK_EX)
    guard reason == 0 else { throw FileLockError(operation: "flock", path: path, errno: reason) }
    isHeld = true
  }

  /// Takes the lock if it is free; false when somebody else holds it.
  package func tryLock() throws(FileLockError) -> Bool {
    precondition(!isHeld, "a FileLock does not nest")
    let reason = apply(LOCK_EX | LOCK_NB)
    if reason == EWOULDBLOCK { return false }
    guard reason == 0 else { throw FileLockError(operation: "flock", path: path, errno: reason) }
    isHeld = true
    return true
  }

  /// Releases the lock; traps when it is not held.
  package func unlock() {
    precondition(isHeld, "only a held FileLock can be released")
    let reason = apply(LOCK_UN)
    precondition(reason == 0, "flock refused to release a held lock")
    isHeld = false
  }

  /// Runs `flock` again for as long as signals interrupt it, and answers 0 or its `errno`.
  private func apply(_ operation: Int32) -> Int32 {
    while flock(descriptor, operation) != 0 {
      if errno != EINTR { return errno }
    }
    return 0
  }
}
