// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Store

/// A mutation ready to be decided, with how its answer is written.
struct MutationTicket {
  let ticket: Ticket
  let answer: @Sendable (inout JSONWriter, Entry, Engine) -> Void

  /// Reads a mutation's params; the defaults say where a request comes from that does not say.
  init(
    _ method: Method, _ params: Params, _ engine: Engine, defaults: Origin
  ) throws(Answering) {
    guard case .mutation(let command, let answer) = method.kind else {
      preconditionFailure("\(method.name) is no mutation")
    }
    self.answer = answer
    let grounds = params.grounds
    ticket = Ticket(
      command: try command(params, engine),
      key: params.required("idempotency_key") { IdempotencyKey($0) },
      origin: Origin(
        store: params.text("store_id") ?? defaults.store,
        terminal: params.text("terminal_id") ?? defaults.terminal,
        operator: params.text("operator_id") ?? defaults.operator),
      reason: grounds.isEmpty ? nil : grounds.joined(separator: "; "),
      members: params.submitted())
  }

  /// The result of an entry without account, answered for the first time; reads no state.
  func result(ofNobodys entry: Entry, _ engine: Engine) -> [UInt8] {
    precondition(entry.account == nil, "an account is shown as the state has it")
    var writer = JSONWriter(reservingCapacity: 1024)
    writer.beginObject()
    answer(&writer, entry, engine)
    writer.endObject()
    return writer.bytes
  }

  /// The result of the entry that answers it, the same whenever it is written.
  func result(
    _ entry: Entry, replayed: Bool, _ engine: Engine
  ) throws(Answering) -> [UInt8] {
    var writer = JSONWriter(reservingCapacity: 1024)
    writer.beginObject()
    answer(&writer, entry, engine)
    if let id = entry.account, let after = entry.after {
      guard
        let account = try store({ () throws(StoreError) in
          try engine.working.account(id)
        })
      else { preconditionFailure("an entry's account is there") }
      writer.name("account")
      let holder = try writer.holder(of: account, engine)
      writer.account(account, after, holder: holder)
    }
    if replayed {
      writer.name("replayed")
      writer.bool(true)
    }
    writer.endObject()
    return writer.bytes
  }
}
