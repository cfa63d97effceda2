// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Anomalies
  import Coupons
  import LedgerCore
  import PostgreSQL
  import Store
  import StoredValue

  /// Writes the records that a group has changed: one statement a table, however many rows.
  ///
  /// In the order of the keys, which is one order for every process.
  enum StateWriting {
    static func commands(_ records: Unfolded) -> [Command] {
      var commands: [Command] = []
      let ids = records.accounts.ids
      if !ids.isEmpty {
        let rows = ids.compactMap { records.accounts.find($0) }
        commands.append(
          accounts.with(
            .integers(ids.map(\.value)), .integers(rows.map { $0.due?.milliseconds }),
            .blobs(rows.map { Array($0.account) })))
      }
      commands += names(records) + coupons(records) + watch(records)
      return commands
    }

    private static func names(_ records: Unfolded) -> [Command] {
      var commands: [Command] = []
      if !records.keys.items.isEmpty {
        let all = records.keys.items.sorted { ($0.hash, $0.entry) < ($1.hash, $1.entry) }
        commands.append(
          keys.with(.integers(all.map(\.hash)), .integers(all.map(\.entry.sequence))))
      }
      if !records.cards.isEmpty {
        let all = records.cards.sorted { $0.key.text < $1.key.text }
        commands.append(
          cards.with(
            .texts(all.map(\.key.text)),
            .integers(
              all.map { _, standing in
                if case .names(let account) = standing { account.value } else { nil }
              })))
      }
      if !records.marks.isEmpty {
        let all = records.marks.sorted { $0.key < $1.key }
        commands.append(
          marks.with(
            .integers(all.map(\.key.sequence)), .blobs(all.map { $0.value.encoded() })))
      }
      return commands
    }

    private static func coupons(_ records: Unfolded) -> [Command] {
      var commands: [Command] = []
      if !records.campaigns.isEmpty {
        let all = records.campaigns.sorted { $0.key < $1.key }
        commands.append(
          campaigns.with(
            .integers(all.map(\.key.createdBy.sequence)),
            .blobs(all.map { $0.value.encoded() })))
      }
      if !records.coupons.isEmpty {
        let all = records.coupons.values.sorted { $0.serial < $1.serial }
        commands.append(
          coupons.with(
            .blobs(all.map(\.serial.stored)), .integers(all.map(\.campaign.createdBy.sequence)),
            .integers(all.map { $0.owner?.value }), .integers(all.map { $0.isOpen ? 1 : 0 }),
            .blobs(all.map { $0.encoded() })))
      }
      if !records.shares.isEmpty {
        let all = records.shares.sorted { $0.key < $1.key }
        commands.append(
          shares.with(
            .integers(all.map(\.key.campaign.createdBy.sequence)),
            .integers(all.map(\.key.account.value)), .blobs(all.map { $0.value.encoded() })))
      }
      return commands
    }

    /// What is remembered of all subjects, accounts among them, by the names of their rows.
    private static func subjects(
      _ records: Unfolded
    ) -> [(name: String, due: Instant?, record: [UInt8])] {
      var all = records.subjects.map { subject, record in
        (name: subject.rowName, due: record.due, record: record.encoded())
      }
      for id in records.accounts.ids {
        guard let record = records.accounts.find(id), let watch = record.watch else { continue }
        all.append((WatchedSubject.account(id).rowName, record.watchDue, Array(watch)))
      }
      return all.sorted { $0.name < $1.name }
    }

    private static func watch(_ records: Unfolded) -> [Command] {
      var commands: [Command] = []
      let all = subjects(records)
      if !all.isEmpty {
        commands.append(
          subjects.with(
            .texts(all.map(\.name)), .integers(all.map { $0.due?.milliseconds }),
            .blobs(all.map(\.record))))
      }
      commands += chunks(records.chunks)
      if !records.droppedSeries.isEmpty {
        commands.append(dropSeries.with(.integers(records.droppedSeries)))
      }
      if !records.alerts.isEmpty {
        let all = records.alerts.sorted { $0.key < $1.key }
        commands.append(
          alerts.with(.integers(all.map(\.key)), .blobs(all.map { $0.value.encoded() })))
      }
      return commands
    }

    private static func chunks(_ chunks: [ChunkKey: [EventLog.Item]?]) -> [Command] {
      var (kept, dropped): ([(ChunkKey, [UInt8])], [ChunkKey]) = ([], [])
      for (key, items) in chunks {
        guard let items else {
          dropped.append(key)
          continue
        }
        var writer = ByteWriter(reserving: 2048)
        EventLog.write(items, to: &writer)
        kept.append((key, writer.bytes))
      }
      var commands: [Command] = []
      if !kept.isEmpty {
        commands.append(
          keepChunks.with(
            .integers(kept.map(\.0.series)), .texts(kept.map(\.0.subject.rowName)),
            .integers(kept.map(\.0.number)), .blobs(kept.map(\.1))))
      }
      if !dropped.isEmpty {
        commands.append(
          dropChunks.with(
            .integers(dropped.map(\.series)), .texts(dropped.map(\.subject.rowName)),
            .integers(dropped.map(\.number))))
      }
      return commands
    }
  }

  extension StateWriting {
    private static let accounts = Statement(
      """
      INSERT INTO accounts (id, due, record)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
      ON CONFLICT (id) DO UPDATE SET due = excluded.due, record = excluded.record
      """)
    private static let keys = Statement(
      """
      INSERT INTO keys (hash, entry) SELECT * FROM unnest($1::bigint[], $2::bigint[])
      ON CONFLICT (hash, entry) DO NOTHING
      """)
    private static let cards = Statement(
      """
      INSERT INTO cards (number, account) SELECT * FROM unnest($1::text[], $2::bigint[])
      ON CONFLICT (number) DO UPDATE SET account = excluded.account
      """)
    private static let marks = Statement(
      """
      INSERT INTO marks (entry, record) SELECT * FROM unnest($1::bigint[], $2::bytea[])
      ON CONFLICT (entry) DO UPDATE SET record = excluded.record
      """)
    private static let campaigns = Statement(
      """
      INSERT INTO campaigns (id, record) SELECT * FROM unnest($1::bigint[], $2::bytea[])
      ON CONFLICT (id) DO UPDATE SET record = excluded.record
      """)
    private static let coupons = Statement(
      """
      INSERT INTO coupons (serial, campaign, owner, open, record)
      SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])
      ON CONFLICT (serial) DO UPDATE SET open = excluded.open, record = excluded.record
      """)
    private static let shares = Statement(
      """
      INSERT INTO shares (campaign, account, record)
      SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[])
      ON CONFLICT (campaign, account) DO UPDATE SET record = excluded.record
      """)
    private static let subjects = Statement(
      """
      INSERT INTO subjects (name, due, record)
      SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[])
      ON CONFLICT (name) DO UPDATE SET due = excluded.due, record = excluded.record
      """)
    private static let keepChunks = Statement(
      """
      INSERT INTO chunks (series, subject, number, items)
      SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])
      ON CONFLICT (series, subject, number) DO UPDATE SET items = excluded.items
      """)
    private static let dropChunks = Statement(
      """
      DELETE FROM chunks WHERE (series, subject, number) IN
        (SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[]))
      """)
    private static let dropSeries = Statement("DELETE FROM chunks WHERE series = ANY($1)")
    private static let alerts = Statement(
      """
      INSERT INTO alerts (seq, record) SELECT * FROM unnest($1::bigint[], $2::bytea[])
      ON CONFLICT (seq) DO UPDATE SET record = excluded.record
      """)
  }

#endif
