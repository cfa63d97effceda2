// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A `FileLock` that is handed on: whoever releases it does not get it again before one who waits.
///
/// `flock(2)` alone lets a busy process take the lock again before a waiting one has woken up, for
/// seconds on end. So who wants the lock first takes the turn, keeps it while waiting, and gives it
/// back once the lock is held: the one who released the lock then waits for the turn.
package final class QueuedFileLock {
  private let turn: FileLock
  private let inner: FileLock

  /// Whether this object holds the lock now.
  package var isHeld: Bool { inner.isHeld }

  /// - Parameter turn: a file of its own, which every process that wants the lock gives.
  package init(path: String, turn: String) throws(FileLockError) {
    self.turn = try FileLock(path: turn)
    inner = try FileLock(path: path)
  }

  /// Waits, without limit, until the lock is held.
  package func lock() throws(FileLockError) {
    try turn.lock()
    defer { turn.unlock() }
    try inner.lock()
  }

  /// Releases the lock; traps when it is not held.
  package func unlock() { inner.unlock() }
}
