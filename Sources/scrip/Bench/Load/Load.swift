// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What makes requests: each with the id it is given, which has nine digits.
protocol RequestSource {
  /// Appends one request that is answered, and before it what is not (notifications).
  mutating func append(id: Int, to lines: inout [UInt8])
}

/// A closed loop of requests against a process: so many in flight, each answer makes room for one.
///
/// One read, one pass over its bytes, one write; every answer is checked for being a success.
final class Load {
  /// What one stretch of load was like.
  struct Result {
    var answered = 0
    /// From the first request to the last answer.
    var nanoseconds: Int64 = 0
    /// Of each request, from the call that wrote it to the call that read its answer.
    var latencies: [Int64] = []
    var reads = 0
    var bytesRead: Int64 = 0
    var errors = 0
    var firstError = ""
  }

  private let process: PipedProcess
  /// What each answer must hold near its beginning.
  private let mark: [UInt8]
  /// A request, with an id below 10, of which one is always under way beside the load.
  var aside: [UInt8]? { didSet { asideIsDue = aside != nil } }
  private var asideIsDue = false
  /// Bytes at the buffer's beginning that are no whole line yet, also between two runs.
  private var held = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: 1 << 26, alignment: 64)
  private var lines: [UInt8] = []
  private var sentAt: [Int64] = []
  private var nextID = 100_000_000
  /// How far into an answer its mark is looked for.
  private static let reach = 128

  init(_ process: PipedProcess, mark: String = "\"result\":") {
    self.process = process
    self.mark = Array(mark.utf8)
    lines.reserveCapacity(1 << 20)
  }

  deinit { buffer.deallocate() }

  /// Keeps `window` requests in flight until the time is over, `limit` were sent, or `stop`, which
  /// is asked now and then, says so.
  func run(
    window: Int, seconds: Double, limit: Int = .max, stop: () -> Bool = { false },
    _ source: inout some RequestSource
  ) throws(Failure) -> Result {
    sentAt = [Int64](repeating: 0, count: window)
    var result = Result()
    result.latencies.reserveCapacity(min(limit, 1 << 20))
    let start = monotonicNanoseconds()
    var end = seconds.isFinite ? start + Int64(seconds * 1e9) : Int64.max
    var now = start
    var sent = 0
    repeat {
      let due = now < end ? min(window - (sent - result.answered), limit - sent) : 0
      if due > 0 {
        try send(due, from: sent, &source)
        sent += due
      }
      if sent == result.answered { break }
      now = try receive(&result)
      if result.reads % 64 == 0, stop() { end = now }
    } while true
    result.nanoseconds = now - start
    return result
  }

  private func send(
    _ count: Int, from first: Int, _ source: inout some RequestSource
  ) throws(Failure) {
    lines.removeAll(keepingCapacity: true)
    if asideIsDue, let aside { lines += aside }
    asideIsDue = false
    for _ in 0..<count {
      source.append(id: nextID, to: &lines)
      nextID += 1
    }
    // More would fill the pipe while the engine waits for us to read: neither would go on.
    precondition(lines.count <= 1 << 16 || count == 1, "what is in flight fits into a pipe")
    let now = monotonicNanoseconds()
    for number in first..<first + count { sentAt[number % sentAt.count] = now }
    try process.write(lines)
  }

  /// Waits for the answer to the line that is still under way, and sends it no more.
  func endAside() throws(Failure) {
    var result = Result()
    while aside != nil, !asideIsDue { _ = try receive(&result) }
    aside = nil
    guard result.errors == 0 else { throw .data("refused: \(result.firstError)") }
  }

  /// Reads once and takes what is whole; when that was.
  private func receive(_ result: inout Result) throws(Failure) -> Int64 {
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[held...])
    guard room.count > 0 else { throw .data("an answer is longer than \(buffer.count) bytes") }
    let count = try process.read(into: room)
    guard count > 0 else { throw .io("the engine has gone") }
    let now = monotonicNanoseconds()
    result.reads += 1
    result.bytesRead += Int64(count)
    held = take(held + count, now, &result)
    return now
  }

  /// Takes the whole lines out of the first `count` bytes; how many bytes are left over.
  private func take(_ count: Int, _ now: Int64, _ result: inout Result) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    var start = 0
    // What was held had no line's end in it.
    var searched = held
    while let found = memchr(base + searched, 0x0A, count - searched) {
      let end = found - UnsafeMutableRawPointer(base)
      note(UnsafeRawBufferPointer(rebasing: buffer[start..<end]), now, &result)
      start = end + 1
      searched = start
    }
    if start < count, start > 0 { memmove(base, base + start, count - start) }
    return count - start
  }

  /// Counts an answer: of the load, or of the line beside it.
  private func note(_ line: UnsafeRawBufferPointer, _ now: Int64, _ result: inout Result) {
    if aside != nil, isAside(line) {
      asideIsDue = true
    } else {
      result.latencies.append(now - sentAt[result.answered % sentAt.count])
      result.answered += 1
    }
    guard !holdsMark(line) else { return }
    if result.errors == 0 { result.firstError = String(decoding: line.prefix(500), as: UTF8.self) }
    result.errors += 1
  }

  /// Whether the id, which stands at the 23rd place, has one digit only.
  private func isAside(_ line: UnsafeRawBufferPointer) -> Bool {
    line.count > 23 && line[23] == UInt8(ascii: ",")
  }

  /// Looks for the mark near the line's beginning.
  private func holdsMark(_ line: UnsafeRawBufferPointer) -> Bool {
    guard var place = line.baseAddress else { return false }
    var rest = min(line.count, Self.reach)
    while rest >= mark.count, let found = memchr(place, Int32(mark[0]), rest) {
      rest -= UnsafeRawPointer(found) - place
      if rest >= mark.count, memcmp(found, mark, mark.count) == 0 { return true }
      place = UnsafeRawPointer(found) + 1
      rest -= 1
    }
    return false
  }
}
