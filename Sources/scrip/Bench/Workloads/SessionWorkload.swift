// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import Glibc
import JSON
import LedgerCore
import Secrets
import Store

/// Debits in a session over a ledger in memory: all of a debit but SQLite, the disk and the pipe.
///
/// Its processor time is what JSON, rules, PIN and bookkeeping cost.
final class SessionWorkload: Workload {
  static let name = "session"
  static let summary = "processor time of a debit without store and pipe"

  private let store: DisklessStore
  private let session: Session
  private let clock: ShopClock
  private let cards: Int
  private let seconds: Double
  private var debits: DebitRequests
  private var lines: [UInt8] = []
  private var output: [UInt8] = []
  private static let group = 64

  init(_ ground: BenchGround) throws(Failure) {
    seconds = ground.settings.seconds / 3
    cards = min(ground.settings.cards, 100_000)
    clock = ShopClock(now: ShopClock.opening, cards: cards)
    debits = DebitRequests(clock: clock, cards: 0..<cards, seed: 80)
    let identity = LedgerIdentity(
      id: String(repeating: "0", count: 32), currency: "CNY", timezone: "Asia/Shanghai",
      dayStartMinutes: 0, isTest: true)
    let keys = KeyRing.fresh(at: 0)
    let surroundings = Engine.Surroundings(
      clock: .manual(clock.now), calendar: .fixed(offsetMinutes: 480), keys: keys,
      random: { randomBytes($0) })
    do {
      store = try DisklessStore(identity: identity, chain: HashChain(keys))
      let engine = try Engine(store: store, in: surroundings)
      session = Session(engine: engine, about: About(defaults: Origin(), libraries: []))
    } catch {
      throw Failure(error)
    }
    lines = JSONTree.requestLine(
      id: 1, "program.set",
      [
        "idempotency_key": "rules", "program": ["anomaly": ["rules": .array(ShopRules.rules)]],
      ])
    try serve(1)
    var opening = CardOpening(clock: clock)
    for number in 0..<cards {
      lines.removeAll(keepingCapacity: true)
      opening.append(id: 100_000_000 + number, to: &lines)
      try serve(1)
    }
    store.settle()
    clock.advance(milliseconds: 86_400_000)
  }

  func round(into results: inout Results) throws(Failure) {
    let start = monotonicNanoseconds()
    var usage = ProcessUsage(processor: 0, written: 0)
    var count = 0
    while monotonicNanoseconds() - start < Int64(seconds * 1e9) {
      lines.removeAll(keepingCapacity: true)
      for number in 0..<Self.group {
        debits.append(id: 100_000_000 + number, to: &lines)
      }
      usage.processor += try serve(Self.group)
      count += Self.group
    }
    let sample = Sample(
      count: count, nanoseconds: monotonicNanoseconds() - start, latencies: [], usage: usage,
      groups: count / Self.group)
    results.add("session in memory 64", sample)
  }

  /// Gives the session the lines and takes so many good answers; what the session used of the
  /// processor, in nanoseconds.
  @discardableResult
  private func serve(_ count: Int) throws(Failure) -> Int64 {
    output.removeAll(keepingCapacity: true)
    let start = threadNanoseconds()
    lines.withUnsafeBytes { session.receive($0) }
    do {
      while session.hasWork { try session.turn(into: &output) }
    } catch {
      throw Failure(error)
    }
    session.tidy()
    store.maintain()
    let used = threadNanoseconds() - start
    let answers = output.count { $0 == 0x0A }
    guard answers == count, !startsWithError else {
      throw .data("the session: \(String(decoding: output.prefix(500), as: UTF8.self))")
    }
    return used
  }

  /// Whether the first answer tells of an error.
  ///
  /// Without a `String`: searching that put more in the processor's caches than a debit does.
  private var startsWithError: Bool {
    let member = #""error":"#.utf8
    return output.indices.prefix(80).contains { output[$0...].starts(with: member) }
  }

  func finish(into results: inout Results) throws(Failure) {}
}
