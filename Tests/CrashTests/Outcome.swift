// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// What an answer said, as far as it is judged.
enum Outcome {
  case done(Done)
  case refused(Refused)
  /// A read of one card.
  case standing(Standing)
  /// A read of the books.
  case books(Books)
  /// "Try again", with the code: the request is to be sent again.
  case again(String)
  /// Not what any request may be answered.
  case unexpected(String)

  struct Done {
    /// The entry, for the methods that answer with one.
    let entry: String?
    let hold: String?
    let movement: Movement?
    /// The card as it stood after the entry; nil where the answer shows none.
    let standing: Standing?
    let isReplayed: Bool
    /// The bytes of the result without the mark of a repetition.
    let text: [UInt8]
  }

  /// What a response says to a request; the tree is not built, because there are many.
  init(_ response: JSONValue, to operation: Operation) {
    let result = response["result"]
    let read: Outcome?
    switch operation.request {
    case _ where response["error"] != nil: read = Outcome(error: response["error"])
    case .account: read = Standing(result).map { .standing($0) }
    case .trialBalance: read = Books(result).map { .books($0) }
    default: read = result.map { .done(Done($0)) }
    }
    self = read ?? .unexpected(response.rawText)
  }

  /// Reads an error; nil for one that is none of the shop's.
  private init?(error: JSONValue?) {
    guard let number = error?["code"]?.integer, number > 0, let data = error?["data"],
      let code = data["code"]?.string
    else { return nil }
    if data["category"]?.string == "try_again", data["retryable"]?.bool == true {
      self = .again(code)
    } else {
      self = .refused(
        Refused(code, attemptsLeft: data["details"]?["attempts_left"]?.integer))
    }
  }
}

extension Outcome.Done {
  fileprivate init(_ result: JSONValue) {
    let entry = result["entry"]
    let isReplayed = result["replayed"]?.bool ?? false
    var bytes = result.withRawBytes { Array($0) }
    let mark = Array(",\"replayed\":true}".utf8)
    if isReplayed, bytes.suffix(mark.count).elementsEqual(mark) {
      bytes.removeLast(mark.count)
      bytes.append(UInt8(ascii: "}"))
    }
    self.init(
      entry: entry?["entry_id"]?.string, hold: entry?["hold_id"]?.string,
      movement: entry.flatMap { Movement($0) }, standing: Standing(result["account"]),
      isReplayed: isReplayed, text: bytes)
  }
}

extension Standing {
  /// Reads an account of an answer; nil when something is missing.
  init?(_ account: JSONValue?) {
    guard let balance = account?["balance"], let status = account?["status"]?.string,
      let principal = balance["principal"]?.integer, let bonus = balance["bonus"]?.integer,
      let held = balance["held"]?.integer, let available = balance["available"]?.integer,
      let spendable = balance["spendable"]?.integer,
      let hasPIN = account?["pin"]?["set"]?.bool,
      let attemptsLeft = account?["pin"]?["attempts_left"]?.integer
    else { return nil }
    self.init(
      principal: principal, bonus: bonus, held: held, available: available, spendable: spendable,
      isFrozen: status == "frozen", hasPIN: hasPIN, attemptsLeft: attemptsLeft)
  }
}

extension Movement {
  /// Reads an entry of an answer; nil when something is missing.
  init?(_ entry: JSONValue) {
    guard let kind = entry["kind"]?.string, let amount = entry["amount"]?.integer,
      let principal = entry["principal"]?.integer, let bonus = entry["bonus"]?.integer
    else { return nil }
    self.init(kind: kind, amount: amount, principal: principal, bonus: bonus)
  }
}

/// The balances of the ledger accounts that these tests move.
struct Books: Equatable {
  var principal: Int64 = 0
  var bonus: Int64 = 0
  var cash: Int64 = 0
  var sales: Int64 = 0
  var bonusExpense: Int64 = 0

  init() {}

  /// Reads a trial balance; nil when it does not balance or holds what nothing here moves.
  init?(_ trialBalance: JSONValue?) {
    guard let trialBalance, trialBalance["total"]?.integer == 0 else { return nil }
    var total: Int64 = 0
    guard let lines = trialBalance["accounts"] else { return nil }
    for line in lines.elements {
      guard let debit = line["debit"]?.integer, let credit = line["credit"]?.integer,
        debit >= 0, credit >= 0
      else { return nil }
      total += debit - credit
      switch line["name"]?.string {
      case "card_principal": principal = credit - debit
      case "card_bonus": bonus = credit - debit
      case "cash:cash": cash = debit - credit
      case "sales": sales = credit - debit
      case "bonus_expense": bonusExpense = debit - credit
      default: if debit != 0 || credit != 0 { return nil }
      }
    }
    guard total == 0, principal >= 0, bonus >= 0 else { return nil }
  }

  /// The books after one more entry.
  mutating func post(_ movement: Movement) {
    switch movement.kind {
    case "topup":
      cash += movement.principal
      principal += movement.principal
      bonusExpense += movement.bonus
      bonus += movement.bonus
    case "debit", "capture":
      principal -= movement.principal
      bonus -= movement.bonus
      sales += movement.amount
    case "refund", "reverse":
      let sign: Int64 = movement.undoesTopUp ? -1 : 1
      principal += sign * movement.principal
      bonus += sign * movement.bonus
      if movement.undoesTopUp {
        cash -= movement.principal
        bonusExpense -= movement.bonus
      } else {
        sales -= movement.amount
      }
    default: break
    }
  }
}
