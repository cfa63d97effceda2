// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC

/// What a request is about, as far as can be told without the ledger: which of two may be served
/// again without the other.
struct Touch {
  /// How a request names its account.
  enum Account: Hashable {
    case card(String)
    case id(String)
  }

  /// nil: perhaps anything.
  let account: Account?
  let key: String?
  /// A wrong one counts each time it is asked, and no key tells of that.
  private(set) var givesPIN = false

  init(_ request: Request, _ method: Method) {
    var account: Account?
    var key: String?
    let members = request.params.map { Array($0.members) } ?? []
    for member in members {
      if member.isNamed("card_no") {
        account = member.value.string.map { .card($0) }
      } else if member.isNamed("account_id") {
        account = member.value.string.map { .id($0) }
      } else if member.isNamed("idempotency_key") {
        key = member.value.string
      } else if member.isNamed("pin") || member.isNamed("current_pin") {
        givesPIN = true
      }
    }
    self.account = method.isOfOneAccount ? account : nil
    self.key = key
  }
}

/// What several requests are about, no two of them the same.
struct Touches {
  private var cards: Set<String> = []
  private var ids: Set<String> = []
  private var keys: Set<String> = []
  private var isEverything = false

  /// Whether one of them and this request may be about the same.
  ///
  /// The number of a card and the id of an account may be of the same account.
  func meet(_ touch: Touch) -> Bool {
    if isEverything { return true }
    if let key = touch.key, keys.contains(key) { return true }
    switch touch.account {
    case .card(let number): return !ids.isEmpty || cards.contains(number)
    case .id(let id): return !cards.isEmpty || ids.contains(id)
    case nil: return !(cards.isEmpty && ids.isEmpty)
    }
  }

  mutating func add(_ touch: Touch) {
    if let key = touch.key { keys.insert(key) }
    switch touch.account {
    case .card(let number): cards.insert(number)
    case .id(let id): ids.insert(id)
    case nil: isEverything = true
    }
  }

  mutating func remove(_ touch: Touch) {
    if let key = touch.key { keys.remove(key) }
    switch touch.account {
    case .card(let number): cards.remove(number)
    case .id(let id): ids.remove(id)
    case nil: isEverything = false
    }
  }
}

extension Method {
  /// Whether it is about one account, which it names by its card or its id.
  fileprivate var isOfOneAccount: Bool { Method.ofOneAccount.contains { $0 === self } }

  private static let ofOneAccount = [
    debitCreate, topUpCreate, accountGet, accountOpen, debitAuthorize, pinVerify,
  ]
}
