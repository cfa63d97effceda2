// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Synchronization

/// A pipe by which signals and worker threads wake the loop.
struct WakePipe: Sendable {
  let reading: Int32
  private let writing: Int32

  init() throws(Failure) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw .io("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    reading = ends[0]
    writing = ends[1]
  }

  func wake() {
    var byte: UInt8 = 0
    _ = write(writing, &byte, 1)
  }

  func drain() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(reading, &bytes, bytes.count) > 0 {}
  }

  /// Makes SIGTERM and SIGINT stop the reading; a second one ends the process at once.
  func catchSignals() {
    signalWriter.store(writing, ordering: .sequentiallyConsistent)
    for number in [SIGTERM, SIGINT] {
      signal(number) { number in
        if stopSignals.add(1, ordering: .sequentiallyConsistent).newValue > 1 {
          _exit(128 + number)
        }
        var byte: UInt8 = 1
        _ = write(signalWriter.load(ordering: .sequentiallyConsistent), &byte, 1)
      }
    }
  }

  /// Whether a signal has asked for the end.
  static var isStopping: Bool { stopSignals.load(ordering: .sequentiallyConsistent) > 0 }
}

private let signalWriter = Atomic<Int32>(-1)
private let stopSignals = Atomic<Int>(0)
