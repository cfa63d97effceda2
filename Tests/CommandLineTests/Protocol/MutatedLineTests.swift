// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Seeds
import Testing

/// Whatever comes on the line, each request with an id is answered exactly once, in order, and the
/// engine and its books stay whole (T37).
///
/// `SCRIP_MUTATED_LINES` sets how many lines are sent (4,000), `SCRIP_SEED` repeats a run.
@Suite struct MutatedLineTests {
  private static func number(_ name: String) -> Int? {
    getenv(name).flatMap { Int(String(cString: $0)) }
  }

  private static let count = number("SCRIP_MUTATED_LINES") ?? 4000

  /// Requests of every kind as a till sends them, with ids and keys to be filled in.
  private static let seeds: [String] = [
    #"{"jsonrpc":"2.0","id":@,"method":"account.open","params":{"card_no":"N@","idempotency_key":"#
      + #""k@","pin":"7391","registered":true,"topup":{"amount":50000,"tender":"cash"}}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"account.get","params":{"card_no":"C1"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"topup.create","params":{"card_no":"C1","amount":10000,"#
      + #""tender":"cash","idempotency_key":"k@","store_id":"s","terminal_id":"t"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"topup.quote","params":{"card_no":"C1","amount":10000}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"debit.create","params":{"card_no":"C1","amount":7,"#
      + #""idempotency_key":"k@","operator_id":"o","x_note":[1,2.5,{"a":null}]}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"debit.create","params":{"card_no":"C1","amount":7,"#
      + #""idempotency_key":"same","allow_partial":true}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"debit.authorize","params":{"card_no":"C1","amount":5,"#
      + #""expires_in":60,"idempotency_key":"k@"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"debit.refund","params":{"entry_id":"ent_5","amount":1,"#
      + #""idempotency_key":"k@"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"entry.list","params":{"card_no":"C1","limit":3}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"entry.lookup","params":{"original_idempotency_key":"#
      + #""same"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"coupon.verify","params":{"payload":"SVT1"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"campaign.create","params":{"name":"\u5238","kind":"cash","#
      + #""amount":100,"validity":{},"idempotency_key":"k@"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"checkout.quote","params":{"cart":{"lines":[{"line_id":"1","#
      + #""sku":"a","quantity":2,"unit_price":300}]},"coupons":"auto","card_no":"C1"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"ledger.trial_balance"}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"system.ping","params":{}}"#,
    #"{"jsonrpc":"2.0","method":"debit.create","params":{"card_no":"C1","amount":1,"#
      + #""idempotency_key":"k@"}}"#,
    #"[{"jsonrpc":"2.0","id":@,"method":"system.ping"},{"jsonrpc":"2.0","method":"x"},1]"#,
  ]

  /// What is put in the place of a value.
  private static let values: [String] = [
    "0", "-1", "-0", "1.5", "1e2", "1e400", "9223372036854775807", "9223372036854775808",
    "1000000000000", "1000000000001", "null", "true", "\"\"", "\"1\"", "[]", "{}", "[[[]]]",
    "\"\\ud800\"", "\"\\u0000\"", "{\"a\":1,\"a\":2}", "\"C1\"", "\"\u{5361}\"",
  ]

  @Test func `mutated lines are each answered once, in order, and break nothing`() throws {
    let seed = Self.number("SCRIP_SEED").map { UInt64($0) } ?? .random(in: 1...999_999_999)
    print("seed of the mutated lines: \(seed) (repeat with SCRIP_SEED=\(seed))")
    var random = SplitMix64(seed: seed)
    var sent = 0
    var answered = 0
    // A ledger of its own for so many: a card that is topped up for ever tells of every lot.
    while sent < Self.count {
      let shop = try Shop(["debit": ["order": "proportional"]])
      try shop.open("C1", topUp: 1_000_000)
      let end = min(sent + 4000, Self.count)
      while sent < end {
        let lines = (0..<min(200, end - sent)).map { _ in line(&random) }
        sent += lines.count
        answered += try exchange(lines, shop.engine, seed)
      }
      let books = expectResult(try shop.ask("ledger.trial_balance"))
      #expect(books.int("/total") == 0)
      try shop.close()
    }
    #expect(answered > Self.count / 2)
    counted("T37", sent, "lines, \(answered) answers")
  }

  /// Sends lines with a request behind them, and expects the answers that are due, in order.
  private func exchange(_ lines: [[UInt8]], _ engine: EngineProcess, _ seed: UInt64) throws -> Int {
    let mark = "mark-\(Self.nextMark())"
    var bytes: [UInt8] = []
    for line in lines { bytes += line + [0x0A] }
    bytes += EngineProcess.line("system.ping", id: .string(mark)).utf8 + [0x0A]
    try engine.child.write(bytes)
    let deadline = Deadline(in: 120)
    var answers: [[UInt8]] = []
    while true {
      guard let answer = try engine.child.line(deadline) else {
        throw HarnessFailure("the engine ended, seed \(seed): \(engine.child.errors)")
      }
      if try JSONDocument.parse(answer).root["id"]?.string == mark { break }
      answers.append(answer)
    }
    var rest = answers[...]
    for line in lines {
      guard let due = Due(line) else { continue }
      guard let answer = rest.popFirst() else {
        Issue.record("seed \(seed): no answer to \(String(decoding: line, as: UTF8.self))")
        break
      }
      let root = try JSONDocument.parse(answer).root
      #expect(
        due.isMet(by: root),
        "seed \(seed): \(String(decoding: line, as: UTF8.self)) is answered \(root.rawText)")
    }
    #expect(rest.isEmpty, "seed \(seed): \(rest.count) answers too many")
    return answers.count
  }

  nonisolated(unsafe) private static var marks = 0
  private static func nextMark() -> Int {
    marks += 1
    return marks
  }

  // MARK: Mutation

  private func line(_ random: inout SplitMix64) -> [UInt8] {
    let number = String(random.below(1 << 40))
    var text = Self.seeds[random.below(Self.seeds.count)].replacing("@", with: number)
    if random.below(2) == 0 { text = exchanged(text, &random) }
    var bytes = Array(text.utf8)
    guard random.below(3) > 0 else { return bytes }
    for _ in 0...random.below(3) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      switch random.below(6) {
      case 0: bytes[place] ^= UInt8(1 << random.below(8))
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(UInt8(random.below(256)), at: place)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
      case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
      default: bytes = Array(bytes[..<place])
      }
    }
    // One line each; and a CR at the end, or a BOM in front, is no part of it.
    return bytes.filter { $0 != 0x0A }
  }

  /// Another value in the place of one after a colon.
  private func exchanged(_ text: String, _ random: inout SplitMix64) -> String {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 3 else { return text }
    let place = 3 + random.below(parts.count - 3)
    let value = Self.values[random.below(Self.values.count)]
    let end = parts[place].firstIndex { ",}]".contains($0) } ?? parts[place].endIndex
    var changed = parts.map { String($0) }
    changed[place] = value + parts[place][end...]
    return changed.joined(separator: ":")
  }
}

/// The answer that a line must get, by the rules of JSON-RPC.
private enum Due {
  /// One object: with this id, or null where none could be read.
  case one(id: String?)
  /// An array with so many answers.
  case batch(Int)

  /// nil: no answer.
  init?(_ bytes: [UInt8]) {
    var line = bytes[...]
    if line.last == 0x0D { line = line.dropLast() }
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    guard !line.isEmpty else { return nil }
    guard let document = try? JSONDocument.parse(Array(line)) else {
      self = .one(id: nil)
      return
    }
    if let members = JSONTree(document.root).array {
      let due = members.compactMap { Due.request($0) }
      guard !members.isEmpty else {
        self = .one(id: nil)
        return
      }
      guard !due.isEmpty else { return nil }
      self = .batch(due.count)
      return
    }
    guard let due = Due.request(JSONTree(document.root)) else { return nil }
    self = due
  }

  private static func request(_ tree: JSONTree) -> Due? {
    guard case .object = tree else { return .one(id: nil) }
    let isRequest =
      tree["jsonrpc"]?.string == "2.0" && tree["method"]?.string != nil
    guard let id = tree["id"] else { return isRequest ? nil : .one(id: nil) }
    return .one(id: id.text)
  }

  func isMet(by answer: JSONValue) -> Bool {
    let tree = JSONTree(answer)
    switch self {
    case .batch(let count): return tree.array?.count == count
    case .one(let id):
      guard let found = tree["id"]?.text else { return false }
      // An id that is none, and a request that is none, may be answered with null.
      return found == id || found == "null" && (id == nil || tree["error"] != nil)
    }
  }
}

extension JSONTree {
  fileprivate var array: [JSONTree]? { if case .array(let list) = self { list } else { nil } }
}
