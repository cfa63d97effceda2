// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import JSON
import LedgerCore
import Store

/// Whatever lines come, answers are JSON, no more of them than lines, and the books balance.
struct RequestsTarget: FuzzTarget {
  let name = "requests"

  func run(_ input: [UInt8]) {
    let bench = Bench()
    let answers = Bench.documents(in: bench.feed(input))
    let lines = input.count { $0 == 0x0A } + 1
    expect(answers.count <= lines, "more answers than lines")
    for answer in answers {
      let members =
        answer.root.kind == .array ? Array(answer.root.elements) : [answer.root]
      for member in members {
        expect(
          (member["result"] == nil) != (member["error"] == nil) && member["id"] != nil,
          "an answer is neither result nor error: \(member.rawText)")
      }
    }
    Books(bench).check()
  }
}

/// Programs of operations on a few cards: the books balance after each run, cards add up to them,
/// and every request that was carried out is answered alike when it is sent again.
struct OperationsTarget: FuzzTarget {
  let name = "operations"

  func run(_ input: [UInt8]) {
    let bench = Bench()
    var writer = OperationWriter(input)
    let requests = writer.requests()
    let first = requests.map { bench.exchange($0) }
    Books(bench).check()
    for (request, answers) in zip(requests, first) {
      guard let result = answers.first?.root["result"], result["idempotency_key"] == nil else {
        continue
      }
      guard request.contains("idempotency_key"),
        let again = bench.exchange(request).first?.root["result"]
      else {
        expect(!request.contains("idempotency_key"), "a repetition is refused: \(request)")
        continue
      }
      // A clock may have been moved and value lapsed, but what was said stays said.
      expect(again["replayed"]?.rawText == "true", "carried out twice: \(request)")
      expect(
        without("replayed", again) == without("replayed", result),
        "answered otherwise: \(request)\n\(result.rawText)\n\(again.rawText)")
    }
    Books(bench).check()
  }

  private func without(_ member: String, _ value: JSONValue) -> [String: String] {
    var members: [String: String] = [:]
    for entry in value.members where entry.name != member {
      members[entry.name] = entry.value.rawText
    }
    return members
  }
}

/// What must hold of a ledger whatever was done.
struct Books {
  private let bench: Bench

  init(_ bench: Bench) { self.bench = bench }

  func check() {
    let request = #"{"jsonrpc":"2.0","id":"books","method":"ledger.trial_balance"}"# + "\n"
    guard let books = bench.exchange(request).first?.root["result"],
      books["total"]?.integer == 0
    else { return expect(bench.session.isShuttingDown, "the books do not balance") }
    var sides: [String: Int64] = [:]
    for line in books["accounts"].map({ Array($0.elements) }) ?? [] {
      guard let name = line["name"]?.string, let debit = line["debit"]?.integer,
        let credit = line["credit"]?.integer
      else { continue }
      sides[name] = credit - debit
    }
    var principal: Int64 = 0
    var bonus: Int64 = 0
    for card in OperationWriter.cards {
      let text =
        #"{"jsonrpc":"2.0","id":1,"method":"account.get","params":{"card_no":"\#(card)"}}"# + "\n"
      guard let balance = bench.exchange(text).first?.root["result"]?["balance"] else { continue }
      func part(_ name: String) -> Int64 { balance[name]?.integer ?? -1 }
      for name in ["principal", "bonus", "held", "pending", "available", "spendable"] {
        expect(part(name) >= 0, "\(card): \(name) is \(part(name))")
      }
      expect(
        part("available") == part("principal") + part("bonus") - part("held"),
        "\(card): available does not add up")
      principal += part("principal")
      bonus += part("bonus")
    }
    // A fuzzed line may have opened a card of another number.
    if !opensOthers {
      expect(principal == sides["card_principal"] ?? 0, "principal: cards and books differ")
      expect(bonus == sides["card_bonus"] ?? 0, "bonus: cards and books differ")
    }
  }

  private var opensOthers: Bool {
    guard let entries = try? bench.store.entries(from: EntryID(1), limit: 10_000) else {
      return true
    }
    let opened = entries.count { $0.kind == .open }
    let known = OperationWriter.cards.count { card in
      let text =
        #"{"jsonrpc":"2.0","id":1,"method":"account.get","params":{"card_no":"\#(card)"}}"# + "\n"
      return bench.exchange(text).first?.root["result"] != nil
    }
    return opened != known
  }
}
