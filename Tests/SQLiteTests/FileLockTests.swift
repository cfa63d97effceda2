// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Testing

@Suite struct FileLockTests {
  let directory: TemporaryDirectory
  let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file("lock")
  }

  /// Starts util-linux's `flock` on the file and answers its process id.
  private func spawnFlock(_ arguments: [String]) throws -> pid_t {
    var list: [UnsafeMutablePointer<CChar>?] = (["flock"] + arguments).map { strdup($0) }
    defer { for word in list { free(word) } }
    list.append(nil)
    var child: pid_t = 0
    let reason = posix_spawnp(&child, "flock", nil, nil, list, environ)
    guard reason == 0 else { throw SystemCallFailure(errno: reason) }
    return child
  }

  private func exitCode(of child: pid_t) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return (status >> 8) & 0xff
  }

  @Test func `the file is made readable by its owner only and locked by nobody`() throws {
    let lock = try FileLock(path: path)
    #expect(status(of: path)?.mode == 0o600)
    #expect(!lock.isHeld)
    #expect(try FileLock(path: path).tryLock())
  }

  @Test func `two locks of one process exclude each other`() throws {
    let first = try FileLock(path: path)
    let second = try FileLock(path: path)
    try first.lock()
    #expect(first.isHeld)
    #expect(try !second.tryLock())
    #expect(!second.isHeld)
    first.unlock()
    #expect(!first.isHeld)
    #expect(try second.tryLock())
    #expect(try !first.tryLock())
  }

  @Test func `letting go of a held lock releases it`() throws {
    var first: FileLock? = try FileLock(path: path)
    try first?.lock()
    let second = try FileLock(path: path)
    #expect(try !second.tryLock())
    first = nil
    #expect(try second.tryLock())
  }

  @Test func `a held lock keeps another process out`() throws {
    let lock = try FileLock(path: path)
    try lock.lock()
    #expect(exitCode(of: try spawnFlock(["-n", "-E", "33", path, "true"])) == 33)
    lock.unlock()
    #expect(exitCode(of: try spawnFlock(["-n", "-E", "33", path, "true"])) == 0)
  }

  @Test func `another process that holds the lock is waited for`() throws {
    let lock = try FileLock(path: path)
    let mark = directory.file("done")
    let child = try spawnFlock([path, "sh", "-c", "sleep 0.3; : > '\(mark)'"])
    while try lock.tryLock() {
      lock.unlock()
      usleep(1000)
    }
    #expect(status(of: mark) == nil)
    try lock.lock()
    #expect(status(of: mark) != nil)
    #expect(exitCode(of: child) == 0)
  }

  @Test func `a child process does not inherit the descriptor`() throws {
    let lock = try FileLock(path: path)
    var flags: [Int32] = []
    for descriptor in Int32(0)..<256 {
      guard let target = realpath("/proc/self/fd/\(descriptor)", nil) else { continue }
      defer { free(target) }
      if String(cString: target) == path { flags.append(fcntl(descriptor, F_GETFD)) }
    }
    #expect(flags == [FD_CLOEXEC])
    #expect(!lock.isHeld)
  }

  @Test func `a lock file that cannot be opened is named with its errno`() throws {
    let error = #expect(throws: FileLockError.self) {
      try FileLock(path: directory.file("none/lock"))
    }
    #expect(error?.errno == ENOENT)
    #expect(error?.operation == "open")
    #expect(error?.description.contains("none/lock") == true)
  }

  @Test func `locking a held lock again traps`() async {
    await #expect(processExitsWith: .failure) {
      let path = "/tmp/scrip-nested-\(getpid())"
      let lock = try FileLock(path: path)
      unlink(path)
      try lock.lock()
      try lock.lock()
    }
  }
}
