// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import LedgerCore
  import PostgreSQL
  import Store

  /// The card holders' particulars, beside the journal in the same database transaction.
  enum People {
    private static let columns = Schema.particulars.joined(separator: ", ")

    static let reading = Statement(
      "SELECT account, salt, \(columns) FROM people WHERE account = ANY($1)")

    static let accounts = Statement("SELECT account FROM people ORDER BY account")

    private static let places = (3..<(3 + Schema.particulars.count)).map { "$\($0)::bytea[]" }

    private static let writing = Statement(
      """
      INSERT INTO people (account, salt, \(columns))
      SELECT * FROM unnest($1::bigint[], $2::bytea[], \(places.joined(separator: ", ")))
      ON CONFLICT (account) DO UPDATE SET salt = excluded.salt,
        \(Schema.particulars.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
      """)

    static func person(_ rows: Rows, _ index: Int) -> Person {
      var particulars: [Person.Particular: String] = [:]
      for (column, particular) in Person.Particular.allCases.enumerated()
      where !rows.isNull(index, column + 2) {
        particulars[particular] = rows.text(index, column + 2)
      }
      return Person(salt: rows.bytes(index, 1), particulars: particulars)
    }

    static func write(_ people: [AccountID: Person]) -> Command {
      let sorted = people.sorted { $0.key < $1.key }
      var values: [Value] = [
        .integers(sorted.map(\.key.value)), .blobs(sorted.map(\.value.salt)),
      ]
      for particular in Person.Particular.allCases {
        values.append(
          .blobs(sorted.map { $0.value.particulars[particular].map { Array($0.utf8) } }))
      }
      return Command(statement: writing, values: values)
    }

    /// Accounts whose holder has exactly these particulars, in order of id.
    static func search(
      _ particulars: [Person.Particular: String], after cursor: AccountID?, limit: Int
    ) -> Command {
      let wanted = particulars.sorted { $0.key.rawValue < $1.key.rawValue }
      var conditions = ""
      var values: [Value] = [.integer(cursor?.value ?? 0), .integer(Int64(limit))]
      for (particular, text) in wanted {
        values.append(.bytes(Array(text.utf8)))
        conditions += " AND \(particular.rawValue) = $\(values.count)"
      }
      return Command(
        statement: Statement(
          "SELECT account FROM people WHERE account > $1\(conditions) ORDER BY account LIMIT $2"),
        values: values)
    }
  }

#endif
