// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Groups of one ledger, event by event: engines that gather what has come, a lock that they take
/// in turn, processors that serve in the order of asking, and a log whose syncs are shared.
///
/// The same scenario gives the same result, to the nanosecond.
package struct LedgerSimulation {
  /// Where a group is; each step ends with an event.
  enum Step {
    case read, sendFirst, begin, lock, look, receiveFirst, decide, sendSecond, write
    case barrier, sync, receiveSecond, answer
  }

  enum Event {
    case request(Int)
    /// The client has got so many answers, and asks as many times again.
    case again(Int, Int)
    case done(Int, Step)
    case synced
  }

  struct EngineState {
    /// When each request came that is in no group yet.
    var waiting = Queue<Int64>()
    /// When those of the group came.
    var group: [Int64] = []
    var isBusy = false
    var lockAsked: Int64 = 0
  }

  let scenario: Scenario
  var agenda = Agenda<Event>()
  var chance: Chance
  var engines: [EngineState]
  var server: Processors
  /// None where they share the server's.
  var engineProcessors: [Processors]
  var now: Int64 = 0
  /// Who holds the lock, since when, and who waits for it.
  var holder: Int?
  var heldSince: Int64 = 0
  var heldTime: Int64 = 0
  var lockQueue = Queue<Int>()
  /// Whose barrier waits for the next sync, and whose is in the one under way.
  var unsynced: [Int] = []
  var syncing: [Int] = []
  var result = Foretold()
  let countsFrom: Int64
  let end: Int64

  package init(_ scenario: Scenario) {
    self.scenario = scenario
    chance = Chance(seed: scenario.seed)
    engines = Array(repeating: EngineState(), count: scenario.engines)
    switch scenario.machines {
    case .shared(let count): (server, engineProcessors) = (Processors(count), [])
    case .apart(let count, let each):
      server = Processors(count)
      engineProcessors = Array(repeating: Processors(each), count: scenario.engines)
    }
    countsFrom = Int64(scenario.warmUp * 1e9)
    end = countsFrom + Int64(scenario.seconds * 1e9)
  }

  package static func run(_ scenario: Scenario) -> Foretold {
    var simulation = LedgerSimulation(scenario)
    return simulation.run()
  }

  private mutating func run() -> Foretold {
    for engine in engines.indices { begin(engine) }
    while let (time, event) = agenda.next(), time <= end {
      now = time
      serve(event)
    }
    now = end
    result.seconds = scenario.seconds
    result.latencies.sort()
    result.lockHeld =
      Double(heldTime + (holder == nil ? 0 : counted(since: heldSince)))
      / Double(end - countsFrom)
    result.serverUsed = Double(server.used) / Double(end - countsFrom) / Double(server.count)
    return result
  }

  // MARK: Requests

  private mutating func begin(_ engine: Int) {
    switch scenario.demand {
    case .perSecond(let rate):
      agenda.plan(.request(engine), at: Int64(chance.pause(1e9 / rate)))
    case .inFlight(let count): agenda.plan(.again(engine, count), at: 0)
    }
  }

  private mutating func serve(_ event: Event) {
    switch event {
    case .request(let engine):
      if case .perSecond(let rate) = scenario.demand {
        agenda.plan(.request(engine), at: now + Int64(chance.pause(1e9 / rate)))
      }
      engines[engine].waiting.add(now)
      if !engines[engine].isBusy { start(engine) }
    case .again(let engine, let count):
      for _ in 0..<count { engines[engine].waiting.add(now) }
      if !engines[engine].isBusy { start(engine) }
    case .done(let engine, let step): finish(engine, step)
    case .synced: finishSync()
    }
  }

  /// Makes a group of what waits at an engine.
  private mutating func start(_ engine: Int) {
    var group: [Int64] = []
    while group.count < scenario.groupLimit, let came = engines[engine].waiting.take() {
      group.append(came)
    }
    engines[engine].group = group
    engines[engine].isBusy = !group.isEmpty
    if !group.isEmpty { compute(engine, .read, scenario.costs.read) }
  }

  // MARK: Time

  /// Time of a step that is partly random.
  private mutating func varied(_ time: Int64) -> Int64 {
    let spread = scenario.costs.spread
    guard spread > 0, time > 0 else { return time }
    return Int64(Double(time) * (1 - spread) + chance.pause(Double(time) * spread))
  }

  /// Has a processor of the engine or the server do a step.
  private mutating func compute(_ engine: Int, _ step: Step, _ cost: Cost) {
    let time = varied(cost.of(engines[engine].group.count))
    let isEngine = step == .read || step == .decide || step == .answer
    let done =
      isEngine && !engineProcessors.isEmpty
      ? engineProcessors[engine].serve(time, at: now, countingFrom: countsFrom, to: end)
      : server.serve(time, at: now, countingFrom: countsFrom, to: end)
    agenda.plan(.done(engine, step), at: done)
  }

  private mutating func travel(_ engine: Int, _ step: Step) {
    agenda.plan(.done(engine, step), at: now + scenario.costs.hop + scenario.costs.wake)
  }

  /// How much of the time since then is counted.
  private func counted(since then: Int64) -> Int64 { max(0, now - max(then, countsFrom)) }

  /// What is paid only where there are others.
  private func cold(_ cost: Cost) -> Cost { scenario.engines > 1 ? cost : Cost() }

  // MARK: Steps

  private mutating func finish(_ engine: Int, _ step: Step) {
    let costs = scenario.costs
    switch step {
    case .read: travel(engine, .sendFirst)
    case .sendFirst: compute(engine, .begin, costs.begin)
    case .begin: askForLock(engine)
    case .lock: compute(engine, .look, costs.look + cold(costs.coldServer))
    case .look: travel(engine, .receiveFirst)
    case .receiveFirst: compute(engine, .decide, costs.decide + cold(costs.coldEngine))
    case .decide: travel(engine, .sendSecond)
    case .sendSecond: compute(engine, .write, costs.write)
    case .write:
      giveUpLock()
      compute(engine, .barrier, costs.barrier)
      let aside = varied(costs.beside.of(engines[engine].group.count))
      if aside > 0 { _ = server.serve(aside, at: now, countingFrom: countsFrom, to: end) }
    case .barrier:
      unsynced.append(engine)
      if syncing.isEmpty { startSync() }
    case .sync: travel(engine, .receiveSecond)
    case .receiveSecond: compute(engine, .answer, costs.answer)
    case .answer: answer(engine)
    }
  }

  private mutating func askForLock(_ engine: Int) {
    engines[engine].lockAsked = now
    if holder == nil {
      (holder, heldSince) = (engine, now)
      compute(engine, .look, scenario.costs.look + cold(scenario.costs.coldServer))
    } else {
      lockQueue.add(engine)
    }
  }

  private mutating func giveUpLock() {
    heldTime += counted(since: heldSince)
    holder = lockQueue.take()
    guard let next = holder else { return }
    heldSince = now
    if now >= countsFrom {
      result.longestLockWait = max(result.longestLockWait, now - engines[next].lockAsked)
    }
    agenda.plan(.done(next, .lock), at: now + scenario.costs.wake)
  }

  private mutating func startSync() {
    (syncing, unsynced) = (unsynced, [])
    if now >= countsFrom { result.syncs += 1 }
    agenda.plan(.synced, at: now + varied(scenario.costs.sync))
  }

  private mutating func finishSync() {
    for engine in syncing { agenda.plan(.done(engine, .sync), at: now) }
    syncing = []
    if !unsynced.isEmpty { startSync() }
  }

  private mutating func answer(_ engine: Int) {
    let group = engines[engine].group
    if now >= countsFrom {
      result.answered += group.count
      result.groups += 1
      for came in group { result.latencies.append(now - came) }
    }
    // A client is served by the machine that is measured, and by none where machines are apart.
    let time = engineProcessors.isEmpty ? varied(scenario.costs.client.of(group.count)) : 0
    let asked = server.serve(time, at: now, countingFrom: countsFrom, to: end)
    if case .inFlight = scenario.demand {
      agenda.plan(.again(engine, group.count), at: asked + scenario.costs.wake)
    }
    start(engine)
  }
}
