// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore
import Store

/// A mutation ready to be decided, with how its answer is written.
struct MutationTicket {
  let ticket: Ticket
  private let telling: Method.Telling

  /// Reads a mutation's params.
  init(_ method: Method, _ params: Params, _ engine: Engine) throws(Answering) {
    guard case .mutation(let command, let telling) = method.kind else {
      preconditionFailure("\(method.name) is no mutation")
    }
    self.telling = telling
    let grounds = params.grounds
    ticket = Ticket(
      command: try command(params, engine), key: params.key, origin: params.origin,
      reason: grounds.isEmpty ? nil : grounds.joined(separator: "; "),
      members: params.submitted())
  }

  /// The result of an entry without account, answered for the first time; reads no state.
  func result(ofNobodys entry: Entry, _ engine: Engine) -> [UInt8] {
    precondition(entry.account == nil, "an account is shown as the state has it")
    return MutationResult(entry, account: nil, holder: nil, replayed: false, tell: tell(engine))
      .written
  }

  /// The answer by the entry that answers it, the same whenever it is written.
  func answer(_ entry: Entry, replayed: Bool, _ engine: Engine) throws(Answering) -> Answer {
    let result = try result(entry, replayed: replayed, engine)
    switch telling {
    case .ofEntry: return .unwritten(result)
    case .withEngine: return .result(result.written)
    }
  }

  private func tell(_ engine: Engine) -> (inout JSONWriter, Entry) -> Void {
    switch telling {
    case .ofEntry(let tell): tell
    case .withEngine(let tell): { tell(&$0, $1, engine) }
    }
  }

  /// What the answer shows, with what it needs of the state.
  private func result(
    _ entry: Entry, replayed: Bool, _ engine: Engine
  ) throws(Answering) -> MutationResult {
    guard let id = entry.account, entry.after != nil else {
      return MutationResult(
        entry, account: nil, holder: nil, replayed: replayed, tell: tell(engine))
    }
    guard let account = try store({ () throws(StoreError) in try engine.working.account(id) })
    else { preconditionFailure("an entry's account is there") }
    return MutationResult(
      entry, account: account, holder: try holder(of: account, engine), replayed: replayed,
      tell: tell(engine))
  }
}
