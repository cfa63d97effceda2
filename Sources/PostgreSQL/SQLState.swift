// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  /// What a server says of a failed statement: five letters and digits of the SQL standard.
  ///
  /// The first two are its class (https://www.postgresql.org/docs/current/errcodes-appendix.html).
  package struct SQLState: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    /// Takes any text: a state this file has no name for is kept as it came.
    package init(rawValue: String) { self.rawValue = rawValue }

    package var `class`: String { String(rawValue.prefix(2)) }

    /// No server said anything: the connection was lost, or never made.
    package static let connectionLost = SQLState(rawValue: "08006")
    /// Something with this key is there already.
    package static let uniqueViolation = SQLState(rawValue: "23505")
    /// The session was connected to a server that only reads: a standby.
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    /// An earlier statement of the transaction failed.
    package static let inFailedTransaction = SQLState(rawValue: "25P02")
    /// Transactions that ran together do not fit one order; try again.
    package static let serializationFailure = SQLState(rawValue: "40001")
    /// Two transactions waited for each other; try again.
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    /// The server lacks a table.
    package static let undefinedTable = SQLState(rawValue: "42P01")
    /// No room on the server's disk.
    package static let diskFull = SQLState(rawValue: "53100")
    /// A lock was not to be had in the time allowed.
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// Another process ended what the session was doing.
    package static let queryCanceled = SQLState(rawValue: "57014")

    /// Whether the same transaction may succeed when it is made again.
    package var isRetryable: Bool {
      self == .serializationFailure || self == .deadlockDetected || self == .lockNotAvailable
    }

    /// Whether the session is of no more use: the server ends it, or only reads.
    package var endsSession: Bool {
      switch self.class {
      case "08": true
      // The server is stopped, has crashed, or begins; or has ended an idle session.
      case "57": self != .queryCanceled
      default: self == .readOnlyTransaction || rawValue == "25P03"
      }
    }
  }

  extension SQLState: CustomStringConvertible {
    package var description: String { "SQLSTATE \(rawValue)" }
  }

  /// A failed call on a server.
  ///
  /// No bound value ever stands in it: `operation` is the SQL with its `$1` left as they are, and
  /// the server's message is taken over only where no value can take part in it.
  package struct PostgreSQLError: Error, Hashable, Sendable {
    package let state: SQLState
    /// The SQL text as it was prepared, or what was done: `connect`.
    package let operation: String
    package let detail: String

    /// There is no session, so nothing was sent.
    package static let noSession = lost("run", "there is no connection")

    /// An error that says that nothing is known of what was asked.
    package static func lost(_ operation: String, _ detail: String) -> PostgreSQLError {
      PostgreSQLError(state: .connectionLost, operation: operation, detail: detail)
    }
  }

  extension PostgreSQLError: CustomStringConvertible {
    /// One line: state, message and operation.
    package var description: String {
      let line = "\(state): \(detail), in \(operation)"
      return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }

#endif
