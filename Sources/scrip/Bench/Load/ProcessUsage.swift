// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What a process has used up to now.
struct ProcessUsage {
  /// Nanoseconds of processor time of all its threads.
  var processor: Int64
  /// Bytes it has given to write calls, to files and pipes alike.
  var written: Int64

  /// Of a process that runs, ours or another.
  static func of(_ pid: pid_t) throws(Failure) -> ProcessUsage {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else {
      throw .unavailable("the process that is measured has gone")
    }
    return ProcessUsage(
      processor: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
      written: number("wchar:", in: "/proc/\(pid)/io") ?? 0)
  }

  /// Resident memory in KiB: now, and the most so far.
  static func memory(of pid: pid_t) -> (now: Int64, peak: Int64) {
    let file = "/proc/\(pid)/status"
    return (number("VmRSS:", in: file) ?? 0, number("VmHWM:", in: file) ?? 0)
  }

  static func - (later: ProcessUsage, earlier: ProcessUsage) -> ProcessUsage {
    ProcessUsage(
      processor: later.processor - earlier.processor, written: later.written - earlier.written)
  }

  /// The number behind a name in a file of lines.
  private static func number(_ name: String, in path: String) -> Int64? {
    guard let text = try? Folder.text(of: path) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      return Int64(line.split(separator: "\t").last?.split(separator: " ").first ?? "")
        ?? line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
    }
    return nil
  }
}

extension Folder {
  /// The text of a small file.
  static func text(of path: String) throws(Failure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .io("cannot open \(path): \(systemReason())") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      if count > 0 { bytes += chunk[..<count] }
      if count < 0, errno != EINTR { throw .io("cannot read \(path): \(systemReason())") }
    }
  }
}

/// Nanoseconds on a clock that only goes forward.
func monotonicNanoseconds() -> Int64 { nanoseconds(on: CLOCK_MONOTONIC) }

/// Nanoseconds of processor time of this thread.
func threadNanoseconds() -> Int64 { nanoseconds(on: CLOCK_THREAD_CPUTIME_ID) }

private func nanoseconds(on clock: clockid_t) -> Int64 {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
