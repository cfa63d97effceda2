// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import LedgerCore
import Secrets
import Store

/// One ledger with the process that serves it: clock, randomness and ground are given.
///
/// When the process ends, by a fault or by a restart, the next one goes on with the same ground.
final class SimulatedLedger {
  private let ground: any Ground
  private let dayStart: Int64
  private let clock: SimulatedClock
  private let random: SimulatedRandom
  private var store: any LedgerStore
  private(set) var session: Session

  init(
    now: Int, dayStart: Int, isTest: Bool, seed: UInt64, on ground: any Ground
  ) throws(StoreError) {
    let identity = LedgerIdentity(
      id: String(repeating: "5", count: 32), currency: "CNY", timezone: "Asia/Shanghai",
      dayStartMinutes: dayStart, isTest: isTest)
    self.ground = ground
    self.dayStart = Int64(dayStart)
    clock = SimulatedClock(now)
    random = SimulatedRandom(seed)
    try ground.make(identity, HashChain(Self.keys))
    store = try ground.open(HashChain(Self.keys), forgetting: false)
    session = try Self.session(store, clock, random, dayStart: self.dayStart)
  }

  private static func session(
    _ store: any LedgerStore, _ clock: SimulatedClock, _ random: SimulatedRandom, dayStart: Int64
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

  var journalLength: Int { Int(store.working.head.sequence) }

  /// Whether the store fails when it is told to.
  var canFail: Bool { faulty != nil }

  private var faulty: SimulatedStore? { store as? SimulatedStore }

  /// The process ends and another begins, perhaps without what was folded.
  func restart(forgetting: Bool = false) throws(StoreError) {
    store = try ground.open(HashChain(Self.keys), forgetting: forgetting)
    session = try Self.session(store, clock, random, dayStart: dayStart)
  }

  /// How many of the planned faults have struck in the last exchange.
  var faultsStruck: Int { faulty?.struck ?? 0 }

  /// Whether the group with which the process died was kept.
  var wasKept: Bool { faulty?.wasKept ?? false }

  /// Serves these lines, with faults as planned; answers what came out, and whether the process
  /// has died of it.
  func exchange(_ input: [UInt8], _ plan: FaultPlan = FaultPlan()) -> (output: [UInt8], died: Bool)
  {
    faulty?.plan(plan)
    defer { faulty?.heal() }
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
