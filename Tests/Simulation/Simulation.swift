// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// A random program of operations, played against the engine and the model at once.
///
/// All that happens follows from its bytes: the first chunk is the surroundings, each later one an
/// operation. So a seed makes a program, a fuzzer's input is one, and taking chunks out of a
/// program that fails leaves a smaller one.
package struct Simulation {
  /// How many bytes an operation takes.
  package static let chunkSize = 16

  /// Where the engine and the model part.
  package struct Failure: Error, CustomStringConvertible {
    package let operation: Int
    package let message: String
    package let request: String

    package var description: String { "operation \(operation): \(message)\n\(request)" }
  }

  let chunks: [ArraySlice<UInt8>]
  let ledger: SimulatedLedger
  private let isTest: Bool
  private let coupons: Bool
  var shop: PlainShop
  var names = Names()
  private var history: [PlainRequest] = []
  private var waiting: [PlainRequest] = []
  private var groupSize = 1
  private var plan = FaultPlan()
  private var sent = 0
  private var operation = 0
  /// The requests so far, as lines.
  private(set) var transcript: [UInt8] = []
  /// Everything that the engine answered.
  package private(set) var output: [UInt8] = []
  /// How many requests were served, by what became of them.
  package private(set) var tally: [String: Int] = [:]

  /// On a ground of its own in memory, where things go wrong, unless another is given.
  package init(_ bytes: [UInt8], coupons: Bool = true, on ground: (any Ground)? = nil) throws {
    chunks = stride(from: 0, to: bytes.count, by: Self.chunkSize).map {
      bytes[$0..<min($0 + Self.chunkSize, bytes.count)]
    }
    var dice = Dice(chunks.first ?? [])
    // 2 March 2026, a Monday, at a quarter past ten in Shanghai.
    let start = 1_772_417_700_000
    let dayStart = dice.pick([0, 240, 1_439])
    isTest = dice.once(in: 2)
    let slice = dice.pick([0, 1, 7, 40])
    self.coupons = coupons && !dice.once(in: 3)
    shop = PlainShop(now: start, dayStart: dayStart)
    ledger = try SimulatedLedger(
      now: start, dayStart: dayStart, isTest: isTest, seed: UInt64(dice.below(1 << 30)),
      on: ground ?? MemoryGround(slice: slice))
  }

  /// A program of so many operations that the seed decides.
  package static func program(seed: UInt64, operations: Int) -> [UInt8] {
    SplitMix64.bytes(chunkSize * (operations + 1), seed: seed)
  }

  /// Plays it to the end; throws `Failure` where engine and model part.
  package mutating func run() throws {
    for chunk in chunks.dropFirst() {
      operation += 1
      try play(Dice(chunk))
    }
    try flush()
    try takeStock()
  }

  private mutating func play(_ operation: Dice) throws {
    var dice = operation
    switch dice.below(64) {
    case 0 where isTest:
      waiting.append(PlainRequest("clock.advance", ["seconds": .number(dice.below(9_000))]))
      if waiting.count >= groupSize { try flush() }
    case 0...2:
      try flush()
      try moveClock(dice)
    case 3: try restart(dice)
    case 4: groupSize = 1 + dice.below(12)
    case 5...6: planFaults(&dice)
    case 7 where dice.once(in: 3):
      try flush()
      try takeStock()
    case 8:
      try flush()
      do { try ledger.sweep() } catch { throw failure("a sweep fails: \(error)", nil) }
    default:
      var writer = RequestWriter(
        shop: shop, names: names, history: history, freshKey: "k\(self.operation)", dice: dice)
      waiting.append(writer.next(coupons: coupons))
      if waiting.count >= groupSize { try flush() }
    }
  }

  func failure(_ message: String, _ request: PlainRequest?) -> Failure {
    Failure(
      operation: operation, message: message,
      request: request.map { String(decoding: names.line($0, id: 0).dropLast(), as: UTF8.self) }
        ?? "")
  }

  // MARK: What happens around the requests

  private mutating func moveClock(_ operation: Dice) throws {
    var dice = operation
    let seconds = dice.pick([
      1, 59, 600, 3_600, 7_200, 30_000, 86_400, 86_399, dice.below(400_000),
      (shop.start(of: shop.day + 1) - shop.now) / 1000,
    ])
    if isTest {
      let request = PlainRequest("clock.advance", ["seconds": .number(seconds)])
      return try serve(request, try answer(to: request))
    }
    // A wall clock may also be set back; ledger time then stands still, at the newest entry or
    // wherever else it was seen, until the clock has caught up.
    let isBack = dice.once(in: 6)
    ledger.now = isBack ? shop.now - seconds * 500 : shop.now + seconds * 1000 + dice.below(1000)
    let told = try answer(to: PlainRequest("system.info"))
    guard let now = told["result"]?["clock"]?["now"]?.text.flatMap({ PlainTime.milliseconds($0) }),
      now == ledger.now || (isBack && now >= shop.entries.last?.at ?? 0 && now <= shop.now)
    else { throw failure("the clock shows \(told.canonicalText)", nil) }
    shop.now = now
  }

  private mutating func restart(_ operation: Dice) throws {
    var dice = operation
    try flush()
    if isTest { ledger.now = shop.now }
    do {
      try ledger.restart(forgetting: dice.once(in: 3))
    } catch {
      throw failure("the ledger does not open again: \(error)", nil)
    }
  }

  private mutating func planFaults(_ dice: inout Dice) {
    plan = FaultPlan()
    if dice.once(in: 4) {
      plan.faults[1 + dice.below(4)] = .failed(kept: dice.once(in: 2))
    } else {
      for _ in 0...dice.below(3) {
        plan.faults[1 + dice.below(8)] = dice.once(in: 2) ? .full : .busy
      }
    }
  }

  // MARK: Sending

  /// Sends what waits as one write, and compares every answer.
  private mutating func flush() throws {
    let requests = waiting
    waiting = []
    guard !requests.isEmpty else { return }
    let planned = ledger.canFail ? plan.fit(for: requests) : FaultPlan()
    plan = FaultPlan()
    var lines: [UInt8] = []
    for request in requests {
      sent += 1
      lines += names.line(request, id: sent)
    }
    let (bytes, died) = ledger.exchange(lines, planned)
    transcript += lines
    output += bytes
    let answers = try documents(bytes)
    guard answers.count == requests.count else {
      throw failure("\(answers.count) answers to \(requests.count) requests", requests.first)
    }
    var unserved: [PlainRequest] = []
    for (request, answer) in zip(requests, answers) {
      let code = answer["error"]?["data"]?["code"]?.text
      if code == "unavailable" || code == "storage_full" {
        unserved.append(request)
        tally["struck", default: 0] += 1
      } else {
        try serve(request, answer)
      }
    }
    guard died else {
      if unserved.count > ledger.faultsStruck {
        throw failure("refused for faults that did not happen", unserved.first)
      }
      return
    }
    try recover(unserved)
  }

  /// The process has died, and nobody knows whether its last group was kept: it is sent again.
  private mutating func recover(_ requests: [PlainRequest]) throws {
    tally["died", default: 0] += 1
    if ledger.wasKept { for request in requests { _ = shop.serve(request) } }
    if isTest { ledger.now = shop.now }
    do {
      try ledger.restart()
    } catch {
      throw failure("the ledger does not open again: \(error)", nil)
    }
    for request in requests { try serve(request, try answer(to: request)) }
  }

  mutating func answer(to request: PlainRequest) throws -> JSONTree {
    sent += 1
    let (bytes, died) = ledger.exchange(names.line(request, id: sent))
    output += bytes
    let answers = try documents(bytes)
    guard !died, let answer = answers.first, answers.count == 1 else {
      throw failure("\(answers.count) answers to one request", request)
    }
    return answer
  }

  private func documents(_ bytes: [UInt8]) throws -> [JSONTree] {
    try bytes.split(separator: 0x0A).map { line in
      guard let document = try? JSONDocument.parse(line) else {
        throw failure("an answer is not JSON: \(String(decoding: line, as: UTF8.self))", nil)
      }
      return JSONTree(document.root)
    }
  }

  // MARK: Comparing

  private mutating func serve(_ request: PlainRequest, _ answer: JSONTree) throws {
    let expected = shop.serve(request)
    if request.key != nil, request.spoilt == nil { history.append(request) }
    switch expected {
    case .result: tally[request.method, default: 0] += 1
    case .refused(let code, _, _): tally[code, default: 0] += 1
    case .invalid: tally["invalid_params", default: 0] += 1
    }
    try expect(request, expected, answer)
  }

  mutating func expect(
    _ request: PlainRequest, _ expected: PlainAnswer, _ answer: JSONTree
  ) throws {
    let mine: Plain
    switch expected {
    case .result(let result): mine = ["result": result, "error": .absent]
    case .refused(let code, let field, let details):
      mine = [
        "result": .absent,
        "error": [
          "data": [
            "code": .text(code), "field": .optional(field), "details": .object(details),
          ]
        ],
      ]
    case .invalid(let field):
      mine = [
        "result": .absent,
        "error": ["code": -32602, "data": ["code": "invalid_params", "field": .text(field)]],
      ]
    }
    if let found = names.mismatch(mine, answer) {
      throw failure(found + "\n" + answer.canonicalText.prefix(4_000), request)
    }
    shop.learn(names)
  }
}

extension JSONTree {
  var text: String? { if case .string(let text) = self { text } else { nil } }
  var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
  var elements: [JSONTree] { if case .array(let elements) = self { elements } else { [] } }
}
