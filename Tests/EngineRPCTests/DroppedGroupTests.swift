// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import JSON
import LedgerCore
import Store
import Testing

/// A store of which the groups can be made to fail at their end.
private final class FullStore: StandInStore {
  var isFull = false
  /// What becomes of the next groups, one after the other: nil is kept.
  var fates: [StoreError?] = []

  override func end(meanwhile work: () -> Void) throws(StoreError) {
    // As on a disk: answers may be written before it shows that the group cannot be kept.
    work()
    if isFull { throw .full("no room") }
    if !fates.isEmpty, let fate = fates.removeFirst() { throw fate }
    try super.end(meanwhile: {})
  }
}

/// What a group leaves behind that could not be kept: nothing.
@Suite struct DroppedGroupTests {
  private let bench: SessionBench
  private let store: FullStore

  init() throws {
    var front: FullStore?
    bench = try SessionBench(wrapping: { inner in
      let store = FullStore(inner)
      front = store
      return store
    })
    store = try #require(front)
  }

  private func setting(_ maximum: Int, key: String) -> String {
    #"{"program":{"debit":{"max":\#(maximum)}},"idempotency_key":"\#(key)"}"#
  }

  @Test func `a program that was dropped does not stand for the next of its version`() throws {
    store.isFull = true
    let refused = try bench.call("program.set", setting(100, key: "mine"))
    #expect(refused["code"]?.integer == 6001)
    store.isFull = false

    // Another till sets one meanwhile, which is the first version too.
    let other = try SessionBench(seed: 2)
    _ = try other.call("program.set", setting(900, key: "theirs"))
    try bench.store.begin(writing: true)
    for entry in try other.store.entries(from: EntryID(1), limit: 10) {
      try bench.store.append(entry, person: nil)
    }
    try bench.store.end()

    _ = try bench.call(
      "account.open",
      #"{"card_no":"A","topup":{"amount":5000,"tender":"cash"},"idempotency_key":"o"}"#)
    let debit = try bench.call(
      "debit.create", #"{"card_no":"A","amount":500,"idempotency_key":"d"}"#)
    #expect(debit["entry"]?["amount"]?.integer == 500, "\(debit)")
    #expect(debit["entry"]?["program_version"]?.integer == 1)
  }

  @Test func `what was answered before the disk failed is not answered again`() throws {
    // Together they find no room; then one by one the first is kept, and at the second the disk
    // fails.
    store.fates = [.full("no room"), nil, .failed("the disk")]
    let lines = (1...3).map { number in
      #"{"jsonrpc":"2.0","id":\#(number),"method":"account.open","params":{"#
        + #""card_no":"C\#(number)","idempotency_key":"k\#(number)"}}"# + "\n"
    }.joined()
    Array(lines.utf8).withUnsafeBytes { bench.session.receive($0) }
    var output: [UInt8] = []
    #expect(throws: StoreError.self) { try bench.session.turn(into: &output) }
    let answers = try bench.lines(of: output)
    #expect(answers.map { $0.root["id"]?.integer } == [1, 2, 3])
    #expect(answers.map { $0.root["error"] == nil } == [true, false, false])
  }

  @Test func `what waits for a stretched PIN when the disk fails is answered once`() throws {
    _ = try bench.call(
      "program.set", #"{"program":{"pin":{"hardening":"scrypt"}},"idempotency_key":"p"}"#)
    _ = try bench.call(
      "account.open",
      #"{"card_no":"A","pin":"4711","topup":{"amount":900,"tender":"cash"},"#
        + #""idempotency_key":"o"}"#)
    store.fates = [.full("no room"), nil, .failed("the disk")]
    let lines =
      #"{"jsonrpc":"2.0","id":1,"method":"debit.create","params":{"#
      + #""card_no":"A","amount":5,"pin":"4711","idempotency_key":"d"}}"# + "\n"
      + #"{"jsonrpc":"2.0","id":2,"method":"account.open","params":{"#
      + #""card_no":"B","idempotency_key":"b"}}"# + "\n"
    Array(lines.utf8).withUnsafeBytes { bench.session.receive($0) }
    var output: [UInt8] = []
    #expect(throws: StoreError.self) { try bench.session.turn(into: &output) }
    let answers = try bench.lines(of: output)
    #expect(answers.map { $0.root["id"]?.integer }.sorted { ($0 ?? 0) < ($1 ?? 0) } == [1, 2])
    #expect(answers.allSatisfy { $0.root["error"] != nil })
  }

  @Test func `a campaign that was dropped does not lend its terms to the next of its number`()
    throws
  {
    func campaign(_ off: Int, key: String) -> String {
      #"{"name":"C","kind":"cash","amount":\#(off),"idempotency_key":"\#(key)"}"#
    }
    store.isFull = true
    let create = #"{"jsonrpc":"2.0","id":1,"method":"campaign.create","params":"#
    let issue = #"{"jsonrpc":"2.0","id":2,"method":"coupon.issue","params":"#
    let number = CampaignNumber(EntryID(1)).text
    let refused = try bench.exchange(
      create + campaign(100, key: "mine") + "}\n" + issue
        + #"{"campaign_id":"\#(number)","count":1,"idempotency_key":"i"}}"# + "\n")
    #expect(refused.allSatisfy { $0.root["error"] != nil })
    store.isFull = false
    let made = try bench.call("campaign.create", campaign(900, key: "theirs"))
    #expect(made["campaign_id"]?.string == number, "\(made)")
    let issued = try bench.call(
      "coupon.issue", #"{"campaign_id":"\#(number)","count":1,"idempotency_key":"j"}"#)
    let payload = issued["coupons"]?.elements.first { _ in true }?["payload"]?.string ?? ""
    let verdict = try bench.call("coupon.verify", #"{"payload":"\#(payload)","amount":5000}"#)
    #expect(verdict["discount"]?.integer == 900, "\(verdict)")
  }

  @Test func `answers that were written before the disk was full do not leave`() throws {
    store.isFull = true
    let lines = (1...3).map { number in
      #"{"jsonrpc":"2.0","id":\#(number),"method":"account.open","params":{"#
        + #""card_no":"C\#(number)","idempotency_key":"k\#(number)"}}"# + "\n"
    }.joined()
    let refused = try bench.exchange(lines)
    #expect(refused.count == 3)
    #expect(refused.allSatisfy { $0.root["result"] == nil && $0.root["error"] != nil })
    store.isFull = false
    let served = try bench.exchange(lines)
    #expect(served.allSatisfy { $0.root["result"]?["replayed"] == nil && $0.root["error"] == nil })
    #expect(bench.session.engine.working.head == EntryID(3))
  }

  @Test func `answers written before a group is durable are those written after, byte for byte`()
    throws
  {
    func line(_ id: String, _ method: String, _ params: String) -> String {
      #"{"jsonrpc":"2.0",\#(id)"method":"\#(method)","params":{\#(params)}}"#
    }
    let debit = #""card_no":"A","amount":20,"store_id":"S1","idempotency_key":"d""#
    let script = [
      line(
        #""id":1,"#, "account.open",
        #""card_no":"A","topup":{"amount":5000,"tender":"cash"},"idempotency_key":"o""#),
      line(#""id":"two","#, "debit.create", debit),
      line("", "debit.create", #""card_no":"A","amount":1,"idempotency_key":"n""#),
      line(#""id":4,"#, "debit.create", #""card_no":"A","amount":9000,"idempotency_key":"r""#),
      line(#""id":5,"#, "debit.create", debit),
      "["
        + line(
          #""id":6,"#, "topup.create", #""card_no":"A","amount":7,"tender":"\u5361","# + key(6))
        + "," + line(#""id":7,"#, "account.get", #""card_no":"A""#) + "]",
      line(#""id":8,"#, "debit.create", #""card_no":"A","amount":3,"terminal_id":"T","# + key(8)),
      line(#""id":9,"#, "system.ping", ""),
    ].map { $0 + "\n" }.joined()
    let after = try SessionBench(seed: 1).feed(script)
    // Twice, so that what the first group has left in the buffer would show.
    #expect(try bench.feed(script) == after)
    #expect(after.split(separator: UInt8(ascii: "\n")).count == 7)
    let again = try bench.feed(script)
    #expect(again.split(separator: UInt8(ascii: "\n")).count == 7)
    #expect(String(decoding: again, as: UTF8.self).contains(#""replayed":true"#))
  }

  private func key(_ number: Int) -> String { #""idempotency_key":"k\#(number)""# }
}
