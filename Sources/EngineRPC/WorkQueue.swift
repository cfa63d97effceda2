// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSONRPC
import LedgerCore

/// Requests that were read and are not served yet, in the order they were read; beside them those
/// that the host serves.
struct WorkQueue {
  /// How many requests one group serves at most.
  static let groupLimit = 256
  /// How many requests a batch may hold: more than a line of real ones does, so that answers to a
  /// hostile one stay small.
  private static let batchLimit = 10_000

  private var works: [Work] = []
  private var start = 0
  /// Whether one of them may be a bulk issue.
  private var mayIssue = false
  var handedOver = HandedOver()

  var isEmpty: Bool { start == works.count }

  /// All of it.
  var all: [Work] { handedOver.all + works[start...] }

  // MARK: In

  mutating func add(_ work: Work) {
    works.append(work)
    if work.isBulkIssue { mayIssue = true }
  }

  /// Takes what has come in whole.
  mutating func add(all framer: inout LineFramer) {
    while framer.takeNext({ add($0) }) {}
  }

  mutating func add(_ frame: LineFramer.Frame) {
    switch frame {
    case .line(let bytes): bytes.withUnsafeBufferPointer { add(LineFramer.LentFrame.line($0)) }
    case .oversized: add(LineFramer.LentFrame.oversized)
    }
  }

  private mutating func add(_ frame: LineFramer.LentFrame) {
    let incoming = Incoming(frame)
    switch consume incoming {
    case .fault(let fault): add(Work(.invalid(id: nil, fault)))
    case .single(let call):
      var line: [UInt8]?
      if handedOver.isOpen, case .line(let bytes) = frame { line = Array(bytes) }
      add(Work(call, line: line))
    case .batch(let calls) where calls.count > Self.batchLimit:
      let fault = Fault.invalidRequest.because("a batch holds at most \(Self.batchLimit) requests")
      add(Work(.invalid(id: nil, fault)))
    case .batch(let calls):
      let batch = BatchAnswer(calls: calls.count)
      for (place, call) in calls.enumerated() { add(Work(call, in: batch, at: place)) }
    }
  }

  /// Puts requests before all others.
  mutating func putBack(_ earlier: [Work]) {
    works.replaceSubrange(0..<start, with: earlier)
    start = 0
    mayIssue = true
  }

  // MARK: Out

  /// Whether the next request can be served now, here or by the host.
  ///
  /// Requests are served in the order they were read: nothing is served here while the host has not
  /// answered, nothing there while something waits here, as for a stretched PIN, and there nothing
  /// behind what is about the same.
  func hasNext(besides waiting: Int) -> Bool {
    guard start < works.count else { return false }
    if waiting == 0, handedOver.takes(works[start]) {
      return handedOver.hasRoom(for: works[start])
    }
    return handedOver.isEmpty
  }

  /// Takes the requests of the next group; none where they go to the host.
  mutating func takeGroup(besides waiting: Int, at now: @autoclosure () -> Instant) -> [Work] {
    var next = works[start..<min(start + Self.groupLimit, works.count)]
    // A bulk issue may be long: the group ends with it, so that other tills get their turn.
    if mayIssue, let issue = next.firstIndex(where: \.isBulkIssue) { next = next[...issue] }
    if waiting == 0, handedOver.isOpen {
      var hosted = 0
      for work in next {
        guard handedOver.takes(work), handedOver.hasRoom(for: work) else { break }
        handedOver.take(work, at: now())
        hosted += 1
      }
      guard hosted == 0 else {
        advance(by: hosted)
        return []
      }
      next = next.prefix { !handedOver.takes($0) }
    }
    let group = Array(next)
    advance(by: group.count)
    return group
  }

  private mutating func advance(by count: Int) {
    start += count
    guard start == works.count else { return }
    works.removeAll(keepingCapacity: true)
    start = 0
    mayIssue = false
  }
}
