// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON
import SQLite
import Testing

/// Whatever is changed by hand in the files of a ledger, `scrip verify` finds and names it.
///
/// The tables and columns are taken from the files, so that none that is added can be forgotten.
@Suite struct TamperTests {
  /// A ledger with something in every table, ended well.
  private static let specimen: Result<TestLedger, any Error> = Result { try makeSpecimen() }

  private static func makeSpecimen() throws -> TestLedger {
    let shop = try Shop(
      Watch.program(
        Watch.burst(3, seconds: 86_400, suppress: 600), Watch.large(70_000, suppress: 600),
        [
          "id": "store", "kind": "count", "subject": "store", "on": ["debit"],
          "window_seconds": 86_400, "min": 100,
        ]))
    for number in 1...3 {
      let holder: JSONTree = ["name": .string("Ada \(number)"), "phone": .string("555-\(number)")]
      try shop.open(
        "C\(number)", topUp: 500_000, pin: "7391", ["registered": true, "holder": holder])
    }
    try shop.open("C4", topUp: 1_000_000)
    // Long enough that parts of the window stand in rows of their own.
    for _ in 0..<450 { _ = try shop.debit("C4", 10) }
    // What rules remember of a card stands with the card, of a store in a row of its own.
    for number in 1...3 {
      expectResult(try shop.debit("C4", 10, ["store_id": .string("S\(number)")]))
    }
    let debit = expectResult(try shop.debit("C4", 80_000))
    for amount in [100, 200] {
      expectResult(
        try shop.change(
          "debit.refund",
          ["entry_id": .string(try debit.string("/entry/entry_id")), "amount": .number(amount)]))
    }
    for number in 1...2 {
      let bought = expectResult(try shop.debit("C\(number)", 100 * number, pin: "7391"))
      expectResult(
        try shop.change(
          "debit.refund",
          ["entry_id": .string(try bought.string("/entry/entry_id")), "amount": .number(number)]))
    }
    for number in 1...3 {
      let campaign = try shop.campaign([
        "kind": "cash", "amount": .number(100 * number), "caps": ["per_account": 3],
      ])
      let coupons = try shop.issue(campaign, to: "C\(number)", 2)
      expectResult(try shop.redeem(coupons[0], ["card_no": .string("C\(number)")]))
    }
    try shop.close()
    return shop.ledger
  }

  /// A copy of the specimen that may be spoilt.
  private struct Copy {
    let scratch: TemporaryDirectory
    var data: String { scratch.path }

    init() throws {
      let ledger = try TamperTests.specimen.get()
      scratch = try TemporaryDirectory()
      for name in Files.names(in: ledger.data) where !name.hasSuffix("-shm") {
        try Files.write(Files.bytes(of: ledger.data + "/" + name) ?? [], to: data + "/" + name)
      }
    }

    /// Opens a database as sqlite3 does, without the triggers that guard the journal.
    func open(_ file: String) throws -> Connection {
      let connection = try Connection(path: data + "/" + file, mode: .readWrite)
      try connection.execute("PRAGMA ignore_check_constraints = ON")
      return connection
    }

    func verify() throws -> ScripBinary.Outcome {
      try ScripBinary.run(["verify", "--data", data])
    }
  }

  /// One table as the file describes it.
  private struct Table {
    let name: String
    let columns: [(name: String, type: String)]
    let key: [String]

    static func all(in file: String) throws -> [Table] {
      let connection = try Connection(
        path: try TamperTests.specimen.get().data + "/" + file, mode: .readOnly)
      let names = try rows(
        connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      return try names.map { name in
        let columns = try connection.prepare("PRAGMA table_info(\(name))")
        var found: [(name: String, type: String)] = []
        var key: [(place: Int64, name: String)] = []
        while try columns.step() {
          found.append((columns.text(1), columns.text(2)))
          if columns.integer(5) > 0 { key.append((columns.integer(5), columns.text(1))) }
        }
        return Table(
          name: name, columns: found, key: key.sorted { $0.place < $1.place }.map(\.name))
      }
    }

    /// The condition that finds the n-th row.
    func row(_ number: Int) -> String {
      let names = key.joined(separator: ", ")
      return "(\(names)) = (SELECT \(names) FROM \(name) ORDER BY \(names) LIMIT 1 "
        + "OFFSET \(number))"
    }

    var others: [String] { columns.map(\.name).filter { !key.contains($0) } }
  }

  private static func rows(_ connection: Connection, _ sql: String) throws -> [String] {
    let select = try connection.prepare(sql)
    var rows: [String] = []
    while try select.step() { rows.append(select.text(0)) }
    return rows
  }

  /// SQL for another value of the same type, also where there is none.
  private static func other(_ column: (name: String, type: String)) -> String {
    let name = column.name
    let none = ["TEXT": "'x'", "BLOB": "x'01'"][column.type] ?? "1"
    return "CASE typeof(\(name)) WHEN 'integer' THEN \(name) + 1000003 "
      + "WHEN 'text' THEN \(name) || 'x' "
      + "WHEN 'blob' THEN CAST(substr(\(name), 1, length(\(name)) - 1) || "
      + "CASE WHEN substr(\(name), -1) = x'07' THEN x'08' ELSE x'07' END AS BLOB) "
      + "ELSE \(none) END"
  }

  /// Applies a change to a copy and expects that it is named; false when nothing was changed.
  @discardableResult
  private func expectNamed(
    _ file: String, _ sql: String, by words: [String], unlessNamed exempt: Bool = false
  ) throws -> Bool {
    let copy = try Copy()
    var changes = 0
    do {
      let connection = try copy.open(file)
      if file == "journal.db", !sql.hasPrefix("DROP") {
        try connection.execute(
          "DROP TRIGGER journal_is_never_updated; DROP TRIGGER journal_is_never_deleted")
      }
      let triggers = try TamperTests.triggers.get()
      try connection.execute(sql)
      changes = connection.changes
      if file == "journal.db", !sql.hasPrefix("DROP") {
        for trigger in triggers { try connection.execute(trigger) }
      }
    }
    let found = try copy.verify()
    #expect(found.code != 0 && found.code != nil, "\(file): \(sql)")
    let text = found.output + found.errors
    #expect(words.contains { text.contains($0) }, "\(file): \(sql): \(text.prefix(300))")
    return changes > 0
  }

  /// The triggers as the journal was made with.
  private static let triggers: Result<[String], any Error> = Result {
    let connection = try Connection(
      path: try specimen.get().data + "/journal.db", mode: .readOnly)
    return try rows(connection, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'")
  }

  /// What the report must speak of, by table.
  private func words(_ file: String, _ table: Table) -> [String] {
    switch (file, table.name) {
    case ("state.db", _): ["state"]
    case (_, "people"): ["holder"]
    case (_, "meta"): ["meta", "schema", "whose", "identity", "link", "chain", "INV-10"]
    default: ["entry ", "the state holds entries up to"]
    }
  }

  @Test(arguments: ["journal.db", "state.db"])
  func `another value in any column of any row is named`(file: String) throws {
    var count = 0
    for table in try Table.all(in: file) {
      let total = try self.count(file, table)
      #expect(total > 0, "nothing stands in \(table.name)")
      for column in table.columns {
        // The rows of the journal's meta are each a fact of its own.
        let numbers = table.name == "meta" ? Array(0..<total) : [total / 2]
        for number in numbers {
          let sql =
            "UPDATE \(table.name) SET \(column.name) = \(Self.other(column)) "
            + "WHERE \(table.row(number))"
          #expect(try expectNamed(file, sql, by: words(file, table)), "nothing changed: \(sql)")
          count += 1
        }
      }
    }
    print("\(file): \(count) changed values, each named")
  }

  @Test(arguments: ["journal.db", "state.db"])
  func `a row taken away, put in or exchanged with another is named`(file: String) throws {
    var count = 0
    for table in try Table.all(in: file) {
      let total = try self.count(file, table)
      let words = words(file, table)
      // A holder may be forgotten: a row of people that is gone is no violation.
      if table.name != "people" {
        for number in Set([0, total / 2, total - 1]) {
          try expectNamed(
            file, "DELETE FROM \(table.name) WHERE \(table.row(number))", by: words)
          count += 1
        }
      }
      if let last = table.key.last, let column = table.columns.first(where: { $0.name == last }) {
        let values = table.columns.map { $0.name == last ? Self.other(column) : $0.name }
        let sql =
          "INSERT INTO \(table.name) (\(table.columns.map(\.name).joined(separator: ", "))) "
          + "SELECT \(values.joined(separator: ", ")) FROM \(table.name) "
          + "WHERE \(table.row(total / 2))"
        #expect(try expectNamed(file, sql, by: words), "nothing changed: \(sql)")
        count += 1
      }
      guard total > 1, !table.others.isEmpty else { continue }
      let names = table.others.joined(separator: ", ")
      let key = table.key.joined(separator: ", ")
      let sql =
        "CREATE TEMP TABLE two AS SELECT * FROM \(table.name) WHERE \(table.row(0)) "
        + "OR \(table.row(1)); UPDATE \(table.name) SET (\(names)) = (SELECT \(names) FROM two "
        + "WHERE (\(key)) <> (\(table.key.map { "\(table.name).\($0)" }.joined(separator: ", ")))) "
        + "WHERE \(table.row(0)) OR \(table.row(1))"
      #expect(try expectNamed(file, sql, by: words), "nothing changed: \(sql)")
      count += 1
    }
    print("\(file): \(count) rows taken away, put in or exchanged, each named")
  }

  @Test(arguments: ["journal.db", "state.db"])
  func `a table, an index or a trigger that is missing, added or another is named`(
    file: String
  ) throws {
    let connection = try Connection(
      path: try Self.specimen.get().data + "/" + file, mode: .readOnly)
    let parts = try Self.rows(
      connection,
      "SELECT type || ' ' || name FROM sqlite_schema WHERE type IN ('index', 'trigger') "
        + "AND sql IS NOT NULL")
    #expect(!parts.isEmpty)
    for part in parts { try expectNamed(file, "DROP \(part)", by: [part]) }
    try expectNamed(file, "CREATE TABLE strange (x)", by: ["table strange"])
    try expectNamed(
      file,
      "CREATE TRIGGER t AFTER INSERT ON \(file == "journal.db" ? "journal" : "key_pages") "
        + "BEGIN SELECT 1; END", by: ["trigger t"])
  }

  @Test func `a change that another program has copied into the state is named by its page`() throws
  {
    let copy = try Copy()
    do {
      let connection = try copy.open("state.db")
      try connection.execute("UPDATE accounts SET due = 5")
      _ = try connection.checkpoint(.truncate)
    }
    let found = try copy.verify()
    #expect(found.code == 2 && found.output.contains("is not what was written"), "\(found)")
    #expect(found.output.contains("lapse at another time"), "\(found)")
    // It is not served either, but made anew.
    let engine = try EngineProcess(["--data", copy.data, "--test-clock", TestLedger.morning])
    #expect(try engine.request("account.get", ["card_no": "C1"]).isResult)
    #expect(try engine.finish().exit == .code(0))
    #expect(try copy.verify().code == 0)
  }

  private func count(_ file: String, _ table: Table) throws -> Int {
    let connection = try Connection(
      path: try Self.specimen.get().data + "/" + file, mode: .readOnly)
    return Int(try connection.integer("SELECT count(*) FROM \(table.name)") ?? 0)
  }
}
