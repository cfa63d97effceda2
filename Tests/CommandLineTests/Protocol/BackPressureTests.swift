// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// A client that does not read, goes away, or asks for the end (T34).
@Suite struct BackPressureTests {
  @Test func `a client that does not read loses nothing and costs no memory`() throws {
    let shop = try Shop()
    let card = try shop.open("C1", topUp: 1000).string("/account/account_id")
    let child = shop.engine.child
    let idle = child.residentBytes
    let count = 20_000
    var text = ""
    for id in 1...count {
      text +=
        #"{"jsonrpc":"2.0","id":\#(id),"method":"account.get","params":{"account_id":"\#(card)"}}"#
      text += "\n"
    }
    child.isReading = false
    try child.write(text.utf8)
    // Both pipes fill, and then the engine waits.
    for _ in 0..<10 { _ = try child.lines(within: 0.1) }
    #expect(child.unsent > 0, "the engine reads on although nobody takes its answers")
    #expect(child.residentBytes - idle < 64 << 20)
    child.isReading = true
    var next = 1
    while next <= count, let line = try child.line() {
      guard line.starts(with: #"{"jsonrpc":"2.0","id":\#(next),"result":{"#.utf8) else {
        Issue.record("after \(next - 1) came \(String(decoding: line.prefix(80), as: UTF8.self))")
        break
      }
      next += 1
    }
    #expect(next == count + 1)
    #expect(child.residentBytes - idle < 64 << 20)
    try shop.close()
  }

  /// Sends debits of 1 and gives the keys of those that were answered before `end` was called
  /// or while the process ended.
  private func answered(
    _ shop: Shop, debits: Int, then end: (EngineProcess) throws -> Void
  ) throws -> (keys: [String], exit: ChildProcess.Exit) {
    var text = ""
    for number in 1...debits {
      let params: JSONTree = [
        "idempotency_key": .string("d\(number)"), "card_no": "C1", "amount": 1,
      ]
      text += EngineProcess.line("debit.create", params, id: .number(number)) + "\n"
    }
    try shop.engine.child.write(text.utf8)
    var keys: [String] = []
    for _ in 0..<20 {
      let answer = try shop.engine.next()
      #expect(answer.isResult)
      keys.append("d\(answer.id?.integer ?? 0)")
    }
    try end(shop.engine)
    let exit = try shop.engine.child.wait()
    // Whole lines only: a closed output may have been cut in the middle of one.
    for line in try shop.engine.child.lines(within: 1) {
      let answer = try Answer(line)
      expectResult(answer)
      if let id = answer.id?.integer { keys.append("d\(id)") }
    }
    return (keys, exit)
  }

  /// Expects each answered debit in the ledger, and the balance to be what the ledger says.
  private func expectKept(_ keys: [String], _ shop: Shop, of total: Int64) throws {
    let engine = try shop.ledger.serve()
    for key in keys {
      let found = try engine.request("entry.lookup", ["original_idempotency_key": .string(key)])
      expectResult(found, "\(key) was answered")
    }
    let account = try engine.request("account.get", ["card_no": "C1"])
    let left = account.int("/balance/principal") ?? -1
    #expect(left <= total - Int64(keys.count) && left >= 0)
    try engine.finish()
    try shop.ledger.expectSound()
  }

  @Test func `a closed output ends the process, and what was answered stays`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let (keys, exit) = try answered(shop, debits: 2000) { $0.child.closeOutput() }
    #expect(exit == .code(0))
    try expectKept(keys, shop, of: 10_000)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends the process in good order, and what was answered stays`(
    number: Int32
  ) throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let (keys, exit) = try answered(shop, debits: 2000) { $0.child.send(signal: number) }
    #expect(exit == .code(0))
    // What was read was served in order: the answers have no gap.
    let expected = (1...max(1, keys.count)).map { "d\($0)" }
    #expect(keys == expected, "\(keys.count) answers, the last to \(keys.last ?? "none")")
    try expectKept(keys, shop, of: 10_000)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func `a signal ends a process that has nothing to do`(number: Int32) throws {
    let shop = try Shop()
    #expect(try shop.ask("system.ping").isResult)
    shop.engine.child.send(signal: number)
    #expect(try shop.engine.child.wait() == .code(0))
  }

  @Test func `a closed output ends a process that has nothing to do`() throws {
    let shop = try Shop()
    #expect(try shop.ask("system.ping").isResult)
    shop.engine.child.closeOutput()
    #expect(try shop.engine.child.wait() == .code(0))
  }

  @Test func `a signal is obeyed once a slow client reads again`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let child = shop.engine.child
    child.isReading = false
    let get = EngineProcess.line("account.get", ["card_no": "C1"], id: 1) + "\n"
    try child.write(String(repeating: get, count: 2000).utf8)
    _ = try child.lines(within: 0.3)
    child.send(signal: SIGTERM)
    _ = try child.lines(within: 0.1)
    child.isReading = true
    #expect(try child.wait() == .code(0))
    let lines = try child.lines(within: 1)
    #expect(lines.count >= 10)
    for line in lines { #expect(try Answer(line).isResult) }
  }

  @Test func `no input at all is no work`() throws {
    let shop = try Shop()
    let end = try shop.engine.finish()
    #expect(end.exit == .code(0) && end.rest.isEmpty)
  }

  @Test func `the end of input serves what was read`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 10_000)
    let (keys, exit) = try answered(shop, debits: 500) { try $0.child.closeInput() }
    #expect(exit == .code(0))
    #expect(keys == (1...500).map { "d\($0)" }, "\(keys.count) answers")
    try expectKept(keys, shop, of: 10_000)
  }

  @Test func `shutdown ends an engine that has nothing to do while its input is open`() throws {
    let ledger = try TestLedger()
    let engine = try ledger.serve()
    #expect(try engine.request("shutdown", [:]).isResult)
    #expect(try engine.child.wait() == .code(0))
  }

  @Test func `shutdown answers what came before and ends`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let debit = try shop.engine.start("debit.create", shop.keyed(["card_no": "C1", "amount": 1]))
    let shutdown = try shop.engine.start("shutdown", [:])
    #expect(try shop.engine.answer(to: debit).isResult)
    #expect(try shop.engine.answer(to: shutdown).isResult)
    #expect(try shop.engine.child.wait() == .code(0))
  }
}
