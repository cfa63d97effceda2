// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What an account knows of its PIN: the verifier, the failures counted and the lock.
package struct PINState: Hashable, Sendable {
  /// The encoded verifier; nil while the card has no PIN.
  package internal(set) var verifier: [UInt8]?
  /// Wrong attempts since the last success, reset or end of a lock (INV-8).
  package internal(set) var failures: Int32 = 0
  package internal(set) var lock: PINLock?
  /// Entries whose requests were repeated with a wrong PIN while these failures were counted.
  package internal(set) var probed: [EntryID] = []

  init() {}

  package var isSet: Bool { verifier != nil }

  /// The lock in force at this moment.
  package func lock(at now: Instant) -> PINLock? {
    if case .until(let end) = lock, end <= now { return nil }
    return lock
  }

  /// The failures that count at this moment: a lock that has ended takes its failures with it.
  package func failures(at now: Instant) -> Int32 {
    lock != nil && lock(at: now) == nil ? 0 : failures
  }

  package func attemptsLeft(at now: Instant, maximum: Int32) -> Int32 {
    lock(at: now) != nil ? 0 : max(0, maximum - failures(at: now))
  }

  mutating func set(_ verifier: [UInt8]) {
    self.verifier = verifier
    clear()
  }

  mutating func clear() {
    failures = 0
    lock = nil
    probed = []
  }

  mutating func fail(at now: Instant, lock newLock: PINLock?) {
    if lock != nil, lock(at: now) == nil { clear() }
    failures += failures == .max ? 0 : 1
    lock = newLock ?? lock
  }

  func write(to writer: inout ByteWriter) {
    writer.optional(blob: verifier)
    writer.signed(Int64(failures))
    writer.bool(lock != nil)
    if let lock { writer.lock(lock) }
    writer.count(probed.count)
    for entry in probed { writer.unsigned(UInt64(entry.sequence)) }
  }

  init(from reader: inout ByteReader) throws(MalformedRecord) {
    verifier = try reader.optionalBlob()
    guard let failures = Int32(exactly: try reader.signed()), failures >= 0 else {
      throw MalformedRecord("failures out of range")
    }
    self.failures = failures
    lock = try reader.bool() ? try reader.lock() : nil
    for _ in 0..<(try reader.count()) { probed.append(try reader.entryID()) }
  }
}
