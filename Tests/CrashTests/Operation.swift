// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON

/// What is asked of a card.
enum Request: Equatable {
  case open(pin: String?, topUp: Int64?)
  case topUp(Int64)
  case debit(Int64, pin: String?)
  case authorize(Int64, pin: String?)
  case capture(hold: String, Int64?)
  case release(hold: String)
  case refund(entry: String, Int64?)
  case reverse(entry: String)
  case freeze
  case unfreeze
  case verifyPIN(String)
  case resetPIN(String)
  /// The program the ledger is judged by; concerns no card.
  case setProgram(Rules)
  case account
  /// Concerns no card.
  case trialBalance
}

/// One thing a till wants done; asked again with the same key until it is answered.
struct Operation {
  let card: String
  let request: Request
  let key: String

  /// Whether it changes nothing and takes no key.
  var isRead: Bool { request == .account || request == .trialBalance }

  /// Whether a PIN is given to be checked.
  var givesPIN: Bool {
    switch request {
    case .debit(_, .some), .authorize(_, .some), .verifyPIN: true
    default: false
    }
  }

  var method: String {
    switch request {
    case .open: "account.open"
    case .topUp: "topup.create"
    case .debit: "debit.create"
    case .authorize: "debit.authorize"
    case .capture: "debit.capture"
    case .release: "debit.release"
    case .refund: "debit.refund"
    case .reverse: "entry.reverse"
    case .freeze: "account.freeze"
    case .unfreeze: "account.unfreeze"
    case .verifyPIN: "pin.verify"
    case .resetPIN: "pin.reset"
    case .setProgram: "program.set"
    case .account: "account.get"
    case .trialBalance: "ledger.trial_balance"
    }
  }

  var params: JSONTree {
    guard !isRead else { return members }
    return members.merging(["idempotency_key": .string(key)])
  }

  private var members: JSONTree {
    switch request {
    case .open(let pin, let topUp):
      var params: JSONTree = ["card_no": .string(card)]
      if let pin { params = params.merging(["pin": .string(pin)]) }
      if let topUp {
        params = params.merging(["topup": ["amount": .integer(topUp), "tender": "cash"]])
      }
      return params
    case .topUp(let amount):
      return ["card_no": .string(card), "amount": .integer(amount), "tender": "cash"]
    case .debit(let amount, let pin): return spending(amount, pin)
    case .authorize(let amount, let pin):
      return spending(amount, pin).merging(["expires_in": 86_400])
    case .capture(let hold, let amount): return naming("hold_id", hold, amount)
    case .release(let hold): return ["hold_id": .string(hold)]
    case .refund(let entry, let amount): return naming("entry_id", entry, amount)
    case .reverse(let entry): return ["entry_id": .string(entry), "reason": "misrung"]
    case .verifyPIN(let pin): return ["card_no": .string(card), "pin": .string(pin)]
    case .resetPIN(let pin):
      return ["card_no": .string(card), "new_pin": .string(pin), "proof": "passport seen"]
    case .setProgram(let rules): return ["program": rules.program]
    case .freeze, .unfreeze, .account: return ["card_no": .string(card)]
    case .trialBalance: return [:]
    }
  }

  private func spending(_ amount: Int64, _ pin: String?) -> JSONTree {
    let params: JSONTree = ["card_no": .string(card), "amount": .integer(amount)]
    return pin.map { params.merging(["pin": .string($0)]) } ?? params
  }

  private func naming(_ member: String, _ id: String, _ amount: Int64?) -> JSONTree {
    let params = JSONTree.object([.init(member, .string(id))])
    return amount.map { params.merging(["amount": .integer($0)]) } ?? params
  }
}
