// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Synchronization
import Testing

@Suite struct QueuedFileLockTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func lock() throws -> QueuedFileLock {
    try QueuedFileLock(path: directory.file("lock"), turn: directory.file("turn"))
  }

  /// Somebody who takes the lock again as soon as it is free.
  private final class Busy: Sendable {
    let count = Atomic<Int>(0)
    let isStopping = Atomic<Bool>(false)
    let hasEnded = Atomic<Bool>(false)

    func run(_ lock: QueuedFileLock) {
      while !isStopping.load(ordering: .relaxed) {
        guard (try? lock.lock()) != nil else { break }
        count.add(1, ordering: .relaxed)
        usleep(2_000)
        lock.unlock()
      }
      hasEnded.store(true, ordering: .releasing)
    }
  }

  @Test func `who lets go waits behind who has been waiting`() throws {
    let busy = Busy()
    let body = Unmanaged.passRetained(Pair(busy: busy, lock: try lock())).toOpaque()
    var thread = pthread_t()
    let failure = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        let pair = Unmanaged<Pair>.fromOpaque(pointer).takeRetainedValue()
        pair.busy.run(pair.lock)
        return nil
      }, body)
    #expect(failure == 0)
    pthread_detach(thread)
    while busy.count.load(ordering: .relaxed) == 0 { usleep(100) }
    let own = try lock()
    var passed: [Int] = []
    for _ in 0..<50 {
      let before = busy.count.load(ordering: .relaxed)
      try own.lock()
      passed.append(busy.count.load(ordering: .relaxed) - before)
      own.unlock()
    }
    busy.isStopping.store(true, ordering: .relaxed)
    while !busy.hasEnded.load(ordering: .acquiring) { usleep(100) }
    // At most the one that came before the turn was taken.
    #expect(passed.filter { $0 > 1 }.count <= 5, "\(passed)")
  }

  private final class Pair {
    let busy: Busy
    let lock: QueuedFileLock

    init(busy: Busy, lock: QueuedFileLock) {
      self.busy = busy
      self.lock = lock
    }
  }

  @Test func `it is the lock that others know`() throws {
    let own = try lock()
    let plain = try FileLock(path: directory.file("lock"))
    try own.lock()
    #expect(own.isHeld)
    #expect(try !plain.tryLock())
    #expect(try FileLock(path: directory.file("turn")).tryLock())
    own.unlock()
    #expect(!own.isHeld)
    #expect(try plain.tryLock())
  }
}
