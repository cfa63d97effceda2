// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Glibc
  import PostgreSQL
  import Store

  /// The way to a server: connects when it must, and does not insist when it cannot.
  final class Server {
    /// How long after a failure to connect everything is refused without trying, at least, in
    /// milliseconds.
    private static let pause: Int64 = 500
    /// A process that holds the ledger's lock and is stopped in its middle must not stop others:
    /// the server gives up waiting for it, and gives its transaction up.
    private static let settings = [
      Statement("SET lock_timeout = 5000"),
      Statement("SET idle_in_transaction_session_timeout = 10000"),
    ]
    static let commit = Statement("COMMIT")
    /// Has a transaction's COMMIT return before it is durable, so that nobody waits for the disk
    /// while the transaction holds its locks.
    ///
    /// Whoever answers from it sends `barrier` first.
    static let committingEarly = Statement("SET LOCAL synchronous_commit = off")
    private static let passing = Statement("UPDATE barriers SET count = count + 1 WHERE id = $1")
    /// As `barrier`, and after the transaction of whoever holds the ledger now.
    private static let queueing = [
      Statement("BEGIN"), Statement("UPDATE head SET id = id WHERE id = 1"), commit,
    ]

    let target: String
    /// A transaction of its own, by itself, that changes nothing which matters: once it is
    /// committed, so is all that was committed before it, and as durably, on the standby too where
    /// the server waits for one.
    ///
    /// A log is durable from its beginning. What the server shows need not be durable, neither
    /// just committed nor after a crash.
    let barrier: Command
    private var connection: Connection?
    private var roundTripsBefore = 0
    private var statementsBefore = 0
    private var quietUntil: Int64 = 0
    /// How many sessions there have been.
    private(set) var sessionNumber = 0

    /// Whether a new session first makes sure of what it is going to see.
    var wantsBarrier = false

    init(_ target: String) {
      self.target = target
      // Any row will do; on one of their own, processes do not wait for each other.
      barrier = Self.passing.with(.integer(Int64(getpid()) % Schema.barrierCount))
    }

    /// How often the server was waited for, and how many statements it was sent.
    var counts: (roundTrips: Int, statements: Int) {
      (
        roundTripsBefore + (connection?.roundTrips ?? 0),
        statementsBefore + (connection?.statements ?? 0)
      )
    }

    /// Whether there is a session that can be used.
    var isConnected: Bool { connection.map { !$0.isLost } ?? false }

    /// Whether the session has a transaction open.
    var isInTransaction: Bool { connection?.isInTransaction ?? false }

    /// Whether the server warned since the last `forgetWarning`.
    var hasWarned: Bool { connection?.hasWarned ?? false }

    func forgetWarning() { connection?.hasWarned = false }

    /// Ends the session; the next call makes another.
    func disconnect() {
      roundTripsBefore += connection?.roundTrips ?? 0
      statementsBefore += connection?.statements ?? 0
      connection = nil
    }

    /// Refuses everything for a moment, so that many requests do not wait one after another for
    /// what none of them will get.
    func rest(_ milliseconds: Int64 = 0) {
      quietUntil = Self.now() + max(milliseconds, Self.pause)
    }

    /// Whether everything is refused for the moment.
    var isResting: Bool { quietUntil > Self.now() }

    /// Makes a session unless there is one; `busy` where none can be had.
    func connect(insisting: Bool = false) throws(StoreError) {
      guard insisting || !isResting else { throw .busy("the ledger could not be had just now") }
      if isConnected { return }
      disconnect()
      let start = Self.now()
      do throws(PostgreSQLError) {
        let made = try Connection(target)
        _ = try made.run(Self.settings.map { $0.with() })
        if wantsBarrier {
          _ = try made.run(Self.queueing.map { $0.with() })
          guard !made.hasWarned else { throw .lost("COMMIT", "the server warned") }
        }
        connection = made
        sessionNumber += 1
        quietUntil = 0
      } catch {
        // A host that does not answer holds the loop up: never for more than half of the time.
        rest(Self.now() - start)
        throw .busy("the server cannot be reached: \(error)")
      }
    }

    /// Runs statements in one round trip on the session there is, and `work` while they are under
    /// way.
    func run(
      _ commands: [Command], meanwhile work: () -> Void = {}
    ) throws(PostgreSQLError) -> [Rows] {
      guard let connection, !connection.isLost else { throw .noSession }
      return try connection.run(commands, meanwhile: work)
    }

    /// Waits until all that this session has been shown is durable.
    ///
    /// Throws `busy` when that did not come to be known, `failed` when the row to be written is
    /// gone: nothing may be answered from it then.
    func passBarrier() throws(StoreError) {
      forgetWarning()
      let tag: String?
      do throws(PostgreSQLError) {
        tag = try run([barrier]).last?.tag
      } catch {
        throw StoreError(error)
      }
      // What writes nothing waits for nothing.
      guard tag == "UPDATE 1" else { throw .failed("a row of barriers is missing") }
      guard !hasWarned else { throw .busy("the server does not say what is durable") }
    }

    /// Runs statements that only read, outside of any transaction.
    func read(_ commands: [Command]) throws(StoreError) -> [Rows] {
      try connect()
      do throws(PostgreSQLError) {
        return try run(commands)
      } catch {
        throw StoreError(error)
      }
    }

    static func now() -> Int64 {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
  }

  extension StoreError {
    /// What a failed call means as long as nothing that it was part of has been committed: it may
    /// be tried again, unless the server says that no repetition will mend it.
    init(_ error: PostgreSQLError) {
      switch error.state {
      case .diskFull: self = .full("no room on the server: \(error)")
      case .undefinedTable: self = .foreign("there is no ledger: \(error)")
      case let state where ["22", "42", "0A"].contains(state.class): self = .failed("\(error)")
      case let state where ["XX001", "XX002"].contains(state.rawValue):
        self = .damaged(entry: nil, reason: "\(error)")
      default: self = .busy("\(error)")
      }
    }
  }

#endif
