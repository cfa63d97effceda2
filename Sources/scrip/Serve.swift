// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC
import Glibc
import LedgerCore
import Store

/// `scrip serve`: a POS's child process.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves JSON-RPC 2.0 on standard input and output, one message a line.",
    discussion: """
      Answers are written only once their effects are durable. Ends with 0 at the end of input, \
      on SIGTERM or SIGINT, or when standard output is closed.
      """)

  @OptionGroup var ledger: LedgerOptions

  @Flag(name: .customLong("init"), help: "Make the ledger if the directory is missing or empty.")
  var makesLedger = false

  @Option(help: "The store of requests that name none.")
  var storeID: String?

  @Option(help: "The terminal of requests that name none.")
  var terminalID: String?

  @Option(
    help: ArgumentHelp(
      "Write alerts to this open descriptor, one JSON object a line.", valueName: "n"))
  var alertsFd: Int32?

  @Option(
    help: "Write alerts to this file or FIFO, one JSON object a line.", completion: .file())
  var alertsFile: String?

  @Option(help: "Start the clock of a test ledger at this RFC 3339 time.")
  var testClock: String?

  @Flag(
    help: """
      Never share a session of the server with other engines on this machine. \
      Only with --store.
      """)
  var alone = false

  func validate() throws {
    try requireNames(["--store-id": storeID, "--terminal-id": terminalID])
    guard !alone || ledger.server != nil else {
      throw ValidationError("--alone is for --store; engines on a directory never share")
    }
  }

  func run() throws {
    try scrip.run { () throws(Failure) in try serve() }
  }

  private func serve() throws(Failure) {
    let start = try testClock.map { text throws(Failure) in
      guard let instant = Instant(text: text), instant < .clockLimit else {
        throw .usage(
          "--test-clock takes an RFC 3339 time before the year 9000, such as 2026-01-31T08:00:00Z")
      }
      return instant
    }
    if makesLedger, try !ledger.exists() {
      try LedgerMaking(directory: ledger.data, keyring: ledger.keyring).make(.accept)
    }
    let identity = try ledger.identity()
    let outlets = try AlertOutlets(
      descriptor: alertsFd, path: alertsFile, terminal: terminalID, directory: ledger.data,
      home: ledger.home, keyring: ledger.keyringPath)
    let streams = try StandardStreams.take()
    let opened = try OpenedLedger(
      directory: ledger.data, keyring: ledger.keyring, testClock: start)
    let about = About(
      defaults: Origin(store: storeID, terminal: terminalID),
      libraries: Versions.libraries)
    let session = Session(engine: opened.engine, about: about)
    let loop = ServeLoop(
      session: session, store: opened.store, streams: streams,
      workers: Workers(directory: ledger.data, keys: opened.keys), outlets: outlets,
      neighbours: neighbours(session, opened, outlets),
      isWall: !identity.isTest)
    try loop.run()
  }

  /// The engines it may share with; the clock of a test ledger is each engine's own.
  private func neighbours(
    _ session: Session, _ opened: OpenedLedger, _ outlets: AlertOutlets
  ) -> Neighbours? {
    let identity = opened.store.identity
    guard let target = ledger.server, let server = opened.store as? any SharedServer, !alone,
      !identity.isTest,
      let place = SharingPlace(identity, server: target, keys: opened.keys.current)
    else { return nil }
    return Neighbours(
      place, session: session, server: server, defaults: session.defaults,
      mayBeGuest: outlets.isEmpty)
  }
}

/// Where the ledger is.
struct LedgerOptions: ParsableArguments {
  @Option(
    name: .customLong("data"), help: "The ledger's directory.", completion: .directory)
  var directory: String?

  @Option(
    name: .customLong("store"),
    help: ArgumentHelp(
      "In place of a directory, a PostgreSQL server: postgresql://…; needs --keyring.",
      valueName: "uri"))
  var server: String?

  @Option(help: "The keyring, if it is not keyring.json in the directory.", completion: .file())
  var keyring: String?

  func validate() throws {
    guard (directory == nil) != (server == nil) else {
      throw ValidationError("give either --data or --store")
    }
    if let directory, LedgerPlace(directory).isServer {
      throw ValidationError("--data takes a directory; --store takes a server")
    }
    guard let server else { return }
    guard LedgerPlace(server).isServer else {
      throw ValidationError("--store takes a URI such as postgresql://host/database")
    }
    guard keyring != nil else {
      throw ValidationError("--store needs --keyring: keys are kept apart from the server")
    }
  }
}
