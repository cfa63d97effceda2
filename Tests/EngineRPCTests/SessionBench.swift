// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import JSON
import LedgerCore
import Secrets
import Store
import Testing

/// A session over a ledger in memory, with clock, randomness and jobs in the test's hands.
struct SessionBench {
  let session: Session
  let store: MemoryStore

  static let identity = LedgerIdentity(
    id: String(repeating: "0", count: 32), currency: "CNY", timezone: "Asia/Shanghai",
    dayStartMinutes: 0, isTest: true)

  /// `wrapping` puts another store in front of the one in memory.
  init(
    seed: UInt64 = 1, wrapping: (MemoryStore) -> any LedgerStore = { $0 }
  ) throws {
    store = try MemoryStore(identity: Self.identity)
    let random = SeededBytes(seed: seed)
    let surroundings = Engine.Surroundings(
      clock: .manual(try #require(Instant(text: "2026-03-02T01:00:00Z"))),
      calendar: .fixed(offsetMinutes: 480), keys: SessionBench.keys,
      random: { random.next($0) })
    let engine = try Engine(store: wrapping(store), in: surroundings)
    session = Session(engine: engine, about: About(defaults: Origin(), libraries: []))
  }

  private static let keys = KeyRing.fresh(at: 0)

  /// Gives the session these bytes and serves until nothing is left to do, jobs included.
  func exchange(_ text: String) throws -> [JSONDocument] {
    try lines(of: feed(text))
  }

  /// The bytes answered.
  func feed(_ text: String) throws -> [UInt8] {
    Array(text.utf8).withUnsafeBytes { session.receive($0) }
    var output: [UInt8] = []
    while session.hasWork || session.isWaiting {
      if session.hasWork { try session.turn(into: &output) }
      for job in session.takeJobs() {
        guard case .stretch(let number, let stretch) = job else { continue }
        session.deliver(stretch.run(), number: number)
      }
    }
    return output
  }

  func lines(of bytes: [UInt8]) throws -> [JSONDocument] {
    try bytes.split(separator: 0x0A).map { try JSONDocument.parse(Array($0)) }
  }

  /// One request; its result or error.
  func call(_ method: String, _ params: String) throws -> JSONValue {
    let text = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"# + "\n"
    let answer = try #require(try exchange(text).first).root
    return try #require(answer["result"] ?? answer["error"])
  }
}

/// Bytes that only the seed decides.
private final class SeededBytes: @unchecked Sendable {
  // Used by one test on one thread; the engine asks for a Sendable function.
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  func next(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
      return UInt8(truncatingIfNeeded: value ^ value >> 31)
    }
  }
}
