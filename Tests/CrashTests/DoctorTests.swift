// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import SQLite
import Testing

/// `scrip doctor` names each thing that it looks at, when that is not as it should be.
@Suite struct DoctorTests {
  /// A ledger by the wall clock, with a card, ended well.
  private func ledger(at path: String? = nil) throws -> Ledger {
    let ledger = try path.map { Ledger(at: $0) } ?? Ledger()
    let engine = try ledger.serve()
    let answer = try engine.request(
      "account.open",
      [
        "card_no": "C1", "idempotency_key": "open",
        "topup": ["amount": 10_000, "tender": "cash"],
      ])
    #expect(answer.isResult, "\(answer)")
    #expect(try engine.finish().exit == .code(0))
    return ledger
  }

  /// The verdict and the text of one check.
  private func finding(
    _ name: String, of ledger: Ledger, through wrapper: [String] = []
  ) throws -> (verdict: String, text: String) {
    let outcome = try ScripBinary.run(
      ["doctor", "--json", "--data", ledger.data], through: wrapper)
    let report = JSONTree(try JSONDocument.parse(Array(outcome.output.utf8)).root)
    let found = report["checks"]?.elements.first { $0["name"]?.string == name }
    let verdict = found?["verdict"]?.string ?? "not looked at"
    if verdict == "fail" { #expect(outcome.code == 2 && report["ok"] == false) }
    return (verdict, found?["text"]?.string ?? "")
  }

  @Test func `on a sound ledger every check is there, and none fails`() throws {
    let ledger = try ledger()
    for name in [
      "directory", "files", "file_system", "space", "ledger", "time_zone", "keyring", "key_age",
      "clock", "state", "logs", "processes", "writer_lock", "sqlite", "core_dumps",
    ] {
      let found = try finding(name, of: ledger)
      let isLow = name == "space" && found.verdict != "fail"
      #expect(found.verdict == "ok" || isLow, "\(name): \(found)")
    }
    let sqlite = try finding("sqlite", of: ledger).text
    #expect(sqlite.hasPrefix(Connection.libraryVersion), "\(sqlite)")
  }

  @Test func `modes that let others in are named`() throws {
    let ledger = try ledger()
    for (mode, verdict) in [(0o755, "warn"), (0o777, "fail"), (0o700, "ok")] {
      chmod(ledger.data, mode_t(mode))
      #expect(try finding("directory", of: ledger).verdict == verdict, "\(mode)")
    }
    for (file, mode, verdict) in [
      ("journal.db", 0o644, "warn"), ("journal.db", 0o666, "fail"), ("state.db", 0o640, "warn"),
      ("keyring.json", 0o640, "fail"), ("keyring.json", 0o600, "ok"),
    ] {
      chmod(ledger.data + "/" + file, mode_t(mode))
      let found = try finding("files", of: ledger)
      #expect(found.verdict == verdict, "\(file) \(mode): \(found)")
      #expect(verdict == "ok" || found.text.contains(file), "\(found)")
      // A log is given the mode of its database.
      for name in Files.names(in: ledger.data) { chmod(ledger.data + "/" + name, 0o600) }
    }
  }

  @Test(.enabled(if: SmallDisk.isPossible, "file systems may not be mounted here"))
  func `a disk that is nearly full is named`() throws {
    let disk = try SmallDisk(megabytes: 80)
    let ledger = try ledger(at: disk.path + "/data")
    #expect(try finding("space", of: ledger).verdict == "warn")
    try disk.fill(leaving: 4096)
    let found = try finding("space", of: ledger)
    #expect(found.verdict == "fail" && found.text.contains("MiB free"), "\(found)")
    disk.empty()
  }

  @Test(arguments: [(30, "warn"), (86_400, "fail"), (-86_400, "ok")])
  func `a clock behind the newest entry is named`(seconds: Int64, verdict: String) throws {
    let ledger = try ledger()
    do {
      let connection = try Connection(path: ledger.data + "/journal.db", mode: .readWrite)
      try connection.execute(
        """
        DROP TRIGGER journal_is_never_updated;
        UPDATE journal SET at = at + \(1000 * seconds) WHERE seq = (SELECT max(seq) FROM journal)
        """)
    }
    let found = try finding("clock", of: ledger)
    #expect(found.verdict == verdict, "\(found)")
  }

  @Test func `a machine without the ledger's time zone is named`() throws {
    let ledger = try ledger()
    let env = try #require(Tools.path(of: "env"))
    let found = try finding("time_zone", of: ledger, through: [env, "TZDIR=/nonexistent"])
    #expect(found.verdict == "fail" && found.text.contains("tzdata"), "\(found)")
  }

  @Test func `another program that has the ledger open is named, and an engine is not`() throws {
    let ledger = try ledger()
    let engine = try ledger.serve()
    _ = try engine.request("system.ping")
    var found = try finding("processes", of: ledger)
    #expect(found.verdict == "ok" && found.text.contains("\(engine.child.pid)"), "\(found)")
    // This process is no Scrip.
    do {
      let stranger = try Connection(path: ledger.data + "/journal.db", mode: .readWrite)
      #expect(try stranger.integer("SELECT count(*) FROM journal") == 2)
      found = try finding("processes", of: ledger)
      #expect(found.verdict == "warn" && found.text.contains("\(getpid())"), "\(found)")
      stranger.close()
    }
    #expect(try engine.finish().exit == .code(0))
  }

  @Test func `a writer that does not let go of its lock is named`() throws {
    let ledger = try ledger()
    let lock = try FileLock(path: ledger.data + "/journal.lock")
    try lock.lock()
    let found = try finding("writer_lock", of: ledger)
    #expect(found.verdict == "fail" && found.text.contains("\(getpid())"), "\(found)")
    lock.unlock()
    #expect(try finding("writer_lock", of: ledger).verdict == "ok")
  }

  @Test func `keys that have signed for years, and keys of another ledger, are named`() throws {
    let ledger = try ledger()
    let path = ledger.data + "/keyring.json"
    let text = try #require(Files.text(of: path))
    let old = text.replacing(#/_at_ms":\s*[0-9]+/#, with: "_at_ms\":1577836800000")
    #expect(old != text)
    try Files.write(old, to: path)
    let found = try finding("key_age", of: ledger)
    #expect(found.verdict == "warn" && found.text.contains("rotate"), "\(found)")
    let other = try self.ledger()
    try Files.write(try #require(Files.text(of: other.data + "/keyring.json")), to: path)
    #expect(try finding("keyring", of: ledger).verdict == "fail")
    unlink(path)
    #expect(try finding("keyring", of: ledger).verdict == "fail")
  }

  @Test func `a state that is missing, and a log that has grown, are named`() throws {
    let ledger = try ledger()
    for name in ["state.db", "state.db-wal", "state.db-shm"] { unlink(ledger.data + "/" + name) }
    #expect(try finding("state", of: ledger).verdict == "warn")
    let log = ledger.data + "/state.db-wal"
    try Files.write("", to: log)
    #expect(truncate(log, 300 << 20) == 0)
    #expect(try finding("logs", of: ledger).verdict == "warn")
  }

  // MARK: Versions

  @Test func `a ledger of a newer version is refused by every command, and left as it is`() throws {
    let ledger = try ledger()
    do {
      let connection = try Connection(path: ledger.data + "/journal.db", mode: .readWrite)
      try connection.execute("PRAGMA user_version = 2")
      _ = try connection.checkpoint(.truncate)
    }
    let before = Specimen.read(ledger.data)
    let backup = ledger.beside("backup")
    for command in [
      ["serve"], ["verify"], ["rebuild"], ["journal"], ["head"], ["backup", backup],
      ["call", "system.ping"], ["alerts", "tail"],
    ] {
      let outcome = try ScripBinary.run(command + ["--data", ledger.data])
      #expect(outcome.code != 0 && outcome.code != nil, "\(command): \(outcome)")
      #expect(outcome.errors.contains("newer Scrip"), "\(command): \(outcome)")
    }
    #expect(try finding("ledger", of: ledger).verdict == "fail")
    let after = Specimen.read(ledger.data)
    for (name, bytes) in before where !name.hasSuffix("-shm") { #expect(after[name] == bytes) }
    #expect(Files.names(in: backup).isEmpty)
    // Back at its version it serves as before.
    do {
      let connection = try Connection(path: ledger.data + "/journal.db", mode: .readWrite)
      try connection.execute("PRAGMA user_version = 1")
    }
    try ledger.expectSound()
  }

  @Test(arguments: [1, 3, 99])
  func `a state of another version is made anew`(version: Int) throws {
    let ledger = try ledger()
    do {
      let connection = try Connection(path: ledger.data + "/state.db", mode: .readWrite)
      try connection.execute("PRAGMA user_version = \(version)")
    }
    let engine = try ledger.serve()
    #expect(try engine.request("account.get", ["card_no": "C1"]).isResult)
    #expect(try engine.finish().exit == .code(0))
    #expect(engine.child.errors.contains("made anew"), "\(engine.child.errors)")
    try ledger.expectSound()
  }
}
