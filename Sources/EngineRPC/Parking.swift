// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSONRPC
import LedgerCore
import Store

/// Requests that wait for a stretched PIN, and those that must not overtake them.
struct Parking {
  private struct Parked {
    let number: UInt64
    let work: Work
    let job: StretchJob
    let concern: Concern
  }

  /// What a request touches, for telling whether two may change places.
  private enum Concern {
    case account(AccountID)
    case card(CardNumber)
    /// Nothing of any card.
    case nothing
    /// Perhaps anything.
    case everything
  }

  private var parked: [Parked] = []
  private var heldBack: [Work] = []
  private var blocked = Blocked()

  /// What requests that wait touch, all together.
  private struct Blocked {
    var accounts: Set<AccountID> = []
    var cards: Set<CardNumber> = []
    var keys: Set<String> = []
    /// Batches, whose members are served in order whatever they concern.
    var batches: Set<ObjectIdentifier> = []
    var everything = false
    var something = false

    mutating func add(_ concern: Concern, key: String?, of work: Work) {
      something = true
      if let batch = work.batch { batches.insert(ObjectIdentifier(batch)) }
      switch concern {
      case .account(let id): accounts.insert(id)
      case .card(let number): cards.insert(number)
      case .everything: everything = true
      case .nothing: break
      }
      if let key { keys.insert(key) }
    }

    func meets(_ concern: Concern, key: String?, of work: Work) -> Bool {
      if let batch = work.batch, batches.contains(ObjectIdentifier(batch)) { return true }
      if let key, keys.contains(key) { return true }
      switch concern {
      case .account(let id): return everything || accounts.contains(id)
      case .card(let number): return everything || cards.contains(number)
      case .everything: return something
      case .nothing: return false
      }
    }
  }

  var count: Int { parked.count }

  var heldBackCount: Int { heldBack.count }

  var all: [Work] { parked.map(\.work) + heldBack }

  mutating func park(_ work: Work, _ job: StretchJob, number: UInt64, _ engine: Engine) {
    let concern = Parking.concern(of: work, engine)
    parked.append(Parked(number: number, work: work, job: job, concern: concern))
    blocked.add(concern, key: Parking.key(of: work), of: work)
  }

  /// Keeps the request back if it may not overtake one that waits.
  mutating func holdsBack(_ work: Work, _ engine: Engine) -> Bool {
    guard !parked.isEmpty else { return false }
    let concern = Parking.concern(of: work, engine)
    let key = Parking.key(of: work)
    guard blocked.meets(concern, key: key, of: work) else { return false }
    blocked.add(concern, key: key, of: work)
    heldBack.append(work)
    return true
  }

  /// The request whose job is done, and all that was held back, in the order they were read.
  mutating func release(_ number: UInt64, _ result: [UInt8]) -> [Work]? {
    guard let index = parked.firstIndex(where: { $0.number == number }) else { return nil }
    let done = parked.remove(at: index)
    done.work.ticket?.ticket.deliver(result, for: done.job)
    defer { heldBack = [] }
    blocked = Blocked()
    for other in parked {
      blocked.add(other.concern, key: Parking.key(of: other.work), of: other.work)
    }
    return [done.work] + heldBack
  }

  private static func params(_ work: Work) -> Params? {
    guard case .request(let request) = work.call, let method = work.method else { return nil }
    return try? Params(request.params, as: method.members)
  }

  private static func key(of work: Work) -> String? {
    guard work.method?.isMutation == true else { return nil }
    return params(work)?.text("idempotency_key")
  }

  private static func concern(of work: Work, _ engine: Engine) -> Concern {
    guard let method = work.method, let params = params(work) else { return .nothing }
    switch method.kind {
    case .session(.shutdown), .clock, .settledQuery, .report, .backtest: return .everything
    case .subscription: return .nothing
    case .session: return .nothing
    case .query:
      let names = method.params.map(\.name)
      if names.contains("account_id"), let name = try? params.optionalAccountName() {
        return concern(name, engine)
      }
      return .everything
    case .mutation:
      let made = try? MutationTicket(method, params, engine)
      guard let ticket = work.ticket ?? made else { return .nothing }
      switch ticket.ticket.command.subject {
      case .account(let name): return concern(name, engine)
      case .entry(let id):
        let entry = try? engine.working.entry(id)
        return entry?.account.map { .account($0) } ?? .nothing
      case .ledger: return .everything
      }
    }
  }

  private static func concern(_ name: AccountName, _ engine: Engine) -> Concern {
    switch name {
    case .id(let id): return .account(id)
    case .card(let number):
      let standing = try? engine.working.card(number)
      if case .names(let id)? = standing { return .account(id) }
      return .card(number)
    }
  }
}
