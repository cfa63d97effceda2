// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import PostgreSQL
  import Store

  /// How a ledger is laid out on a server: plain tables in one schema, the first of the session's
  /// search path.
  enum Schema {
    /// Raised when an older engine could not read, or would spoil, what a newer one writes.
    static let version: Int64 = 1

    /// The columns of `people` that hold particulars, by the names they have on the wire.
    static let particulars = Person.Particular.allCases.map(\.rawValue)

    /// Every table, the one that says whose ledger it is first.
    static let tables = [
      "ledger", "head", "programs", "journal", "people", "accounts", "cards", "keys", "marks",
      "campaigns", "coupons", "shares", "subjects", "chunks", "alerts", "barriers",
    ]

    /// How many rows of `barriers` are written to, from 0 on.
    static let barrierCount: Int64 = 64
    /// The row of `barriers` that is only ever locked.
    ///
    /// Groups that write stand in line there for `head`. A ledger that lacks it is served as well,
    /// only slower when many wait.
    static let lineBarrier = barrierCount

    /// The statements that make the tables.
    ///
    /// Texts that a request chooses freely are bytes here, because a server's text cannot hold all
    /// that JSON can. `head` has one row, which every group that writes locks first: it is the
    /// order of the journal. `journal` is only ever added to; everything below `people` is folded
    /// from it and written in the same database transaction. `barriers` says nothing: it is there
    /// to be written to.
    static let creation = [
      """
      CREATE TABLE ledger (
        id bigint PRIMARY KEY CHECK (id = 1), version bigint NOT NULL, name text NOT NULL,
        currency text NOT NULL, timezone text NOT NULL, day_start_minutes bigint NOT NULL,
        is_test bigint NOT NULL, genesis bytea NOT NULL)
      """,
      """
      CREATE TABLE head (
        id bigint PRIMARY KEY CHECK (id = 1), seq bigint NOT NULL, at bigint NOT NULL,
        link bytea NOT NULL, totals bytea NOT NULL, program_version bigint NOT NULL,
        alert_seq bigint NOT NULL, series bytea NOT NULL)
      """,
      "CREATE TABLE programs (version bigint PRIMARY KEY, document bytea NOT NULL)",
      """
      CREATE TABLE journal (
        seq bigint PRIMARY KEY, at bigint NOT NULL, kind bigint NOT NULL, account bigint,
        key text, body bytea NOT NULL, link bytea NOT NULL)
      """,
      """
      CREATE TABLE people (
        account bigint PRIMARY KEY, salt bytea NOT NULL,
        \(particulars.map { $0 + " bytea" }.joined(separator: ", ")))
      """,
      "CREATE INDEX people_phone ON people (phone) WHERE phone IS NOT NULL",
      "CREATE INDEX people_document_no ON people (document_no) WHERE document_no IS NOT NULL",
      "CREATE TABLE accounts (id bigint PRIMARY KEY, due bigint, record bytea NOT NULL)",
      "CREATE INDEX accounts_due ON accounts (due) WHERE due IS NOT NULL",
      "CREATE TABLE cards (number text PRIMARY KEY, account bigint)",
      "CREATE TABLE keys (hash bigint, entry bigint, PRIMARY KEY (hash, entry))",
      "CREATE TABLE marks (entry bigint PRIMARY KEY, record bytea NOT NULL)",
      "CREATE TABLE campaigns (id bigint PRIMARY KEY, record bytea NOT NULL)",
      """
      CREATE TABLE coupons (
        serial bytea PRIMARY KEY, campaign bigint NOT NULL, owner bigint, open bigint NOT NULL,
        record bytea NOT NULL)
      """,
      "CREATE INDEX coupons_owner ON coupons (owner, serial, open) WHERE owner IS NOT NULL",
      "CREATE INDEX coupons_campaign ON coupons (campaign, serial)",
      """
      CREATE TABLE shares (
        campaign bigint, account bigint, record bytea NOT NULL, PRIMARY KEY (campaign, account))
      """,
      "CREATE TABLE subjects (name text PRIMARY KEY, due bigint, record bytea NOT NULL)",
      "CREATE INDEX subjects_due ON subjects (due) WHERE due IS NOT NULL",
      """
      CREATE TABLE chunks (
        series bigint, subject text, number bigint, items bytea NOT NULL,
        PRIMARY KEY (series, subject, number))
      """,
      "CREATE TABLE alerts (seq bigint PRIMARY KEY, record bytea NOT NULL)",
      "CREATE TABLE barriers (id bigint PRIMARY KEY, count bigint NOT NULL)",
      "INSERT INTO barriers VALUES "
        + (0...lineBarrier).map { "(\($0), 0)" }.joined(separator: ", "),
    ]
  }

#endif
