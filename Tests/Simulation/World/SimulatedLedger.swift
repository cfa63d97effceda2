// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import LedgerCore
import Secrets
import Store

/// One ledger with the process that serves it, all in memory: clock, randomness and disk are given.
///
/// When the process ends, by a fault or by a restart, the next one goes on with the same tables.
final class SimulatedLedger {
  private let identity: LedgerIdentity
  private let tables = FoldedTables()
  private let slice: Int
  private let dayStart: Int64
  private let clock: SimulatedClock
  private let random: SimulatedRandom
  private var store: SimulatedStore
  private(set) var session: Session

  /// - Parameter slice: how many entries the store folds at a time; 0 for none ever.
  init(now: Int, dayStart: Int, isTest: Bool, slice: Int, seed: UInt64) throws(StoreError) {
    identity = LedgerIdentity(
      id: String(repeating: "5", count: 32), currency: "CNY", timezone: "Asia/Shanghai",
      dayStartMinutes: dayStart, isTest: isTest)
    self.slice = slice
    self.dayStart = Int64(dayStart)
    clock = SimulatedClock(now)
    random = SimulatedRandom(seed)
    store = try SimulatedStore(identity: identity, tables: tables, people: [:], slice: slice)
    session = try Self.session(store, clock, random, dayStart: self.dayStart)
  }

  private static func session(
    _ store: SimulatedStore, _ clock: SimulatedClock, _ random: SimulatedRandom, dayStart: Int64
  ) throws(StoreError) -> Session {
    let reading: @Sendable () -> Instant = { Instant(milliseconds: Int64(clock.now)) }
    let surroundings = Engine.Surroundings(
      clock: store.identity.isTest ? .manual(reading()) : .wall(reading),
      calendar: .fixed(offsetMinutes: 480, dayStartMinutes: dayStart), keys: keys,
      random: { random.next($0) })
    let engine = try Engine(store: store, in: surroundings)
    return Session(engine: engine, about: About(defaults: Origin(), libraries: []))
  }

  /// The clock that a test ledger starts with, and that any other reads.
  var now: Int {
    get { clock.now }
    set { clock.now = newValue }
  }

  var journalLength: Int { tables.journal.count }

  /// The process ends and another begins, perhaps without what was folded.
  func restart(forgetting: Bool = false) throws(StoreError) {
    if forgetting { tables.forget() }
    store = try SimulatedStore(
      identity: identity, tables: tables, people: store.people, slice: slice)
    session = try Self.session(store, clock, random, dayStart: dayStart)
  }

  /// How many of the planned faults have struck in the last exchange.
  var faultsStruck: Int { store.struck }

  /// Whether the group with which the process died was kept.
  var wasKept: Bool { store.wasKept }

  /// Serves these lines, with faults as planned; answers what came out, and whether the process
  /// has died of it.
  func exchange(_ input: [UInt8], _ plan: FaultPlan = FaultPlan()) -> (output: [UInt8], died: Bool)
  {
    store.plan(plan)
    defer { store.heal() }
    var output: [UInt8] = []
    input.withUnsafeBytes { session.receive($0) }
    do {
      while session.hasWork || session.isWaiting {
        if session.hasWork { try session.turn(into: &output) }
        store.maintain()
        for job in session.takeJobs() {
          if case .stretch(let number, let stretch) = job {
            session.deliver(stretch.run(), number: number)
          }
        }
      }
    } catch {
      return (output, true)
    }
    return (output, false)
  }

  /// Does what is due though nobody asks.
  func sweep() throws(StoreError) {
    if session.isSweepDue { try session.sweep() }
  }

  /// The same keys in each run.
  private static let keys: KeyRing = {
    let keys = ["pin", "coupon", "journal"].map { purpose in
      #"{"purpose":"\#(purpose)","id":1,"state":"signing","created_at_ms":0,"changed_at_ms":0,"#
        + #""secret":"\#(String(repeating: "5c", count: 32))"}"#
    }
    let text = #"{"version":1,"issuer":5459536,"keys":[\#(keys.joined(separator: ","))]}"#
    do {
      return try KeyRing(json: Array(text.utf8))
    } catch {
      fatalError("the keys of the simulation are no ring: \(error)")
    }
  }()
}

/// The hands of the clock; one thread uses it, though the engine asks for a Sendable function.
private final class SimulatedClock: @unchecked Sendable {
  var now: Int

  init(_ now: Int) { self.now = now }
}

/// Bytes that the seed decides, in one stream over all processes of a run.
private final class SimulatedRandom: @unchecked Sendable {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  func next(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: SplitMix64.next(&state) >> 8) }
  }
}
