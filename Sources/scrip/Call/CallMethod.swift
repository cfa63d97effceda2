// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Engine
import EngineRPC
import Glibc
import JSON
import LedgerCore
import Secrets
import Store
import StoreSQLite

/// `scrip call`: one request by hand.
struct CallMethod: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "call",
    abstract: "Sends one request to a ledger and shows the result.",
    discussion: """
      Works on the ledger directly, also while tills do. The result goes to standard output, \
      indented. A refusal goes to standard error: exit code 1, or 75 when the same request may \
      succeed later.

        scrip call account.get '{"card_no": "8001"}' --data shop
        scrip call account.freeze '{"card_no": "8001"}' --data shop
        scrip call debit.create - --data shop < debit.json
        scrip call rpc.discover --data shop

      The last lists every method with its params. Amounts are minor units (fen). A request that \
      changes something needs an idempotency_key; where the JSON has none, a random one is added \
      and shown, so that the request can be repeated safely when its outcome is in doubt.

      Other users of the machine can see a command line: a PIN belongs in a file or a pipe, which \
      `-` reads.
      """)

  @Argument(help: "The method, such as account.get.")
  var method: String

  @Argument(help: "The params: a JSON object; - reads it from standard input.")
  var params = "{}"

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "Start the clock of a test ledger at this RFC 3339 time.")
  var testClock: String?

  func run() throws {
    var exitCode: Int32 = 0
    try scrip.run { () throws(Failure) in exitCode = try call() }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }

  private func call() throws(Failure) -> Int32 {
    var start: Instant?
    if let testClock {
      start = Instant(text: testClock)
      guard start != nil else {
        throw .usage("--test-clock takes an RFC 3339 time such as 2026-01-31T08:00:00Z")
      }
    }
    var params = try readParams()
    _ = try ledger.identity()
    if let key = addKey(to: &params) {
      StandardError.write("scrip: idempotency_key \(key)")
    }
    CoreDumps.forbid()
    let opened = try OpenedLedger(
      directory: ledger.data, keyring: ledger.keyring, testClock: start)
    let answer = try SoleRequest(method: method, params: params).answer(
      on: opened, directory: ledger.data)
    if let result = answer["result"] {
      try StandardOutput.write(result.prettyText)
      return 0
    }
    let error = RequestError(answer["error"] ?? .null)
    StandardError.write(error.text)
    return error.isRetryable ? 75 : 1
  }

  // MARK: Params

  private func readParams() throws(Failure) -> JSONTree {
    let isPiped = params == "-"
    let text = isPiped ? try standardInput() : Array(params.utf8)
    do {
      return JSONTree(try JSONDocument.parse(text).root)
    } catch {
      let message = "the params are not JSON: \(error)"
      throw isPiped ? .data(message) : .usage(message)
    }
  }

  private func standardInput() throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(0, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .io("cannot read standard input: \(systemReason())") }
      if count == 0 { return bytes }
      bytes.append(contentsOf: part[..<count])
    }
  }

  /// Adds the key that the method requires and the params lack; answers it.
  private func addKey(to params: inout JSONTree) -> String? {
    guard takesKey, case .object(var members) = params,
      params["idempotency_key"] ?? .null == .null
    else { return nil }
    members.removeAll { $0.name == "idempotency_key" }
    let key = "call-" + hexadecimal(randomBytes(12))
    members.append(.init("idempotency_key", .string(key)))
    params = .object(members)
    return key
  }

  /// Whether the method is described as requiring an idempotency key.
  private var takesKey: Bool {
    guard case .array(let methods)? = OpenRPC.description["methods"],
      let own = methods.first(where: { $0["name"] == .string(method) }),
      case .array(let params)? = own["params"]
    else { return false }
    return params.contains { $0["name"] == "idempotency_key" }
  }
}
