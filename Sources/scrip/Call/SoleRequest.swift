// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import JSON
import LedgerCore
import Store
import StoreSQLite

/// A request that is the only one of its session, served in this process.
struct SoleRequest {
  let method: String
  let params: JSONTree

  /// Serves it and closes the ledger; the response as it would stand on the wire.
  func answer(on ledger: OpenedLedger, directory: String) throws(Failure) -> JSONTree {
    let about = About(defaults: Origin(), libraries: Versions.libraries)
    let session = Session(engine: ledger.engine, about: about)
    let line = Array(request.lineText.utf8)
    line.withUnsafeBytes { session.receive($0) }
    session.endOfInput()
    var output: [UInt8] = []
    do {
      while session.hasWork || session.isWaiting {
        try session.turn(into: &output)
        for job in session.takeJobs() {
          switch job {
          case .stretch(let number, let work): session.deliver(work.run(), number: number)
          case .verify(let number):
            let report = LedgerVerification.report(directory: directory, keys: ledger.keys.latest())
            session.deliver(report: report, number: number, into: &output)
          case .backtest(let number, let plan):
            let report = LedgerBacktest.report(plan, directory: directory)
            session.deliver(report: report, number: number, into: &output)
          }
        }
      }
      try ledger.store.close()
    } catch {
      throw Failure(error)
    }
    guard let document = try? JSONDocument.parse(output) else {
      preconditionFailure("a request with an id is answered in JSON")
    }
    return JSONTree(document.root)
  }

  private var request: JSONTree {
    ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
  }
}

/// The error of a response, for people.
struct RequestError {
  private let error: JSONTree

  /// Takes the `error` member of a response.
  init(_ error: JSONTree) { self.error = error }

  /// Whether the same request may succeed later.
  var isRetryable: Bool { error["data"]?["retryable"] == true }

  /// The name of the refusal, with its number, message, field and details, a line each.
  var text: String {
    var lines: [String] = []
    let number = error["code"].map(plain) ?? ""
    let message = error["message"].map(plain) ?? ""
    if case .string(let name)? = error["data"]?["code"] {
      lines.append("\(name) (\(number)): \(message)")
    } else {
      lines.append("\(message) (\(number))")
    }
    if case .string(let field)? = error["data"]?["field"], !field.isEmpty {
      lines.append("  field: \(field)")
    }
    if case .object(let details)? = error["data"]?["details"] {
      // What a message of ours says already is not said twice.
      for detail in details where !message.hasSuffix(plain(detail.value)) {
        lines.append("  \(detail.name): \(plain(detail.value))")
      }
    }
    if isRetryable { lines.append("  the same request may succeed later") }
    return lines.joined(separator: "\n")
  }

  private func plain(_ value: JSONTree) -> String {
    if case .string(let text) = value { text } else { value.lineText }
  }
}
