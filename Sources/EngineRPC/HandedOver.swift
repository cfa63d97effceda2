// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// Requests that the host serves: another engine of this machine, in whose groups they are.
struct HandedOver {
  /// How many may be with the host at a time: a group's fill.
  private static let limit = 256
  /// Longer lines than this are served here.
  private static let lineLimit = 1 << 16

  /// Whether there is a host to hand over to.
  private(set) var isOpen = false
  private var waiting: [UInt64: Work] = [:]
  private var touches = Touches()
  /// What the host has left to us, until all that was read before is answered.
  private var declined: [UInt64: Work] = [:]
  private var unsent: [HostedRequest] = []
  private var lastNumber: UInt64 = 0

  var isEmpty: Bool { waiting.isEmpty }

  /// All that wait for the host, in the order they were read.
  var all: [Work] {
    waiting.merging(declined) { first, _ in first }.sorted { $0.key < $1.key }.map(\.value)
  }

  mutating func open() { isOpen = true }

  /// The host is gone: gives back what it has not answered, in the order it was read.
  ///
  /// What of it the host has carried out all the same is found by its key. It is not handed over
  /// again: only we know that nobody has heard of that. Where a wrong PIN may have been counted
  /// already, the client is told to ask again.
  mutating func close() -> [Work] {
    let all = all
    for work in all { work.stays() }
    for work in waiting.values where work.touch.givesPIN { work.isUncertain = true }
    self = HandedOver(lastNumber: lastNumber)
    return all
  }

  init() {}

  private init(lastNumber: UInt64) { self.lastNumber = lastNumber }

  /// Whether the host may serve it.
  ///
  /// It needs a key where it changes something, since it may be sent twice, and somebody who waits
  /// for its answer. What others would have to wait for long stays here.
  func takes(_ work: Work) -> Bool {
    guard isOpen, declined.isEmpty, let line = work.line, line.count <= Self.lineLimit,
      work.batch == nil, work.id != nil, work.ticket == nil, let method = work.method
    else { return false }
    return method.isHosted
  }

  /// Whether this request, which it takes, may be with the host beside those that are.
  ///
  /// If the host dies, requests that it has served are served again, and those that it has
  /// refused or that only read are then answered as of then. So none is sent behind another on the
  /// same card that is not answered.
  func hasRoom(for work: Work) -> Bool {
    waiting.count < Self.limit && !touches.meet(work.touch)
  }

  mutating func take(_ work: Work, at now: Instant) {
    guard let line = work.line else { preconditionFailure("it takes no other") }
    work.handedOverAt = now
    lastNumber += 1
    waiting[lastNumber] = work
    touches.add(work.touch)
    unsent.append(HostedRequest(number: lastNumber, line: line))
  }

  mutating func takeUnsent() -> [HostedRequest] {
    defer { unsent.removeAll(keepingCapacity: true) }
    return unsent
  }

  /// The host has answered, or leaves the request to us; false where it was not asked.
  mutating func answered(_ number: UInt64, isServed: Bool) -> Bool {
    guard let work = waiting.removeValue(forKey: number) else { return false }
    touches.remove(work.touch)
    if !isServed {
      work.stays()
      declined[number] = work
    }
    return true
  }

  /// The requests that the host has left to us, in the order they were read; it hears that we know.
  mutating func takeDeclined() -> [Work] {
    guard !declined.isEmpty else { return [] }
    defer { declined = [:] }
    unsent.append(.heard)
    return declined.sorted { $0.key < $1.key }.map(\.value)
  }
}

/// A request on its way to the host.
package struct HostedRequest: Sendable {
  /// What its answer is called by.
  package let number: UInt64
  /// The line, without its end.
  package let line: [UInt8]

  /// All that the host has left to us is known to be.
  static let heard = HostedRequest(number: 0, line: [])

  package init(number: UInt64, line: [UInt8]) {
    self.number = number
    self.line = line
  }
}
