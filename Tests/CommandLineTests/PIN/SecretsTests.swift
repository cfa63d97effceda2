// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Seeds
import Testing

/// PINs and keys leave no trace: not in answers, not in logs, not in files (T42, contract §1).
@Suite struct SecretsTests {
  /// Digits that stand nowhere by chance.
  private static let pins = ["739104826", "518830297461", "640291773"]

  /// About 300 operations with the PINs, right and wrong; all output is given.
  private func work(_ shop: Shop) throws -> String {
    var output = ""
    var random = SplitMix64(seed: 0x5EC2_E701)
    func keep(_ answer: Answer) { output += answer.text + "\n" }
    for number in 0..<8 {
      keep(try shop.open("C\(number)", topUp: 100_000, pin: Self.pins[number % 3]))
    }
    for _ in 0..<280 {
      let card = "C\(random.below(8))"
      let pin = Self.pins[random.below(3)]
      switch random.below(9) {
      case 0: keep(try shop.hold(card, 5, ["pin": .string(pin)]))
      case 1: keep(try shop.card("pin.verify", card, ["pin": .string(pin)]))
      case 2:
        keep(
          try shop.card(
            "pin.change", card,
            ["current_pin": .string(pin), "new_pin": .string(Self.pins[random.below(3)])]))
      case 3:
        keep(try shop.card("pin.reset", card, ["new_pin": .string(pin), "proof": "passport"]))
      case 4:
        keep(try shop.card("pin.set", card, ["pin": .string(pin), "override_reason": "asked"]))
      case 5:
        // What is wrong with a request must not be said by repeating it.
        keep(try shop.debit(card, 1, pin: pin, ["amount": "x"]))
        keep(try shop.debit(card, 1, ["pin": .string(pin + pin)]))
        keep(try shop.debit(card, 1, ["pni": .string(pin)]))
        keep(try shop.debit(card, 1, ["pin": .integer(Int64(pin) ?? 0)]))
        keep(try shop.engine.ask(#"{"jsonrpc":"2.0","id":"a","pin":"\#(pin)""#))
        keep(try shop.engine.ask(#"{"jsonrpc":"2.0","id":"a","method":"nothing \#(pin)"}"#))
      default: keep(try shop.debit(card, 1 + random.below(50), pin: pin))
      }
    }
    keep(try shop.ask("entry.list", ["limit": 500]))
    keep(try shop.ask("account.get", ["card_no": "C1"]))
    return output
  }

  /// The keys of the keyring: as its text has them, and as bytes.
  private func keys(_ shop: Shop) throws -> [[UInt8]] {
    let text = try #require(Files.text(of: shop.ledger.data + "/keyring.json"))
    var found: [[UInt8]] = []
    func collect(_ tree: JSONTree) {
      for part in tree.elements + tree.members.map(\.value) { collect(part) }
      guard let word = tree.string, word.utf8.count >= 40 else { return }
      found.append(Array(word.utf8))
      let digits = word.utf8.map { byte -> UInt8? in
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
      }
      guard digits.count % 2 == 0, !digits.contains(nil) else { return }
      let bytes = digits.compactMap { $0 }
      found.append(stride(from: 0, to: bytes.count, by: 2).map { bytes[$0] << 4 | bytes[$0 + 1] })
    }
    collect(try JSONTree(text: text))
    return found
  }

  @Test func `no PIN and no key stands in answers, logs or files`() throws {
    let shop = try Shop()
    let output = try work(shop)
    var places: [(name: String, bytes: [UInt8])] = [("answers", Array(output.utf8))]
    places.append(("errors", Array(shop.engine.child.errors.utf8)))
    // While the engine runs, with its log files, and after it has ended.
    for round in ["running", "ended"] {
      if round == "ended" { try shop.engine.finish() }
      for file in shop.ledger.files {
        places.append(("\(file) \(round)", try #require(Files.bytes(of: file))))
      }
    }
    let journal = try ScripBinary.run(["journal", "--json", "--data", shop.ledger.data])
    places.append(("scrip journal", Array((journal.output + journal.errors).utf8)))
    let keys = try keys(shop)
    #expect(keys.count >= 4, "the keyring holds keys")
    for (name, bytes) in places {
      for pin in Self.pins {
        // A PIN that was sent as the name of a method or member may be named.
        let echoes = name == "answers" ? "no hit outside echoes" : "no hit"
        let text = name == "answers" ? withoutEchoes(bytes) : bytes
        #expect(!Files.contains(text, pin), "\(pin) in \(name): \(echoes)")
      }
      guard !name.contains("keyring.json") else { continue }
      for key in keys { #expect(!Files.contains(bytes, key), "a key in \(name)") }
    }
    #expect(places.count > 8)
    try shop.ledger.expectSound()
  }

  /// The answers but those that refuse an unknown method.
  private func withoutEchoes(_ bytes: [UInt8]) -> [UInt8] {
    Array(
      bytes.split(separator: 0x0A).filter { !Files.contains(Array($0), "-32601") }.joined(
        separator: [0x0A]))
  }

  @Test func `the ledger's files are their owner's alone`() throws {
    let shop = try Shop()
    try shop.open("C1", topUp: 5, pin: "1234")
    for file in shop.ledger.files { #expect(Files.mode(of: file) == 0o600, "\(file)") }
    #expect(Files.mode(of: shop.ledger.data) == 0o700)
    try shop.engine.finish()
    for file in shop.ledger.files { #expect(Files.mode(of: file) == 0o600, "\(file)") }
    #expect(shop.ledger.files.contains { $0.hasSuffix("/keyring.json") })
  }

  @Test func `names and phones stand beside the journal, and come back in results`() throws {
    let shop = try Shop()
    let holder: JSONTree = ["name": "\u{97E9}\u{6885}\u{6885}", "phone": "13800557731"]
    try shop.open("C1", ["holder": holder, "registered": true])
    #expect(try shop.account("C1")["/holder"] == holder)
    try shop.crash()
    #expect(try shop.account("C1")["/holder"] == holder)
    let journal = try ScripBinary.run(["journal", "--json", "--data", shop.ledger.data])
    #expect(journal.code == 0 && !journal.output.contains("13800557731"))
    #expect(!journal.output.contains("\u{97E9}"))
  }
}
