// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Seeds
import Testing

/// A damaged file never makes a wrong balance in silence, and never a crash (T7).
@Suite struct DamageTests {
  /// What the ledger is like that is damaged.
  struct Case: CustomTestStringConvertible {
    let isHot: Bool
    /// Whether the folded state is gone too, so that the journal must be read.
    let losesState: Bool

    var testDescription: String {
      (isHot ? "killed" : "ended well") + (losesState ? ", without its state" : "")
    }
  }

  @Test(arguments: [
    Case(isHot: false, losesState: false), Case(isHot: false, losesState: true),
    Case(isHot: true, losesState: false), Case(isHot: true, losesState: true),
  ])
  func `a damaged journal is refused, or what is told of it was so once`(kind: Case) throws {
    let seed = Settings.seed(for: "damage, \(kind.testDescription)")
    var random = SplitMix64(seed: seed)
    let specimen = try Specimen(seed: seed, isHot: kind.isHot)
    let intact = try count(of: specimen)
    var (refused, shorter, whole) = (0, 0, 0)
    for round in 0..<max(1, Settings.damagedFiles / 4) {
      var files = specimen.files
      if kind.losesState { files = files.filter { !$0.key.hasPrefix("state.db") } }
      let target = kind.isHot || random.once(in: 6) ? "journal.db-wal" : "journal.db"
      let damage = Damage.any(&random)
      files[target] = damage.done(to: files[target] ?? [], &random)
      if random.once(in: 2) { files["journal.db-shm"] = nil }
      let ledger = try Ledger()
      try Specimen.write(files, to: ledger)

      let name: Comment = "round \(round), \(damage) in \(target)"
      let verified = try ledger.verify()
      let said = try Testimony(of: ledger, cards: specimen.cards)
      #expect(said.nonsense.isEmpty, name)
      #expect(said.fits(specimen.moments), name)
      #expect(said.forgeries(specimen.journal).isEmpty, name)
      #expect(said.exit == .code(0) || !said.errors.isEmpty, "\(name): it ended in silence")
      expectDecent(said.exit, name)
      expectDecent(verified.exit, name)
      let isSilent = verified.output.isEmpty && verified.errors.isEmpty
      #expect(isSilent == (verified.exit == .code(0)), "\(name): \(verified)")
      if said.withheld > 0 {
        refused += 1
        #expect(said.exit != .code(0), "\(name): an answer is missing, and it ended well")
      } else if said.journal?.count == intact {
        whole += 1
      } else {
        shorter += 1
      }
    }
    counted("T7", refused + shorter + whole, "files")
    print("\(kind.testDescription): \(refused) refused, \(shorter) shorter, \(whole) whole")
  }

  /// The chain over the journal is keyed, so not even a plausible entry passes for a true one.
  @Test func `a flipped bit in the journal is never taken for the truth`() throws {
    let seed = Settings.seed(for: "flipped bits")
    var random = SplitMix64(seed: seed)
    let specimen = try Specimen(seed: seed, isHot: false)
    var files = specimen.files.filter { !$0.key.hasPrefix("state.db") }
    files["journal.db-wal"] = nil
    files["journal.db-shm"] = nil
    let bytes = try #require(files["journal.db"])
    var wrong: [String] = []
    for _ in 0..<Settings.damagedFiles {
      // The head of the first page is not the journal's but the database's.
      let place = 100 + random.below(bytes.count - 100)
      files["journal.db"] = bytes
      files["journal.db"]?[place] ^= UInt8(1 << random.below(8))
      let ledger = try Ledger()
      try Specimen.write(files, to: ledger)
      let said = try Testimony(of: ledger, cards: specimen.cards)
      let isTrue = said.fits(specimen.moments) && said.forgeries(specimen.journal).isEmpty
      if !isTrue || !said.nonsense.isEmpty { wrong.append("bit at \(place)") }
      expectDecent(said.exit, "bit at \(place)")
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(Settings.damagedFiles): \(wrong.prefix(3))")
  }

  /// How many entries the files hold when nothing is done to them.
  private func count(of specimen: Specimen) throws -> Int {
    let ledger = try Ledger()
    try Specimen.write(specimen.files, to: ledger)
    let said = try Testimony(
      of: ledger, cards: specimen.cards, repeating: specimen.acknowledged)
    #expect(said.withheld == 0 && said.nonsense.isEmpty && said.fits(specimen.moments))
    return said.journal?.count ?? 0
  }

  /// Expects an exit code of the contract, and no signal.
  private func expectDecent(_ exit: ChildProcess.Exit, _ name: Comment) {
    switch exit {
    case .code(0), .code(1), .code(2), .code(65), .code(69), .code(74), .code(78): break
    default: Issue.record("\(name): \(exit)")
    }
  }

  /// The state folds only what the journal has made durable.
  @Test func `a journal that has lost entries is not served as if it had not`() throws {
    let seed = Settings.seed(for: "a lost log")
    var random = SplitMix64(seed: seed)
    let specimen = try Specimen(seed: seed, isHot: false)
    for round in 0..<8 {
      var files = specimen.files
      // The newest entries stand in the log, whether or not it was copied.
      let log = files["journal.db-wal"] ?? []
      files["journal.db-wal"] = Array(log.prefix(log.count * random.below(10) / 10))
      files["journal.db-shm"] = nil
      let ledger = try Ledger()
      try Specimen.write(files, to: ledger)
      let found = try ledger.verify()
      let said = try Testimony(of: ledger, cards: specimen.cards)
      let name: Comment = "round \(round): \(found), then \(said.exit) \(said.errors)"
      guard said.exit != .code(0) else {
        let isWhole = said.standings == specimen.moments.last?.standings
        #expect(isWhole, name)
        continue
      }
      #expect(said.exit == .code(65) && said.standings.isEmpty && !said.errors.isEmpty, name)
      #expect(found.exit != .code(0), name)
      // What is left may still be a database; then whoever accepts the loss can say so.
      guard found.exit == .code(2) else { continue }
      let rebuilt = try ScripBinary.run(["rebuild", "--data", ledger.data])
      #expect(rebuilt.exit == .code(0), "\(name), \(rebuilt)")
      let later = try Testimony(of: ledger, cards: specimen.cards)
      #expect(later.withheld == 0 && later.fits(specimen.moments), name)
    }
  }

  @Test(arguments: [false, true])
  func `a damaged or missing state is made anew, and every balance is as before`(
    isHot: Bool
  ) throws {
    let seed = Settings.seed(for: "a damaged state, \(isHot ? "killed" : "ended well")")
    var random = SplitMix64(seed: seed)
    let specimen = try Specimen(seed: seed, isHot: isHot)
    let ledger = try Ledger()
    try Specimen.write(specimen.files, to: ledger)
    let before = try Testimony(of: ledger, cards: specimen.cards)
    #expect(before.withheld == 0 && before.fits(specimen.moments))
    for round in 0..<max(1, Settings.damagedFiles / 4) {
      var files = specimen.files
      let change = StateLoss.any(&random).done(to: &files, &random)
      let ledger = try Ledger()
      try Specimen.write(files, to: ledger)
      let name: Comment = "round \(round), \(change)"
      let said = try Testimony(of: ledger, cards: specimen.cards)
      #expect(said.exit == .code(0) && said.withheld == 0, "\(name): \(said.errors)")
      #expect(said.nonsense.isEmpty, "\(name): \(said.nonsense.prefix(3))")
      let isAsBefore = said.standings == before.standings && said.books == before.books
      #expect(isAsBefore || said.withheld > 0, name)
      try expectMendable(ledger, name)
    }
  }

  @Test func `a damaged index of keys lets no request be carried out twice`() throws {
    let seed = Settings.seed(for: "damaged keys")
    var random = SplitMix64(seed: seed)
    let specimen = try Specimen(seed: seed, isHot: false)
    let bytes = try #require(specimen.files["state.db"])
    let pages = StateLoss.pagesOfKeys(bytes)
    try #require(!pages.isEmpty)
    let rounds = max(1, Settings.damagedFiles / 10)
    var wrong: [String] = []
    for _ in 0..<rounds {
      var files = specimen.files
      let page = try #require(pages.randomElement(using: &random))
      // In the rows, which fill a page from its end.
      let place = (page + 1) * StateLoss.pageSize - 1 - random.below(256)
      files["state.db"]?[place] ^= UInt8(1 << random.below(8))
      files["state.db-wal"] = nil
      files["state.db-shm"] = nil
      let ledger = try Ledger()
      try Specimen.write(files, to: ledger)
      let said = try Testimony(
        of: ledger, cards: specimen.cards, repeating: specimen.acknowledged)
      wrong += said.nonsense.prefix(1)
      #expect(said.exit == .code(0) && said.withheld == 0, "\(said.errors)")
      if said.nonsense.isEmpty, said.standings != specimen.moments.last?.standings {
        wrong.append("balances are not as before")
      }
    }
    // A missing row proves nothing, but its page is not what was written.
    #expect(wrong.isEmpty, "in \(wrong.count) of \(rounds) ledgers: \(wrong.prefix(3))")
  }

  /// Damage that no request came across is named by `scrip verify`, and gone after
  /// `scrip rebuild`.
  private func expectMendable(_ ledger: Ledger, _ name: Comment) throws {
    let found = try ledger.verify()
    guard found.exit != .code(0) else { return }
    #expect(found.exit == .code(2) && !(found.output + found.errors).isEmpty, "\(name): \(found)")
    let rebuilt = try ScripBinary.run(["rebuild", "--data", ledger.data])
    #expect(rebuilt.exit == .code(0), "\(name): \(rebuilt)")
    try ledger.expectSound(name)
  }
}

/// A change to the bytes of a file.
enum Damage {
  case scattered(Int)
  case run(Int)
  case cut
  case zeroedPage
  case swappedPages

  static func any(_ random: inout SplitMix64) -> Damage {
    // One byte alone is what is most easily taken for right.
    let count = random.once(in: 2) ? 1 : 1 + random.below(64)
    return switch random.below(10) {
    case 0..<5: .scattered(count)
    case 5, 6: .run(count)
    case 7: .cut
    case 8: .zeroedPage
    default: .swappedPages
    }
  }

  func done(
    to bytes: [UInt8], pageSize: Int = 4096, _ random: inout SplitMix64
  ) -> [UInt8] {
    var bytes = bytes
    guard !bytes.isEmpty else { return [0x53] }
    let pages = max(1, bytes.count / pageSize)
    switch self {
    case .scattered(let count):
      for _ in 0..<count { Damage.flip(&bytes[random.below(bytes.count)], &random) }
    case .run(let count):
      let start = random.below(bytes.count)
      for index in start..<min(start + count, bytes.count) { Damage.flip(&bytes[index], &random) }
    case .cut: bytes.removeLast(1 + random.below(bytes.count))
    case .zeroedPage:
      let start = random.below(pages) * pageSize
      for index in start..<min(start + pageSize, bytes.count) { bytes[index] = 0 }
    case .swappedPages:
      let (first, second) = (random.below(pages) * pageSize, random.below(pages) * pageSize)
      for offset in 0..<pageSize where max(first, second) + offset < bytes.count {
        bytes.swapAt(first + offset, second + offset)
      }
    }
    return bytes
  }

  private static func flip(_ byte: inout UInt8, _ random: inout SplitMix64) {
    byte ^= UInt8(1 + random.below(255))
  }
}

/// What happens to the folded state.
enum StateLoss {
  static let pageSize = 1024

  case gone
  case emptied
  case text
  case withoutLog
  case logAlone
  /// A letter of the tables' definitions is another.
  case definitions
  /// A byte of every page but the first is another.
  case everyPage
  case damaged(Damage)
  case logDamaged(Damage)

  static func any(_ random: inout SplitMix64) -> StateLoss {
    switch random.below(20) {
    case 0: .gone
    case 1: .emptied
    case 2: .text
    case 3: .withoutLog
    case 4: .logAlone
    case 5: .definitions
    case 6, 7: .everyPage
    case 8..<15: .damaged(.any(&random))
    default: .logDamaged(.any(&random))
    }
  }

  func done(to files: inout [String: [UInt8]], _ random: inout SplitMix64) -> String {
    switch self {
    case .gone: files = files.filter { !$0.key.hasPrefix("state.db") }
    case .emptied: files["state.db"] = []
    case .text: files["state.db"] = Array("this is no database".utf8)
    case .withoutLog: files["state.db-wal"] = nil
    case .logAlone: files["state.db"] = nil
    case .definitions:
      let letters = (files["state.db"] ?? []).prefix(Self.pageSize).indices.filter { index in
        files["state.db"]?[index] == UInt8(ascii: "e")
      }
      if let letter = letters.randomElement(using: &random) { files["state.db"]?[letter] += 1 }
      files["state.db-wal"] = nil
    case .everyPage:
      let count = files["state.db"]?.count ?? 0
      for end in stride(from: 2 * Self.pageSize, through: count, by: Self.pageSize) {
        // Mostly in the rows, which stand at the end of their page.
        files["state.db"]?[end - 1 - random.below(200)] ^= 0x55
      }
      files["state.db-wal"] = nil
    case .damaged(let damage):
      files["state.db"] = damage.done(
        to: files["state.db"] ?? [], pageSize: Self.pageSize, &random)
    case .logDamaged(let damage):
      files["state.db-wal"] = damage.done(
        to: files["state.db-wal"] ?? [], pageSize: Self.pageSize, &random)
    }
    return "\(self)"
  }

  /// The pages with rows of the index of keys, from 0: leaves of a table whose first row has a
  /// number that only that table's have (https://sqlite.org/fileformat2.html, 1.6).
  static func pagesOfKeys(_ bytes: [UInt8]) -> [Int] {
    (1..<max(1, bytes.count / pageSize)).filter { page in
      let content = Array(bytes[page * pageSize..<(page + 1) * pageSize])
      guard content[0] == 0x0D, content[3] != 0 || content[4] != 0 else { return false }
      var place = Int(content[8]) << 8 | Int(content[9])
      func number() -> Int {
        var value = 0
        while place < content.count {
          value = value << 7 | Int(content[place] & 0x7F)
          place += 1
          if content[place - 1] < 0x80 || value >= 1 << 48 { break }
        }
        return value
      }
      _ = number()
      return (1 << 24..<1 << 40).contains(number())
    }
  }
}
