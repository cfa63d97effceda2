// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite
import Testing

@Suite struct ErrorTests {
  let connection: Connection

  init() throws {
    connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(
      """
      PRAGMA foreign_keys = ON;
      CREATE TABLE parent(id INTEGER PRIMARY KEY) STRICT;
      CREATE TABLE t(
        id INTEGER PRIMARY KEY,
        word TEXT UNIQUE CHECK(word <> 'bad'),
        needed INTEGER NOT NULL DEFAULT 1,
        parent INTEGER REFERENCES parent(id)) STRICT;
      CREATE TABLE pair(a TEXT PRIMARY KEY) WITHOUT ROWID;
      CREATE TRIGGER frozen BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'never'); END;
      INSERT INTO t(id, word) VALUES(1, 'one');
      INSERT INTO pair VALUES('one');
      """)
  }

  @Test(arguments: [
    ("INSERT INTO t(word) VALUES('one')", ResultCode.constraintUnique),
    ("INSERT INTO t(id) VALUES(1)", .constraintPrimaryKey),
    ("INSERT INTO pair VALUES('one')", .constraintPrimaryKey),
    ("INSERT INTO t(word) VALUES('bad')", .constraintCheck),
    ("INSERT INTO t(needed) VALUES(NULL)", .constraintNotNull),
    ("INSERT INTO t(parent) VALUES(9)", .constraintForeignKey),
    ("INSERT INTO t(needed) VALUES('many')", .constraintDataType),
    ("DELETE FROM t", .constraintTrigger),
    ("INSERT INTO t(id) VALUES('one')", .mismatch),
    ("SELECT * FROM missing", .error),
    ("SELEC", .error),
  ])
  func `a failure has its extended code and names its SQL`(sql: String, code: ResultCode) {
    for run in [connection.execute, { try connection.prepare($0).run() }] {
      let error = #expect(throws: SQLiteError.self) { try run(sql) }
      #expect(error?.code == code)
      #expect(error?.operation == sql)
      #expect(error?.systemErrno == 0)
      #expect(error?.description.contains(sql) == true)
    }
  }

  @Test(arguments: [
    ("INSERT INTO t(word) SELECT ?1 FROM (SELECT 1 UNION SELECT 2)", ResultCode.constraintUnique),
    ("INSERT INTO pair SELECT ?1 FROM (SELECT 1 UNION SELECT 2)", .constraintPrimaryKey),
    ("INSERT INTO t(needed) VALUES(?1)", .constraintDataType),
    ("INSERT INTO t(id) VALUES(?1)", .mismatch),
    ("INSERT INTO t(word, needed) VALUES(?1, NULL)", .constraintNotNull),
    ("INSERT INTO t(word, parent) VALUES(?1, 9)", .constraintForeignKey),
    ("DELETE FROM t WHERE word <> ?1", .constraintTrigger),
    ("SELECT json_extract('{}', ?1)", .error),
    ("SELECT json(?1)", .error),
  ])
  func `no error text contains a bound value`(sql: String, code: ResultCode) throws {
    let secret = "$[Zq7x1138"
    let statement = try connection.prepare(sql)
    statement.bind(1, text: secret)
    do {
      try statement.run()
      Issue.record("the statement should have failed")
    } catch {
      #expect(error.code == code)
      var dumped = ""
      dump(error, to: &dumped)
      for text in [error.description, "\(error)", String(reflecting: error), dumped] {
        #expect(!text.contains("Zq7x1138"))
      }
    }
  }

  @Test func `a broken constraint is named although values were bound`() throws {
    let statement = try connection.prepare("INSERT INTO t(word) VALUES(?1)")
    statement.bind(1, text: "one")
    do {
      try statement.run()
      Issue.record("the statement should have failed")
    } catch {
      #expect(error.detail == "UNIQUE constraint failed: t.word")
      #expect(
        error.description == """
          SQLITE_CONSTRAINT_UNIQUE (2067): UNIQUE constraint failed: t.word, \
          in INSERT INTO t(word) VALUES(?1)
          """)
    }
  }

  @Test func `a message about SQL without parameters is kept whole`() throws {
    let begin = try connection.prepare("BEGIN")
    try begin.run()
    do {
      try begin.run()
      Issue.record("the statement should have failed")
    } catch {
      #expect(error.detail == "cannot start a transaction within a transaction")
    }
  }

  @Test func `a database at its size limit is full`() throws {
    try connection.execute("PRAGMA max_page_count=20; CREATE TABLE big(v)")
    let error = #expect(throws: SQLiteError.self) {
      try connection.execute("INSERT INTO big VALUES(zeroblob(100000))")
    }
    #expect(error?.code == .full)
  }

  @Test func `a write that the system refuses has its errno, and no later error has it`() async {
    // In a process of its own, because the limit on file sizes holds for the whole process.
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      let connection = try Connection(path: directory.file("a.db"), mode: .create)
      try connection.execute(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, v); INSERT INTO t(id) VALUES(1)")
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 65_536, rlim_max: 65_536)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let refused = #expect(throws: SQLiteError.self) {
        try connection.execute("INSERT INTO t VALUES(2, zeroblob(1000000))")
      }
      #expect(refused?.code == .ioerrWrite)
      #expect(refused?.systemErrno == EFBIG)
      #expect(refused?.description.contains("File too large") == true)
      let later = #expect(throws: SQLiteError.self) {
        try connection.execute("INSERT INTO t(id) VALUES(1)")
      }
      #expect(later?.code == .constraintPrimaryKey)
      #expect(later?.systemErrno == 0)
      withExtendedLifetime(directory) {}
    }
  }

  @Test(arguments: ["", "  ", "-- nothing", "SELECT 1; SELECT 2", "SELECT 1; -- more"])
  func `prepare takes exactly one statement`(sql: String) {
    let error = #expect(throws: SQLiteError.self) { _ = try connection.prepare(sql) }
    #expect(error?.code == .misuse)
  }

  @Test func `white space may follow a statement`() throws {
    #expect(try connection.integer("SELECT 7 ; \n\t\r ") == 7)
  }
}
