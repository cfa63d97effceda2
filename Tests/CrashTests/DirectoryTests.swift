// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Testing

/// A directory that cannot be served is refused in one clear line, and left as it is (T6).
@Suite struct DirectoryTests {
  /// A ledger with some traffic, ended well.
  private func ledger() throws -> Tills {
    let tills = try Tills(
      ledger: Ledger(), seed: Settings.seed(for: "directories"), cards: 3, tag: "d")
    try tills.begin()
    let till = try tills.open()
    while till.requests < 40 {
      try tills.fill(till, upTo: 8)
      try tills.settle(till)
    }
    #expect(try tills.end(till) == .code(0))
    return tills
  }

  private func serve(_ data: String, _ options: [String] = []) throws -> Deed {
    try Deed([ScripBinary.path(), "serve", "--data", data] + options)
  }

  /// Expects a refusal with this exit code that names `word`, answers nothing, and changes none of
  /// the ledger's files.
  private func expectRefusal(
    _ code: Int32, naming word: String, of data: String,
    at location: SourceLocation = #_sourceLocation, _ body: () throws -> Deed
  ) throws {
    let before = contents(of: data)
    let deed = try body()
    #expect(deed.exit == .code(code), "\(deed)", sourceLocation: location)
    #expect(deed.output.isEmpty, "\(deed)", sourceLocation: location)
    #expect(deed.errors.contains(word), "\(deed)", sourceLocation: location)
    let lines = deed.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(deed)", sourceLocation: location)
    #expect(contents(of: data) == before, "\(deed)", sourceLocation: location)
  }

  /// All files but the ones that hold nothing of the ledger: locks and shared memory.
  private func contents(of data: String) -> [String: [UInt8]] {
    Specimen.read(data).filter { !$0.key.hasSuffix(".lock") && !$0.key.hasSuffix("-shm") }
  }

  // MARK: The keyring

  @Test func `a ledger whose keyring is missing, open to others or garbled is not served`() throws {
    let tills = try ledger()
    let data = tills.ledger.data
    let path = data + "/keyring.json"
    let keys = try #require(Files.text(of: path))

    unlink(path)
    try expectRefusal(78, naming: "keyring", of: data) { try serve(data) }
    try expectRefusal(78, naming: "keyring", of: data) { try serve(data, ["--init"]) }
    for text in ["", "{}", "[", String(keys.dropLast(20))] {
      try Files.write(text, to: path)
      try expectRefusal(78, naming: "keyring", of: data) { try serve(data) }
    }
    try Files.write(keys, to: path)
    for mode in [0o644, 0o640, 0o604, 0o666] as [mode_t] {
      chmod(path, mode)
      try expectRefusal(78, naming: "keyring", of: data) { try serve(data) }
    }
    chmod(path, 0o600)
    try tills.close()
  }

  @Test func `a ledger with the keyring of another is not served`() throws {
    let (tills, other) = (try ledger(), try ledger())
    let path = tills.ledger.data + "/keyring.json"
    let keys = try #require(Files.text(of: path))
    try Files.write(try #require(Files.text(of: other.ledger.data + "/keyring.json")), to: path)
    try expectRefusal(65, naming: "key", of: tills.ledger.data) { try serve(tills.ledger.data) }
    try Files.write(keys, to: path)
    try tills.close()
  }

  // MARK: The directory

  @Test func `where there is no ledger none is served, and nothing is made`() throws {
    let ledger = try Ledger()
    try expectRefusal(78, naming: ledger.data, of: ledger.data) { try serve(ledger.data) }
    #expect(access(ledger.data, F_OK) != 0)
    mkdir(ledger.data, 0o700)
    try expectRefusal(78, naming: ledger.data, of: ledger.data) { try serve(ledger.data) }
    #expect(Files.names(in: ledger.data).isEmpty)
    rmdir(ledger.data)
    try Files.write("a file", to: ledger.data)
    for options in [[], ["--init"]] {
      let deed = try serve(ledger.data, options)
      #expect([.code(73), .code(74), .code(78)].contains(deed.exit), "\(deed)")
      #expect(deed.output.isEmpty && deed.errors.contains(ledger.data), "\(deed)")
    }
    #expect(Files.text(of: ledger.data) == "a file")
  }

  @Test func `a ledger that lost its journal is not made anew over what is left`() throws {
    let tills = try ledger()
    let data = tills.ledger.data
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] { unlink(data + "/" + name) }
    try expectRefusal(78, naming: data, of: data) { try serve(data) }
    let deed = try serve(data, ["--init"])
    #expect([.code(73), .code(78)].contains(deed.exit) && deed.output.isEmpty, "\(deed)")
    #expect(!Files.names(in: data).contains("journal.db"), "\(deed)")
  }

  @Test func `a journal that is no database is not served`() throws {
    for text in ["", "hello\n", String(repeating: "no database ", count: 1000)] {
      let tills = try ledger()
      let data = tills.ledger.data
      try Files.write(text, to: data + "/journal.db")
      unlink(data + "/journal.db-wal")
      let deed = try serve(data)
      #expect([.code(65), .code(78)].contains(deed.exit), "\(deed)")
      #expect(deed.output.isEmpty && deed.errors.contains("journal.db"), "\(deed)")
      #expect(Files.text(of: data + "/journal.db") == text)
    }
  }
}

/// What happens to an engine whose files are taken from under it.
@Suite struct TakenFilesTests {
  /// Serves a few requests, has something done, and asks for some more; what the engine says and
  /// how it ends.
  private func serve(
    _ seed: String, _ deed: (String) throws -> Void
  ) throws -> (
    tills: Tills, answers: ArraySlice<History.Attempt>, exit: ChildProcess.Exit, errors: String
  ) {
    let tills = try Tills(ledger: Ledger(), seed: Settings.seed(for: seed), cards: 3, tag: "t")
    try tills.begin()
    let till = try tills.open()
    while till.requests < 20 {
      try tills.fill(till, upTo: 4)
      try tills.settle(till)
    }
    try deed(tills.ledger.data)
    // The engine looks every few milliseconds.
    usleep(20_000)
    let first = tills.history.attempts.count
    try ask(tills, till)
    let exit = try tills.end(till)
    return (tills, tills.history.attempts[first...], exit, till.engine.child.errors)
  }

  @Test(arguments: ["journal.db", "journal.db-wal", "journal.db-shm"])
  func `a till whose journal was moved away is told so, and nothing more is answered`(
    name: String
  ) throws {
    let (tills, answers, exit, errors) = try serve("moved away") { data in
      rename(data + "/" + name, data + "/aside")
    }
    for answer in answers where !tills.history.operation(of: answer).isRead {
      #expect(answer.isToBeRepeated || answer.answeredAt == nil)
    }
    #expect(exit == .code(74))
    #expect(errors.contains(tills.ledger.data + "/" + name + " was moved"), "\(errors)")
    if name == "journal.db" {
      rename(tills.ledger.data + "/aside", tills.ledger.data + "/" + name)
    }
    try tills.close()
  }

  @Test func `what was answered from a log that was deleted is in the journal`() throws {
    let (tills, _, exit, errors) = try serve("a deleted log") { unlink($0 + "/journal.db-wal") }
    #expect(exit == .code(74))
    #expect(errors.contains("what was in it"), "\(errors)")
    try tills.close()
  }

  @Test(arguments: [true, false])
  func `who still has a deleted log writes over nothing that a new one holds`(
    asksAgain: Bool
  ) throws {
    let tills = try Tills(
      ledger: Ledger(), seed: Settings.seed(for: "two logs"), cards: 3, tag: "t")
    try tills.begin()
    let (first, second) = (try tills.open(), try tills.open())
    for (till, requests) in [(first, 60), (second, 4)] {
      let end = till.requests + requests
      while till.requests < end {
        try tills.fill(till, upTo: 4)
        try tills.settle(till)
      }
    }
    unlink(tills.ledger.data + "/journal.db-wal")
    usleep(20_000)
    try ask(tills, first)
    #expect(try tills.end(first) == .code(74))
    // The first one copied the log, and the third begins another.
    let third = try tills.open()
    while third.requests < 40 {
      try tills.fill(third, upTo: 4)
      try tills.settle(third)
    }
    if asksAgain { try ask(tills, second) }
    #expect(try tills.end(second) == .code(74))
    #expect(second.engine.child.errors.contains("journal.db-wal"))
    while third.requests < 60 {
      try tills.fill(third, upTo: 4)
      try tills.settle(third)
    }
    #expect(try tills.end(third) == .code(0))
    try tills.close()
  }

  /// Sends requests until the engine ends.
  private func ask(_ tills: Tills, _ till: Tills.Till) throws {
    let deadline = Deadline()
    for _ in 0..<10 where !till.engine.child.isAtEnd {
      try tills.sendNext(to: till)
      while !till.inFlight.isEmpty, !till.engine.child.isAtEnd, !deadline.hasPassed {
        try tills.drain(till, within: 0.05)
      }
    }
  }

  @Test func `a file that is copied or touched is the same`() throws {
    let (tills, answers, exit, _) = try serve("touched") { data in
      for name in ["journal.db", "journal.db-wal"] { utimes(data + "/" + name, nil) }
    }
    #expect(answers.allSatisfy { !$0.isToBeRepeated })
    #expect(exit == .code(0))
    try tills.close()
  }
}

/// What the permissions of files forbid; as nobody, where the tests run as root.
@Suite(.enabled(if: Stranger.exists, "root can do anything, and there is no setpriv"))
struct PermissionTests {
  private func ledger(for stranger: Stranger) throws -> Tills {
    let tills = try Tills(
      ledger: Ledger(), seed: Settings.seed(for: "permissions"), cards: 3, tag: "p")
    try tills.begin()
    stranger.take(tills.ledger)
    let deed = try stranger.run(["serve", "--data", tills.ledger.data])
    #expect(deed.exit == .code(0) && deed.output.contains("pong"), "\(deed)")
    return tills
  }

  @Test func `a directory or a file that may not be used is refused, and left as it is`() throws {
    let stranger = try Stranger()
    let tills = try ledger(for: stranger)
    let data = tills.ledger.data
    let names = Files.names(in: data)
    /// What is forbidden, by mode.
    let cases = ([""] + names.filter { !$0.hasSuffix("-shm") }).flatMap { name in
      [(name: name, mode: mode_t(name.isEmpty ? 0o500 : 0o400)), (name: name, mode: mode_t(0))]
    }
    for (name, mode) in cases {
      let path = name.isEmpty ? data : data + "/" + name
      let usual = try #require(Files.mode(of: path))
      let before = Specimen.read(data)
      chmod(path, mode)
      let deed = try stranger.run(["serve", "--data", data])
      chmod(path, usual)
      let place: Comment = "\(name) with mode \(String(mode, radix: 8)): \(deed)"
      switch deed.exit {
      // A key ring or a lock that is only to be read may do.
      case .code(0): #expect(deed.output.contains("pong") && deed.errors.isEmpty, place)
      case .code(65), .code(73), .code(74), .code(78):
        #expect(deed.output.isEmpty && !deed.errors.isEmpty, place)
        #expect(Specimen.read(data)["journal.db"] == before["journal.db"], place)
      default: Issue.record(place)
      }
      // All files may be there already, so that nothing need be made in the directory.
      if name == "journal.db" || name.isEmpty && mode == 0 { #expect(deed.exit != .code(0), place) }
    }
    let deed = try stranger.run(["serve", "--data", data])
    #expect(deed.exit == .code(0) && deed.output.contains("pong"), "\(deed)")
    try tills.close()
  }

  @Test func `a ledger that may not be made leaves nothing`() throws {
    let stranger = try Stranger()
    let ledger = try Ledger()
    mkdir(ledger.data, 0o700)
    stranger.take(ledger)
    chmod(ledger.data, 0o500)
    for command in [["init"], ["serve", "--init"]] {
      for data in [ledger.data, ledger.data + "/below"] {
        let deed = try stranger.run(command + ["--data", data])
        #expect([.code(73), .code(78)].contains(deed.exit), "\(command) \(data): \(deed)")
        #expect(deed.output.isEmpty && !deed.errors.isEmpty, "\(command) \(data): \(deed)")
        #expect(Files.names(in: ledger.data).isEmpty, "\(command)")
      }
    }
  }
}
