// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import PostgreSQL
  import Secrets
  package import Store

  extension PostgreSQLStore: SharedServer {
    /// The process that serves the session, and when it began to: no two servers share both.
    private static let naming = """
      concat_ws(' ', pid, extract(epoch FROM backend_start), datid, current_schema())
      """
    private static let name = Statement(
      "SELECT \(naming) FROM pg_stat_activity WHERE pid = pg_backend_pid()")
    private static let looking = Statement(
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE datname = current_database() AND \(naming) = ANY($1)
      """)

    package var sessionNumber: Int { server.sessionNumber }

    package func sessionName() -> String? {
      let rows = try? server.read([Self.name.with()])[0]
      return rows.flatMap { $0.count == 1 && !$0.isNull(0, 0) ? $0.text(0, 0) : nil }
    }

    package func sees(session name: String) -> Bool {
      let rows = try? server.read([Self.looking.with(.texts([name]))])[0]
      return rows.map { $0.count == 1 && $0.integer(0, 0) == 1 } ?? false
    }

    package var answeredUpTo: JournalMark {
      JournalMark(entry: answered.entry, link: answered.link.bytes)
    }

    package func note(answered mark: JournalMark) {
      guard mark.entry > answered.entry, let link = ChainLink(bytes: mark.link) else { return }
      answered = Position(entry: mark.entry, link: link)
    }
  }

#endif
