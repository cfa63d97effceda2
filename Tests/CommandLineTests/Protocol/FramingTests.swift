// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// Lines: their ends, their marks, their length (contract §1, T33).
@Suite struct FramingTests {
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  private func ping(_ id: Int) -> [UInt8] {
    Array(EngineProcess.line("system.ping", id: .number(id)).utf8)
  }

  /// A ping that is exactly so long.
  private func ping(_ id: Int, length: Int) -> [UInt8] {
    let head = Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"system.ping","params":{"x_":""#.utf8)
    let tail = Array(#""}}"#.utf8)
    return head + [UInt8](repeating: 0x61, count: length - head.count - tail.count) + tail
  }

  @Test func `CRLF, marks and empty lines are taken`() throws {
    let shop = try Shop()
    var bytes: [UInt8] = ping(1) + [0x0D, 0x0A]
    bytes += Self.mark + ping(2) + [0x0A]
    bytes += [0x0A, 0x0D, 0x0A, 0x0A]
    bytes += Self.mark + ping(3) + [0x0D, 0x0A]
    bytes += ping(4) + [0x0A]
    try shop.engine.child.write(bytes)
    for id in 1...4 { #expect(try shop.engine.next().id == .number(id)) }
    let end = try shop.engine.finish()
    #expect(end.exit == .code(0) && end.rest.isEmpty)
  }

  @Test func `a mark inside a line is no mark`() throws {
    let shop = try Shop()
    try shop.engine.child.write([0x20] + Self.mark + ping(1) + [0x0A])
    #expect(try shop.engine.next().number == -32700)
  }

  @Test func `the last line is served without its end`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let params = shop.keyed(["card_no": "C1", "amount": 1])
    try shop.engine.child.write(EngineProcess.line("debit.create", params, id: 9).utf8)
    let end = try shop.engine.finish()
    #expect(end.exit == .code(0))
    #expect(end.rest.map(\.idText) == ["9"] && end.rest.allSatisfy { $0.isResult })
  }

  @Test func `the end inside a line ends the process in good order`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1000)
    let debit = try shop.debit("C1", 100)
    try shop.engine.child.write(#"{"jsonrpc":"2.0","id":1,"method":"debit.cr"#.utf8)
    let start = Deadline.now
    let end = try shop.engine.finish()
    #expect(end.exit == .code(0))
    #expect(end.rest.map(\.number) == [-32700] && end.rest.map(\.idText) == ["null"])
    // A second is the promise; a test machine may be busy with other tests.
    #expect(Deadline.now - start < 3_000_000_000)
    let again = try shop.ledger.serve()
    let id = try debit.string("/entry/entry_id")
    #expect(try again.request("entry.get", ["entry_id": .string(id)]).isResult)
  }

  @Test func `requests arrive byte by byte`() throws {
    let shop = try Shop()
    for byte in ping(1) + [0x0D, 0x0A] + Self.mark + ping(2) + [0x0A] {
      try shop.engine.child.write([byte])
      usleep(100)
    }
    #expect(try shop.engine.next().id == 1)
    #expect(try shop.engine.next().id == 2)
  }

  @Test func `a thousand requests in one write are answered in order`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 1_000_000)
    let requests = (0..<1000).map { number in
      (
        method: "debit.create",
        params: ["idempotency_key": "d\(number)", "card_no": "C1", "amount": 7] as JSONTree
      )
    }
    let answers = try shop.engine.pipeline(requests)
    #expect(answers.allSatisfy { $0.isResult })
    let balances = answers.map { $0.int("/account/balance/principal") ?? -1 }
    #expect(balances == (1...1000).map { 1_000_000 - 7 * $0 })
    try shop.close()
  }

  @Test func `a line of one mebibyte is served and a longer one is not`() throws {
    let shop = try Shop()
    try shop.engine.child.write(ping(1, length: 1 << 20) + [0x0A])
    #expect(try shop.engine.next().isResult)
    try shop.engine.child.write(ping(2, length: 1 << 20 + 1) + [0x0A] + ping(3) + [0x0A])
    let refused = try shop.engine.next()
    #expect(refused.number == -32600 && refused.idText == "null")
    #expect(try shop.engine.next().id == 3)
  }

  @Test func `a line of two mebibytes is refused once, and reading goes on behind it`() throws {
    let shop = try Shop()
    try shop.engine.child.write(ping(1, length: 2 << 20) + [0x0A] + ping(2) + [0x0A])
    let refused = try shop.engine.next()
    #expect(refused.number == -32600 && refused.idText == "null")
    #expect(try shop.engine.next().id == 2)
    let end = try shop.engine.finish()
    #expect(end.rest.isEmpty && end.exit == .code(0))
  }

  @Test func `a line of 64 mebibytes takes no memory`() throws {
    let shop = try Shop()
    #expect(try shop.ask("system.ping").isResult)
    let before = shop.engine.child.residentBytes
    let chunk = [UInt8](repeating: 0x5B, count: 1 << 20)
    var most = 0
    for _ in 0..<64 {
      try shop.engine.child.write(chunk)
      try shop.engine.child.flush()
      most = max(most, shop.engine.child.residentBytes)
    }
    try shop.engine.child.write([0x0A] + ping(2) + [0x0A])
    #expect(try shop.engine.next().number == -32600)
    #expect(try shop.engine.next().id == 2)
    #expect(most - before < 8 << 20, "grew by \(most - before) bytes")
  }

  @Test func `an overlong last line is refused at the end of input`() throws {
    let shop = try Shop()
    try shop.engine.child.write([UInt8](repeating: 0x20, count: 2 << 20))
    let end = try shop.engine.finish()
    #expect(end.rest.map(\.number) == [-32600] && end.exit == .code(0))
  }
}
