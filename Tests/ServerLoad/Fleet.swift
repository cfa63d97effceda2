// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc

/// Engine processes on one ledger, and the one thread that asks them all.
struct Fleet {
  /// One process and what it has not answered.
  private struct Till {
    let engine: ChildProcess
    let number: Int
    /// When each request was due that is not answered yet; answers come in the order of requests.
    var due: [Int64] = []
    /// How many of `due` are answered.
    var answered = 0
    var sent = 0
    /// When the next request comes, where that does not depend on answers.
    var next = Int64.max

    var inFlight: Int { due.count - answered }
  }

  private let ledger: ServerLedger
  private let demand: Demand
  private let isHot: Bool
  private let run = "\(getpid())-\(nanoseconds())"
  private var tills: [Till] = []
  private var random = SystemRandomNumberGenerator()
  private var outcome = Outcome()
  private var isCounting = false
  private var isOver = false
  private var lines: [UInt8] = []
  /// How long is served before anything is counted: sessions, statements and caches are made then,
  /// and what has piled up meanwhile is done.
  private var warmUp: Int64 { max(1_000_000_000, Int64(demand.processes) * 50_000_000) }

  init(_ ledger: ServerLedger, _ demand: Demand, isHot: Bool) throws {
    (self.ledger, self.demand, self.isHot) = (ledger, demand, isHot)
    for number in 0..<demand.processes {
      tills.append(Till(engine: try ledger.serve(), number: number))
    }
    for till in tills {
      try till.engine.write(#"{"jsonrpc":"2.0","id":0,"method":"system.ping"}"#.utf8 + [0x0A])
      try ServerLedger.check(till.engine.line(), of: till.engine)
    }
  }

  mutating func run(seconds: Double) throws -> Outcome {
    let start = nanoseconds()
    for place in tills.indices { try begin(place, start) }
    try serve(until: start + warmUp)
    isCounting = true
    let usage = Usage.now(tills.map(\.engine.pid))
    let began = nanoseconds()
    try serve(until: began + Int64(seconds * 1e9))
    outcome.seconds = Double(nanoseconds() - began) / 1e9
    outcome.usage = Usage.now(tills.map(\.engine.pid)) - usage
    isCounting = false
    isOver = true
    let patience = nanoseconds() + 15_000_000_000
    while tills.contains(where: { $0.inFlight > 0 }), nanoseconds() < patience {
      try serve(until: nanoseconds() + 10_000_000)
    }
    for till in tills { try till.engine.closeInput() }
    for till in tills {
      guard try till.engine.wait() == .code(0) else { throw HarnessFailure(till.engine.errors) }
    }
    return outcome
  }

  /// The first requests of a till.
  private mutating func begin(_ place: Int, _ now: Int64) throws {
    switch demand.kind {
    case .inFlight(let count): try ask(place, count, due: now)
    case .perSecond(let rate): tills[place].next = now + pause(rate)
    }
  }

  private mutating func serve(until end: Int64) throws {
    let engines = tills.map(\.engine)
    while true {
      let now = nanoseconds()
      guard now < end else { return }
      let next = isOver ? end : min(end, try askWhatIsDue(now))
      // Rounded up: a wait of less than a millisecond would keep a processor busy.
      let wait = Int32(clamping: (max(0, next - nanoseconds()) + 999_999) / 1_000_000)
      for place in ChildProcess.written(of: engines, milliseconds: wait) { try take(place) }
    }
  }

  /// Asks what is due by the clock; when the next will be.
  private mutating func askWhatIsDue(_ now: Int64) throws -> Int64 {
    guard case .perSecond(let rate) = demand.kind else { return .max }
    var next = Int64.max
    for place in tills.indices {
      while tills[place].next <= now {
        tills[place].next += pause(rate)
        try ask(place, 1, due: nanoseconds())
      }
      next = min(next, tills[place].next)
    }
    return next
  }

  /// Takes what a process has answered.
  private mutating func take(_ place: Int) throws {
    let answers = try tills[place].engine.lines(within: 0)
    if tills[place].engine.isAtEnd { throw HarnessFailure(tills[place].engine.errors) }
    guard !answers.isEmpty else { return }
    let now = nanoseconds()
    for answer in answers {
      let due = tills[place].due[tills[place].answered]
      tills[place].answered += 1
      guard isCounting else { continue }
      if ServerLedger.isResult(answer) {
        outcome.latencies.append(now - due)
      } else {
        outcome.refuse(answer)
      }
    }
    if isCounting { outcome.reads += 1 }
    if tills[place].answered > 4096 {
      tills[place].due.removeFirst(tills[place].answered)
      tills[place].answered = 0
    }
    if case .inFlight = demand.kind, !isOver { try ask(place, answers.count, due: now) }
  }

  private mutating func ask(_ place: Int, _ count: Int, due: Int64) throws {
    lines.removeAll(keepingCapacity: true)
    for _ in 0..<count {
      tills[place].sent += 1
      tills[place].due.append(due)
      let (number, sent) = (tills[place].number, tills[place].sent)
      let shop = isHot ? "hot" : "s\(number)"
      let card = Int.random(in: 0..<ledger.cards, using: &random)
      lines += #"{"jsonrpc":"2.0","id":\#(sent),"method":"debit.create","params":{"#.utf8
      lines += #""card_no":"b\#(card)","idempotency_key":"\#(run)-\#(number)-\#(sent)","#.utf8
      lines += #""amount":1,"store_id":"\#(shop)"}}"#.utf8
      lines.append(0x0A)
    }
    let engine = tills[place].engine
    // What comes meanwhile is left where `poll` sees it.
    engine.isReading = false
    try engine.write(lines)
    engine.isReading = true
  }

  private mutating func pause(_ rate: Double) -> Int64 {
    Int64(-log(1 - Double.random(in: 0..<1, using: &random)) / rate * 1e9)
  }
}

/// Monotonic.
func nanoseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}
