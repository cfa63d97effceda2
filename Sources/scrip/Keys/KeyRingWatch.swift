// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Secrets
import Synchronization

/// The keyring of a process that goes on running, as `scrip keys` changes it.
///
/// The file is looked at twice a second at most, and read only when it is another one than before.
/// One that is missing or damaged, or is not what has become of the ring in use, is said once and
/// changes nothing.
final class KeyRingWatch: Sendable {
  /// What tells one file from the next at the same path.
  private struct Mark: Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let modified: (seconds: Int, nanoseconds: Int)

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
      size = Int64(status.st_size)
      modified = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }

    static func == (one: Mark, other: Mark) -> Bool {
      one.device == other.device && one.inode == other.inode && one.size == other.size
        && one.modified == other.modified
    }
  }

  private struct State {
    var ring: KeyRing
    var mark: Mark?
    /// Whether whoever asks for news has had this ring.
    var isTaken = true
    var nextLook: Int64 = 0
  }

  private static let interval: Int64 = 500
  private let path: String
  private let state: Mutex<State>

  /// Reads the keyring, from which on no core dump of this process may be written.
  init(_ path: String) throws(Failure) {
    self.path = path
    // Marked first: what is put there while it is read will be another file.
    let mark = Mark(path)
    state = Mutex(State(ring: try OpenedLedger.readKeys(path), mark: mark))
  }

  /// The ring in use.
  var current: KeyRing { state.withLock { $0.ring } }

  /// A ring that has not been handed out here, if it is time to look; costs a reading of the clock
  /// otherwise.
  func news() -> KeyRing? {
    let now = Self.now()
    return state.withLock { state in
      guard now >= state.nextLook || !state.isTaken else { return nil }
      look(&state, at: now)
      return Self.take(&state)
    }
  }

  /// A ring that has not been handed out here, looking now.
  func newsAtOnce() -> KeyRing? {
    state.withLock { state in
      look(&state, at: Self.now())
      return Self.take(&state)
    }
  }

  /// The ring as it is now, for a report beside the loop.
  func latest() -> KeyRing {
    state.withLock { state in
      look(&state, at: Self.now())
      return state.ring
    }
  }

  private static func take(_ state: inout State) -> KeyRing? {
    guard !state.isTaken else { return nil }
    state.isTaken = true
    return state.ring
  }

  private func look(_ state: inout State, at now: Int64) {
    state.nextLook = now + Self.interval
    let mark = Mark(path)
    guard mark != state.mark else { return }
    state.mark = mark
    let ring: KeyRing
    do {
      ring = try OpenedLedger.readKeys(path)
    } catch {
      return complain(error.message)
    }
    guard ring != state.ring else { return }
    guard ring.continues(state.ring) else {
      return complain("the keyring \(path) is not what has become of the one in use")
    }
    state.ring = ring
    state.isTaken = false
    StandardError.write("scrip: the keyring has changed: its keys are in use from now on")
  }

  private func complain(_ problem: String) {
    StandardError.write("scrip: \(problem); the keys read before stay in use")
  }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
