// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Glibc
  import LedgerCore
  import PostgreSQL
  import Secrets
  package import Store

  extension PostgreSQLStore {
    private static let program = Statement(
      "INSERT INTO programs (version, document) VALUES ($1, $2)")

    package func end(meanwhile work: () -> Void) throws(StoreError) {
      precondition(group != .none, "a group begins before it ends")
      precondition(group != .broken, "a group in which an append failed is abandoned")
      guard group == .appending, let slice = working.cutSlice() else { return try endReading() }
      let head = Head(point: slice.point, link: position.link)
      var commands = [JournalRows.insert(pending.rows)]
      if !pending.people.isEmpty { commands.append(People.write(pending.people)) }
      commands += StateWriting.commands(slice.records)
      commands += programs(slice.point)
      commands += [head.update, Server.committingEarly.with(), Server.commit.with()]
      commands.append(server.barrier)
      do throws(PostgreSQLError) {
        server.forgetWarning()
        let answers = try server.run(commands, meanwhile: work)
        guard answers.dropLast().last?.tag == "COMMIT", answers.last?.tag == "UPDATE 1",
          !server.hasWarned
        else { throw .uncertain }
      } catch {
        try resolve(error, head)
      }
      base = head
      answered = Position(entry: head.point.head, link: head.link)
      floors = (working.floors.due, working.floors.alertEnd)
      leftovers = Leftovers(working: working, foresight: records.foresight, pending: pending)
      drop()
    }

    /// Ends a group that has changed nothing: what others have written is answered from only once
    /// it is durable.
    private func endReading() throws(StoreError) {
      drop()
      guard base.point.head > answered.entry else { return }
      try server.passBarrier()
      answered = Position(entry: base.point.head, link: base.link)
    }

    /// The programs that the group has set, each under its version.
    private func programs(_ point: FoldPoint) -> [Command] {
      var version = base.point.programVersion
      var commands: [Command] = []
      for entry in pending.entries where entry.kind == .programSet {
        for case .programSet(let document) in entry.changes {
          version += 1
          commands.append(Self.program.with(.integer(version), .bytes(document)))
        }
      }
      assert(version == point.programVersion, "every program is set by an entry of its own")
      return commands
    }

    /// Decides what a commit that failed means; returns when it is known to have succeeded.
    ///
    /// A transaction that is still open has not been committed; one that is not may have been, and
    /// only the barrier have failed.
    private func resolve(_ error: PostgreSQLError, _ head: Head) throws(StoreError) {
      let isKnown = server.isInTransaction
      let isThere = isKnown ? false : isCommitted(head)
      if isThere == true {
        options.notice("a commit of unknown outcome is there: \(error)")
        return
      }
      drop()
      try restore()
      if isThere == nil { server.rest() }
      guard isKnown else { throw .busy("a commit did not come through: \(error)") }
      // The number is taken: somebody has written without regard to the lock.
      if error.state == .uniqueViolation { throw .busy("another process was faster: \(error)") }
      let problem = StoreError(error)
      if case .busy = problem { options.notice("a group was not kept: \(error)") }
      throw problem
    }

    /// Whether the last entry of a group stands in the journal, as a new session sees it once the
    /// old one's transaction has ended; nil when no server can be asked in time.
    private func isCommitted(_ head: Head) -> Bool? {
      let end = Server.now() + options.patience
      repeat {
        server.disconnect()
        do {
          try server.connect(insisting: true)
          let link = JournalRows.link.with(.integer(head.point.head.sequence))
          let rows = try server.run([Head.locking.with(), link])[1]
          return rows.count == 1 && rows.bytes(0, 0) == head.link.bytes
        } catch {
          usleep(100_000)
        }
      } while Server.now() < end
      return nil
    }
  }

  extension PostgreSQLError {
    /// The server has said that it committed, and warned that it may not be for good.
    fileprivate static let uncertain = PostgreSQLError.lost("COMMIT", "the server warned")
  }

#endif
