// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import Glibc
import JSON
import LedgerCore
import Secrets
import Store

/// A session over a ledger in memory, with a clock that stands and randomness from a seed.
final class Bench {
  let session: Session
  let store: MemoryStore

  init() {
    let identity = LedgerIdentity(
      id: String(repeating: "0", count: 32), currency: "CNY", timezone: "Asia/Shanghai",
      dayStartMinutes: 0, isTest: true)
    let bytes = SeededBytes()
    let surroundings = Engine.Surroundings(
      clock: .manual(Instant(milliseconds: 1_772_413_200_000)),
      calendar: .fixed(offsetMinutes: 480), keys: Self.keys, random: { bytes.next($0) })
    do {
      store = try MemoryStore(identity: identity)
      let engine = try Engine(store: store, in: surroundings)
      session = Session(engine: engine, about: About(defaults: Origin(), libraries: []))
    } catch {
      fatalError("no bench: \(error)")
    }
  }

  private static let keys = KeyRing.fresh(at: 0)

  /// Serves all of it; answers the bytes that come out.
  func feed(_ input: [UInt8]) -> [UInt8] {
    input.withUnsafeBytes { session.receive($0) }
    session.endOfInput()
    var output: [UInt8] = []
    do {
      while session.hasWork || session.isWaiting {
        if session.hasWork { try session.turn(into: &output) }
        for job in session.takeJobs() {
          switch job {
          case .stretch(let number, let stretch):
            session.deliver(stretch.run(), number: number)
          case .verify(let number), .backtest(let number, _):
            session.deliver(report: nil, number: number, into: &output)
          }
        }
      }
    } catch {
      fatalError("the store in memory fails: \(error)")
    }
    return output
  }

  /// The answers, each of which must be a line of JSON.
  func exchange(_ text: String) -> [JSONDocument] { Self.documents(in: feed(Array(text.utf8))) }

  static func documents(in output: [UInt8]) -> [JSONDocument] {
    expect(output.last ?? 0x0A == 0x0A, "the last answer is cut off")
    return output.split(separator: 0x0A).map { line in
      guard let document = try? JSONDocument.parse(line) else {
        fatalError("an answer is not JSON: \(String(decoding: line, as: UTF8.self))")
      }
      return document
    }
  }

  /// One request of each kind that makes an entry.
  static let tour = """
    {"jsonrpc":"2.0","id":1,"method":"program.set","params":{"idempotency_key":"p","program":\
    {"topup":{"bonus_rules":[{"id":"r","min_amount":10000,"grant":{"type":"rate",\
    "basis_points":1000}}],"pending_tenders":["cheque"]}}}}
    {"jsonrpc":"2.0","id":2,"method":"account.open","params":{"idempotency_key":"a","card_no":"1",\
    "pin":"4711","level":"gold","store_id":"s","topup":{"amount":50000,"tender":"cash"}}}
    {"jsonrpc":"2.0","id":3,"method":"debit.create","params":{"idempotency_key":"b",\
    "card_no":"1","amount":1234,"pin":"4711","reason":"tea"}}
    {"jsonrpc":"2.0","id":4,"method":"debit.create","params":{"idempotency_key":"c",\
    "card_no":"1","amount":1234,"pin":"4712"}}
    {"jsonrpc":"2.0","id":5,"method":"debit.refund","params":{"idempotency_key":"d",\
    "entry_id":"ent_3","amount":234}}
    {"jsonrpc":"2.0","id":6,"method":"topup.create","params":{"idempotency_key":"e",\
    "card_no":"1","amount":20000,"tender":"cheque"}}
    {"jsonrpc":"2.0","id":7,"method":"debit.authorize","params":{"idempotency_key":"f",\
    "card_no":"1","amount":1000,"pin":"4711","expires_in":60}}
    {"jsonrpc":"2.0","id":8,"method":"account.freeze","params":{"idempotency_key":"g",\
    "card_no":"1"}}

    """
}

/// Bytes that are the same in each run.
private final class SeededBytes: @unchecked Sendable {
  // One thread uses it; the engine asks for a Sendable function.
  private var state: UInt64 = 1

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

enum File {
  static func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "we") else { fatalError("cannot write \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
  }
}
