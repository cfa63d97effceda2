// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import Testing

/// The files of a ledger with all that is true of them, to be copied and damaged.
struct Specimen {
  let files: [String: [UInt8]]
  let cards: [String]
  let journal: [ListedEntry]
  /// How the ledger stood after each entry.
  let moments: [Audit.Moment]
  /// What was carried out before the files were taken, with the bytes of the first answers.
  let acknowledged: [(operation: Operation, text: [UInt8])]

  /// Makes a ledger by some traffic.
  ///
  /// `isHot`: as a kill left it, with all of it in the logs; else as a clean end leaves it.
  init(seed: UInt64, isHot: Bool) throws {
    let tills = try Tills(ledger: Ledger(), seed: seed, cards: 8, tag: "s")
    try tills.begin()
    let till = try tills.open()
    while till.answers < 250 {
      try tills.fill(till, upTo: 16)
      try tills.gather(till, within: 30, enough: 1)
    }
    var files: [String: [UInt8]] = [:]
    if isHot { try tills.kill(till) }
    let known = tills.history.firstAnswers
    if isHot {
      files = Specimen.read(tills.ledger.data)
    } else {
      #expect(try tills.end(till) == .code(0))
    }
    journal = try tills.finish()
    if !isHot { files = Specimen.read(tills.ledger.data) }
    let problems = Audit.problems(of: tills.history, journal: journal, rules: tills.rules)
    guard problems.isEmpty else { throw HarnessFailure("no specimen: \(problems[0])") }
    self.files = files
    acknowledged = known
    cards = tills.cardNumbers
    moments = Audit.moments(of: tills.history, journal: journal, rules: tills.rules)
  }

  static func read(_ directory: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in Files.names(in: directory) {
      files[name] = Files.bytes(of: directory + "/" + name)
    }
    return files
  }

  /// Lays files out as a ledger's directory.
  static func write(_ files: [String: [UInt8]], to ledger: Ledger) throws {
    guard mkdir(ledger.data, 0o700) == 0 else { throw HarnessFailure.system("mkdir") }
    for (name, bytes) in files { try Files.write(bytes, to: ledger.data + "/" + name) }
  }
}

extension Files {
  /// Writes bytes to a new file, for its owner alone.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw HarnessFailure.system("open \(path)") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw HarnessFailure.system("write \(path)") }
      rest = rest.dropFirst(count)
    }
  }
}

/// What an engine says of a whole ledger, as far as it answers.
struct Testimony {
  var standings: [String: Standing] = [:]
  /// Cards that it says it does not know.
  var unknown: Set<String> = []
  var books: Books?
  var journal: [ListedEntry]?
  /// Answers that are neither right nor refusals, and repetitions answered otherwise than before.
  var nonsense: [String] = []
  /// "Try again", or no answer at all.
  var withheld = 0
  let exit: ChildProcess.Exit
  let errors: String

  /// Asks for every card, the books and the journal, and ends the engine.
  ///
  /// First repeats what was acknowledged, where some is given.
  init(
    of ledger: Ledger, cards: [String],
    repeating acknowledged: [(operation: Operation, text: [UInt8])] = []
  ) throws {
    let engine = try EngineProcess(["--data", ledger.data])
    let child = engine.child
    for (operation, text) in acknowledged {
      switch try Testimony.answer(to: operation, engine) {
      case .done(let done)? where done.isReplayed && done.text == text: break
      case nil, .again?: withheld += 1
      case .done(let done)?:
        nonsense.append("\(operation.key) was carried out again, \(done.entry ?? "")")
      case let other?: nonsense.append("\(operation.key) again: \(other)")
      }
    }
    for card in cards {
      let operation = Operation(card: card, request: .account, key: "")
      switch try Testimony.answer(to: operation, engine) {
      case .standing(let standing)?: standings[card] = standing
      case .refused(let refusal)? where refusal.code == "not_found": unknown.insert(card)
      case nil, .again?: withheld += 1
      case let other?: nonsense.append("\(card): \(other)")
      }
    }
    let operation = Operation(card: "", request: .trialBalance, key: "")
    switch try Testimony.answer(to: operation, engine) {
    case .books(let read)?: books = read
    case nil, .again?: withheld += 1
    case let other?: nonsense.append("\(other)")
    }
    do {
      journal = try JournalListing.read(from: engine)
    } catch {
      withheld += 1
    }
    try child.closeInput()
    exit = try child.wait()
    errors = child.errors
  }

  private static func answer(
    to operation: Operation, _ engine: EngineProcess
  ) throws -> Outcome? {
    try engine.send(EngineProcess.line(operation.method, operation.params, id: 1))
    guard let line = try engine.child.line() else { return nil }
    return Outcome(try JSONDocument.parse(line).root, to: operation)
  }

  /// Whether nothing it says contradicts one of these moments.
  func fits(_ moments: some Sequence<Audit.Moment>) -> Bool {
    moments.contains { moment in
      standings.allSatisfy { moment.standings[$0.key] == $0.value }
        && unknown.allSatisfy { moment.standings[$0] == nil }
        && (books == nil || books == moment.books)
    }
  }

  /// Entries it lists that are not the true ones.
  func forgeries(_ truth: [ListedEntry]) -> [ListedEntry] {
    (journal ?? []).filter { entry in
      guard entry.seq >= 1, entry.seq <= truth.count else { return true }
      let original = truth[Int(entry.seq) - 1]
      return entry.id != original.id || entry.key != original.key
        || entry.movement != original.movement || entry.account != original.account
    }
  }
}
