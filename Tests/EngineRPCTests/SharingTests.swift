// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import JSON
import LedgerCore
import Store
import Testing

/// What keeps a store from its ledger.
private final class Gate {
  var isShut = false
}

/// A store whose groups cannot begin while a gate is shut.
private final class GatedStore: StandInStore {
  private let gate: Gate

  init(_ inner: MemoryStore, _ gate: Gate) {
    self.gate = gate
    super.init(inner)
  }

  override func begin(writing: Bool) throws(StoreError) {
    guard !gate.isShut else { throw .busy("not now") }
    try super.begin(writing: writing)
  }

  override func abandon() throws(StoreError) {
    // There was no group.
    if !gate.isShut { try super.abandon() }
  }
}

/// Requests that one engine hands over to another on its machine (decision 0063).
@Suite struct SharingTests {
  /// A host and a guest of one ledger, with all that goes between them in the test's hands.
  private struct Pair {
    let host: SessionBench
    let guest: SessionBench
    /// Whether the host can have the ledger.
    let gate: Gate
    let seat = Guest(defaults: Origin(store: "S9", terminal: "T9"))

    init() throws {
      let gate = Gate()
      let host = try SessionBench(seed: 1, wrapping: { GatedStore($0, gate) })
      self.host = host
      self.gate = gate
      guest = try SessionBench(seed: 2, wrapping: { _ in host.store })
      guest.session.openHost()
    }

    /// What the guest hands over of these lines.
    func hand(_ text: String) throws -> [HostedRequest] {
      Array(text.utf8).withUnsafeBytes { guest.session.receive($0) }
      return try handOn()
    }

    private func handOn() throws -> [HostedRequest] {
      var output: [UInt8] = []
      while guest.session.hasWork { try guest.session.turn(into: &output) }
      #expect(output.isEmpty, "what is served by the guest itself is asked by `exchange`")
      return guest.session.takeHostedRequests()
    }

    /// Has the host serve these; what it would send back.
    func serve(_ requests: [HostedRequest]) throws -> [HostedAnswer] {
      for request in requests { #expect(host.session.receive(request, of: seat)) }
      var output: [UInt8] = []
      while host.session.hasWork { try host.session.turn(into: &output) }
      #expect(output.isEmpty, "nobody is answered but the guest")
      return seat.takeAnswers()
    }

    /// Gives the guest these lines and serves until nothing is left to do; the answers in order,
    /// and how many requests went to the host.
    func exchange(_ text: String) throws -> (answers: [JSONDocument], hosted: Int) {
      Array(text.utf8).withUnsafeBytes { guest.session.receive($0) }
      var output: [UInt8] = []
      var hosted = 0
      while guest.session.hasWork || guest.session.isWaiting {
        if guest.session.hasWork { try guest.session.turn(into: &output) }
        for case .stretch(let number, let stretch) in guest.session.takeJobs() {
          guest.session.deliver(stretch.run(), number: number)
        }
        let requests = guest.session.takeHostedRequests()
        hosted += requests.count { $0.number > 0 }
        for answer in try serve(requests) { guest.session.deliver(answer, into: &output) }
      }
      return (try guest.lines(of: output), hosted)
    }
  }

  private static func line(_ id: Int, _ method: String, _ params: String) -> String {
    #"{"jsonrpc":"2.0","id":\#(id),"method":"\#(method)","params":{\#(params)}}"# + "\n"
  }

  private static func open(_ id: Int, _ card: String, _ amount: Int = 1000) -> String {
    line(
      id, "account.open",
      #""card_no":"\#(card)","topup":{"amount":\#(amount),"tender":"cash"},"#
        + #""idempotency_key":"open-\#(card)""#)
  }

  private static func debit(_ id: Int, _ card: String, _ more: String = "") -> String {
    line(
      id, "debit.create",
      #""card_no":"\#(card)","amount":1,\#(more)"idempotency_key":"debit-\#(id)""#)
  }

  private static func get(_ id: Int, _ card: String) -> String {
    line(id, "account.get", #""card_no":"\#(card)""#)
  }

  @Test func `what is asked of a guest is served by the host, and answered in order`() throws {
    let pair = try Pair()
    let (answers, hosted) = try pair.exchange(
      Self.open(1, "A") + Self.debit(2, "A") + Self.get(3, "A") + Self.debit(4, "none")
        + Self.debit(2, "A"))
    #expect(hosted == 5)
    #expect(answers.map { $0.root["id"]?.integer } == [1, 2, 3, 4, 2])
    #expect(answers[2].root["result"]?["balance"]?["principal"]?.integer == 999)
    #expect(answers[3].root["error"]?["data"]?["code"]?.string == "not_found")
    #expect(answers[4].root["result"]?["replayed"]?.bool == true)
    let entry = try pair.host.store.entries(from: EntryID(2), limit: 1).first
    #expect(entry?.origin == Origin(store: "S9", terminal: "T9"))
  }

  @Test func `what belongs to the session, or has nobody waiting, is served by the guest`() throws {
    let pair = try Pair()
    let notice = #"{"jsonrpc":"2.0","method":"system.ping"}"# + "\n"
    let batch = "[\(Self.open(1, "A").dropLast()),\(Self.get(2, "A").dropLast())]\n"
    let (answers, hosted) = try pair.exchange(
      notice + batch + "no JSON\n" + Self.line(3, "system.ping", "")
        + Self.line(4, "ledger.trial_balance", "") + Self.line(5, "no.such", ""))
    #expect(hosted == 0)
    #expect(answers.count == 5)
    #expect(answers.first?.root.count == 2)
  }

  @Test func `requests are served in the order they were read, wherever each is served`() throws {
    let pair = try Pair()
    var script = Self.open(1, "A")
    for id in 2...60 {
      let own = "[\(Self.get(id, "A").dropLast())]\n"
      script += id % 3 == 0 ? own : id % 3 == 1 ? Self.debit(id, "A") : Self.get(id, "A")
    }
    let (answers, hosted) = try pair.exchange(script)
    #expect(hosted == 40)
    var expected: Int64 = 1000
    for (place, answer) in answers.enumerated().dropFirst() {
      let id = place + 1
      if id % 3 == 1 { expected -= 1 }
      let root = id % 3 == 0 ? try #require(Array(answer.root.elements).first) : answer.root
      #expect(root["id"]?.integer == Int64(id))
      let result = try #require(root["result"])
      let shown = id % 3 == 1 ? result["account"] : result
      #expect(shown?["balance"]?["principal"]?.integer == expected, "request \(id)")
    }
  }

  @Test func `nothing is handed over behind what is about the same and not answered`() throws {
    let cases: [(String, Int)] = [
      (Self.debit(1, "A") + Self.debit(2, "B") + Self.get(3, "C"), 3),
      (Self.debit(1, "A") + Self.debit(2, "B") + Self.get(3, "A"), 2),
      (Self.debit(1, "A") + Self.line(2, "account.get", #""account_id":"a""#), 1),
      (Self.line(1, "account.get", #""account_id":"a""#) + Self.get(2, "A"), 1),
      (Self.debit(1, "A") + Self.debit(1, "B"), 1),
      (Self.debit(1, "A") + Self.line(2, "ledger.head", ""), 1),
      (Self.line(1, "ledger.head", "") + Self.debit(2, "A"), 1),
      (Self.line(1, "account.get", "") + Self.debit(2, "A"), 1),
    ]
    for (script, count) in cases {
      #expect(try Pair().hand(script).count == count, "\(script)")
    }
  }

  @Test func `nothing is carried out for a guest that waits no more`() throws {
    let pair = try Pair()
    let requests = try pair.hand(Self.open(1, "A") + Self.open(2, "B"))
    #expect(requests.count == 2)
    // It goes after its requests were read, and before the group has the ledger.
    let seat = pair.seat
    pair.host.session.beforeServingGuests = { seat.isGone = true }
    #expect(try pair.serve(requests).isEmpty)
    #expect(pair.host.store.working.head == .none)
  }

  @Test func `what a host that is gone has carried out is found by its key, the rest is served`()
    throws
  {
    let pair = try Pair()
    let requests = try pair.hand(Self.open(1, "A") + Self.open(2, "B") + Self.open(3, "C"))
    #expect(try pair.serve(Array(requests.prefix(2))).count == 2)
    pair.guest.session.closeHost()
    // Nor would another host serve it: that could not know that nobody has heard.
    pair.guest.session.openHost()
    #expect(pair.guest.session.takeHostedRequests().isEmpty)
    let (answers, hosted) = try pair.exchange(Self.debit(4, "A"))
    #expect(hosted == 1)
    #expect(answers.map { $0.root["id"]?.integer } == [1, 2, 3, 4])
    // Nobody has heard of what the host has done, so that it is no repetition.
    let results = answers.compactMap { $0.root["result"] }
    #expect(results.count == 4 && results.allSatisfy { $0["replayed"] == nil })
    #expect(pair.host.store.working.head == EntryID(7))
    #expect(
      try pair.exchange(Self.open(5, "A")).answers[0].root["result"]?["replayed"]?.bool == true)
    #expect(answers[3].root["result"]?["account"]?["balance"]?["principal"]?.integer == 999)
    // Answers that come too late are nobody's.
    var output: [UInt8] = []
    pair.guest.session.deliver(HostedAnswer(number: 1, line: Array("late".utf8)), into: &output)
    #expect(output.isEmpty)
  }

  @Test func `a wrong PIN that a host has counted and nobody heard of counts once`() throws {
    let pair = try Pair()
    _ = try pair.exchange(
      Self.line(1, "account.open", #""card_no":"A","pin":"0123","idempotency_key":"o""#))
    let wrong = Self.line(
      2, "debit.create", #""card_no":"A","amount":1,"pin":"9999","idempotency_key":"d""#)
    let requests = try pair.hand(wrong + Self.open(3, "B"))
    #expect(try pair.serve(requests).count == 2)
    pair.guest.session.closeHost()
    let (answers, _) = try pair.exchange(Self.get(4, "A"))
    #expect(answers.map { $0.root["id"]?.integer } == [2, 3, 4])
    let told = answers[0].root["error"]?["data"]
    #expect(told?["code"]?.string == "unavailable" && told?["retryable"]?.bool == true)
    #expect(answers[1].root["result"] != nil)
    #expect(answers[2].root["result"]?["pin"]?["attempts_left"]?.integer == 4)
    // Asked again, it is an attempt of its own.
    #expect(
      try pair.exchange(wrong).answers[0].root["error"]?["data"]?["code"]?.string
        == "pin_incorrect")
    #expect(
      try pair.exchange(Self.get(5, "A")).answers[0].root["result"]?["pin"]?["attempts_left"]?
        .integer == 3)
  }

  @Test func `a PIN is stretched by the guest, and nothing overtakes that on its card`() throws {
    let pair = try Pair()
    let hardened = #""program":{"pin":{"hardening":"scrypt"}},"idempotency_key":"p""#
    _ = try pair.exchange(
      Self.line(1, "program.set", hardened) + Self.open(2, "A") + Self.open(3, "B"))
    _ = try pair.exchange(
      Self.line(4, "pin.set", #""card_no":"A","pin":"0123","idempotency_key":"s""#))
    let pin = #""pin":"0123","#
    let (answers, _) = try pair.exchange(
      Self.debit(5, "A", pin) + Self.debit(6, "A", pin) + Self.get(7, "A") + Self.debit(8, "B"))
    let order = answers.compactMap { $0.root["id"]?.integer }
    #expect(order.filter { $0 < 8 } == [5, 6, 7])
    #expect(order.contains(8))
    #expect(answers.allSatisfy { $0.root["result"] != nil })
    let seen = answers.first { $0.root["id"]?.integer == 7 }
    #expect(seen?.root["result"]?["balance"]?["principal"]?.integer == 998)
    // Afterwards the host serves again.
    #expect(try pair.exchange(Self.debit(9, "B")).hosted == 1)
    #expect(pair.host.session.isWaiting == false)
  }

  @Test func `what a host cannot have the ledger for is left to the guest`() throws {
    let pair = try Pair()
    _ = try pair.exchange(Self.open(1, "A"))
    pair.gate.isShut = true
    let (answers, hosted) = try pair.exchange(
      Self.debit(2, "A") + Self.open(3, "B") + Self.debit(4, "B") + Self.get(5, "A"))
    #expect(hosted > 0)
    #expect(answers.map { $0.root["id"]?.integer } == [2, 3, 4, 5])
    #expect(answers.allSatisfy { $0.root["result"] != nil })
    pair.gate.isShut = false
    let next = try pair.exchange(Self.get(6, "B"))
    #expect(next.hosted == 1)
    #expect(next.answers[0].root["result"]?["balance"]?["principal"]?.integer == 999)
  }

  @Test func `a request that no guest would hand over is not taken`() throws {
    let pair = try Pair()
    for line in [
      "no JSON", "[\(Self.get(1, "A").dropLast())]", #"{"jsonrpc":"2.0","method":"account.get"}"#,
      String(Self.line(1, "system.shutdown", "").dropLast()),
    ] {
      let request = HostedRequest(number: 1, line: Array(line.utf8))
      #expect(!pair.host.session.receive(request, of: pair.seat), "\(line)")
    }
    #expect(!pair.host.session.hasWork)
  }
}
