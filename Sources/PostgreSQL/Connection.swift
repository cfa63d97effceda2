// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import CPostgreSQL
  import Glibc

  /// One session on a server, for one thread at a time.
  ///
  /// Always in pipeline mode: any number of statements cost one round trip. Every wait has a
  /// deadline; one that passes ends the session, because what the server still does is unknown.
  @safe
  package final class Connection {
    /// What is set where the connection string does not say otherwise: a dead server is noticed in
    /// seconds, and of several hosts the one that takes writes is found.
    private static let defaults = [
      ("connect_timeout", "3"), ("keepalives_idle", "5"), ("keepalives_interval", "2"),
      ("keepalives_count", "3"), ("tcp_user_timeout", "10000"),
      ("target_session_attrs", "read-write"), ("fallback_application_name", "scrip"),
    ]

    private let handle: OpaquePointer
    private var prepared: [Statement: String] = [:]
    /// The server, or the way to it, is gone: nothing more can be asked.
    package private(set) var isLost = false
    /// How often this session waited for the server since it was made.
    package private(set) var roundTrips = 0
    /// How many statements it has sent.
    package private(set) var statements = 0
    private var notices = Unmanaged.passRetained(Notices())

    /// Whether the server warned since this was last set to false.
    ///
    /// A server that gives up waiting for its standby warns, and reports success all the same.
    package var hasWarned: Bool {
      get { notices.takeUnretainedValue().hasWarned }
      set { notices.takeUnretainedValue().hasWarned = newValue }
    }

    private final class Notices {
      var hasWarned = false
    }

    /// Connects by a URI or a list of `keyword=value`, with what libpq's environment adds.
    ///
    /// Takes as long as `connect_timeout` allows for each host. Throws `connectionLost` when no
    /// server could be reached that takes writes.
    package init(_ target: String) throws(PostgreSQLError) {
      let settings = Self.defaults + [("dbname", target)]
      let words = settings.map { strdup($0.0) }
      let values = settings.map { strdup($0.1) }
      defer { for word in words + values { free(word) } }
      let keywords = words.map { UnsafePointer($0) } + [nil]
      let texts = values.map { UnsafePointer($0) } + [nil]
      guard let handle = PQconnectdbParams(keywords, texts, 1) else {
        throw PostgreSQLError(state: .connectionLost, operation: "connect", detail: "no memory")
      }
      self.handle = handle
      PQsetNoticeReceiver(
        handle,
        { notices, result in
          guard let notices, let result else { return }
          let state = PQresultErrorField(result, Int32(cpostgresql_sqlstate))
          // Class 00 is information, 01 and others are warnings.
          if let state, strncmp(state, "00", 2) != 0 {
            Unmanaged<Notices>.fromOpaque(notices).takeUnretainedValue().hasWarned = true
          }
        }, notices.toOpaque())
      guard PQstatus(handle) == CONNECTION_OK, PQsetnonblocking(handle, 1) == 0,
        PQenterPipelineMode(handle) == 1
      else {
        isLost = true
        throw lost("connect")
      }
    }

    deinit {
      PQfinish(handle)
      notices.release()
    }

    /// The version of the libpq in use, as `15.18`.
    package static var libraryVersion: String {
      let number = PQlibVersion()
      return "\(number / 10_000).\(number % 10_000)"
    }

    /// Whether a transaction is open, failed or not.
    package var isInTransaction: Bool { !isLost && PQtransactionStatus(handle) != PQTRANS_IDLE }

    /// Ends the session's use: whatever the server is still doing, nobody looks at any more.
    package func abandon() { isLost = true }

    /// Runs the statements one after another at the cost of one round trip; what each answered.
    ///
    /// The first that fails is thrown, and none after it is run. Outside a transaction they are
    /// one transaction together. Throws `connectionLost` when no answer came in time.
    package func run(
      _ commands: [Command], milliseconds: Int64 = 10_000, meanwhile work: () -> Void = {}
    ) throws(PostgreSQLError) -> [Rows] {
      guard !isLost else {
        throw PostgreSQLError(
          state: .connectionLost, operation: "run", detail: "the connection was lost")
      }
      let deadline = Self.now() + milliseconds
      var steps: [(command: Command, prepares: String?)] = []
      for command in commands { try send(command, &steps) }
      guard PQpipelineSync(handle) == 1 else { throw lost("send") }
      roundTrips += 1
      work()
      var outcome = Outcome()
      for step in steps { try receive(step, into: &outcome, deadline) }
      try synchronize(deadline)
      if let failure = outcome.failure { throw failure }
      return outcome.rows
    }

    private struct Outcome {
      var rows: [Rows] = []
      var failure: PostgreSQLError?
    }

    private static func now() -> Int64 {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    private func lost(_ operation: String) -> PostgreSQLError {
      isLost = true
      let detail = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
      return PostgreSQLError(state: .connectionLost, operation: operation, detail: detail)
    }
  }

  // Sending.
  extension Connection {
    private func send(
      _ command: Command, _ steps: inout [(command: Command, prepares: String?)]
    ) throws(PostgreSQLError) {
      let name: String
      if let known = prepared[command.statement] {
        name = known
      } else {
        name = "s\(prepared.count)"
        prepared[command.statement] = name
        let types = command.values.map(\.type)
        guard
          PQsendPrepare(handle, name, command.statement.sql, Int32(types.count), types) == 1
        else { throw lost("prepare") }
        steps.append((command, prepares: name))
      }
      statements += 1
      guard query(name, command.values) == 1 else { throw lost("send") }
      steps.append((command, prepares: nil))
    }

    private func query(_ name: String, _ values: [Value]) -> Int32 {
      var places: [Int?] = []
      var lengths: [Int32] = []
      var all: [UInt8] = []
      for value in values {
        let start = all.count
        let count = value.encode(into: &all)
        places.append(count == nil ? nil : start)
        lengths.append(Int32(count ?? 0))
      }
      // An address even where there is no byte, because none is NULL.
      all.append(0)
      return all.withUnsafeBytes { bytes in
        let pointers = places.map { place in
          place.flatMap { bytes.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
        }
        let formats = values.map { _ in Int32(1) }
        return PQsendQueryPrepared(
          handle, name, Int32(values.count), pointers, lengths, formats, 1)
      }
    }
  }

  // Receiving.
  extension Connection {
    /// Takes what one step answered, and the mark that ends it.
    private func receive(
      _ step: (command: Command, prepares: String?), into outcome: inout Outcome,
      _ deadline: Int64
    ) throws(PostgreSQLError) {
      guard let result = try next(deadline) else { throw lost("receive") }
      let status = PQresultStatus(result)
      switch status {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
        if step.prepares == nil {
          outcome.rows.append(Rows(result))
        } else {
          PQclear(result)
        }
      case PGRES_PIPELINE_ABORTED:
        // Never prepared, so that the next to need it prepares it.
        if step.prepares != nil { prepared[step.command.statement] = nil }
        PQclear(result)
      default:
        defer { PQclear(result) }
        if step.prepares != nil { prepared[step.command.statement] = nil }
        let failure = try error(of: result, in: step.command)
        outcome.failure = outcome.failure ?? failure
      }
      guard try next(deadline) == nil else { throw lost("receive") }
    }

    private func synchronize(_ deadline: Int64) throws(PostgreSQLError) {
      guard let result = try next(deadline) else { throw lost("synchronize") }
      defer { PQclear(result) }
      guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw lost("synchronize") }
    }

    /// The next result; nil at the end of a statement's.
    private func next(_ deadline: Int64) throws(PostgreSQLError) -> OpaquePointer? {
      while true {
        let flushed = PQflush(handle)
        guard flushed >= 0 else { throw lost("send") }
        if flushed == 0, PQisBusy(handle) == 0 { return PQgetResult(handle) }
        let left = deadline - Self.now()
        guard left > 0 else {
          isLost = true
          throw PostgreSQLError(
            state: .connectionLost, operation: "receive", detail: "the server did not answer")
        }
        let events = Int16(POLLIN | (flushed == 1 ? POLLOUT : 0))
        var socket = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        guard poll(&socket, 1, Int32(clamping: left)) >= 0 || errno == EINTR else {
          throw lost("poll")
        }
        if Int32(socket.revents) & (POLLIN | POLLERR | POLLHUP) != 0,
          PQconsumeInput(handle) == 0
        {
          throw lost("receive")
        }
      }
    }

    private func error(
      of result: OpaquePointer, in command: Command
    ) throws(PostgreSQLError) -> PostgreSQLError {
      func field(_ code: Int) -> String? {
        PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
      }
      // Without a state it is libpq itself that speaks: the connection is gone.
      guard let text = field(cpostgresql_sqlstate) else { throw lost("receive") }
      let state = SQLState(rawValue: text)
      if state.endsSession { isLost = true }
      var detail = "the server refuses"
      if command.values.isEmpty || Self.quotesNoValue(state) {
        detail = field(cpostgresql_message) ?? detail
      } else if let constraint = field(cpostgresql_constraint) {
        detail = "it breaks \(constraint)"
      }
      return PostgreSQLError(state: state, operation: command.statement.sql, detail: detail)
    }

    /// Whether the server's message is made of the schema's and its own words only: of data
    /// (22), constraints (23) and functions of ours (P0) it may quote what was bound.
    private static func quotesNoValue(_ state: SQLState) -> Bool {
      !["22", "23", "P0"].contains(state.class)
    }
  }

#endif
