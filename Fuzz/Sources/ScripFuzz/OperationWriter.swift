// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Turns bytes into requests: each operation takes a few of them.
struct OperationWriter {
  static let cards = ["1", "2", "3"]
  private static let limit = 60

  private var rest: ArraySlice<UInt8>
  private var count = 0

  init(_ input: [UInt8]) { rest = input[...] }

  private mutating func byte() -> Int { rest.popFirst().map(Int.init) ?? 0 }

  /// The requests, a line each.
  mutating func requests() -> [String] {
    var requests: [String] = []
    while !rest.isEmpty, requests.count < Self.limit {
      count += 1
      let (method, params) = next()
      let body = params.isEmpty ? "" : params.joined(separator: ",")
      requests.append(
        #"{"jsonrpc":"2.0","id":\#(count),"method":"\#(method)","params":{\#(body)}}"# + "\n")
    }
    return requests
  }

  private mutating func next() -> (String, [String]) {
    let choice = byte() % 20
    let card = #""card_no":"\#(Self.cards[byte() % Self.cards.count])""#
    // Now and then a key that was used.
    let key = #""idempotency_key":"k\#(byte() % 8 == 0 ? max(1, count - 1) : count)""#
    switch choice {
    case 0, 1:
      let topUp = byte() % 3 == 0 ? [] : [#""topup":{"amount":\#(amount()),"tender":"cash"}"#]
      return ("account.open", [key, card] + topUp)
    case 2, 3:
      let tender = byte() % 4 == 0 ? "cheque" : "cash"
      return ("topup.create", [key, card, #""amount":\#(amount())"#, #""tender":"\#(tender)""#])
    case 4, 5, 6:
      let partial = byte() % 4 == 0 ? [#""allow_partial":true"#] : []
      return ("debit.create", [key, card, #""amount":\#(amount())"#] + partial)
    case 7:
      return (
        "debit.authorize",
        [key, card, #""amount":\#(amount())"#, #""expires_in":\#(byte() * 60 + 1)"#]
      )
    case 8: return ("debit.capture", [key, #""hold_id":"hld_\#(entry())""#] + maybeAmount())
    case 9: return ("debit.release", [key, #""hold_id":"hld_\#(entry())""#])
    case 10, 11: return ("debit.refund", [key, #""entry_id":"ent_\#(entry())""#] + maybeAmount())
    case 12:
      return ("entry.reverse", [key, #""entry_id":"ent_\#(entry())""#, #""reason":"x""#])
    case 13:
      return ("entry.reverse", [key, #""original_idempotency_key":"k\#(entry())""#])
    case 14: return ("topup.clear", [key, #""entry_id":"ent_\#(entry())""#])
    case 15: return ("topup.bounce", [key, #""entry_id":"ent_\#(entry())""#])
    case 16:
      let methods = ["account.freeze", "account.unfreeze", "account.report_lost", "account.close"]
      return (methods[byte() % methods.count], [key, card])
    case 17: return ("clock.advance", [#""seconds":\#(byte() * byte() * 97)"#])
    case 18: return ("program.set", [key, #""program":\#(program())"#])
    default:
      return ("account.replace_card", [key, card, #""new_card_no":"\#(Self.cards[byte() % 3])""#])
    }
  }

  private mutating func entry() -> Int { byte() % 64 + 1 }

  private mutating func maybeAmount() -> [String] {
    byte() % 2 == 0 ? [] : [#""amount":\#(amount())"#]
  }

  /// Mostly small, sometimes at a bound.
  private mutating func amount() -> Int64 {
    let first = byte()
    switch first % 8 {
    case 0: return 1
    case 1: return 1_000_000_000_000
    case 2: return 999_999_999_999
    case 3: return Int64(byte() + 1) * 100_000
    default: return Int64(byte() * 256 + byte() + 1)
    }
  }

  private mutating func program() -> String {
    let rates = [1, 999, 10_000, 1_000_000]
    let orders = ["bonus_first", "principal_first", "proportional"]
    let release = byte() % 2 == 0 ? "" : #","release_basis_points":\#(byte() * 39 + 1)"#
    let expiry = byte() % 2 == 0 ? "" : #","expires_after_days":\#(byte())"#
    let cap = byte() % 2 == 0 ? "" : #","first_day":{"cap_basis_points":\#(byte() * 39)}"#
    let close = ["principal", "paid_ratio", "none"][byte() % 3]
    return """
      {"topup":{"pending_tenders":["cheque"],"bonus_rules":[{"id":"r","min_amount":\(amount()),\
      "grant":{"type":"rate","basis_points":\(rates[byte() % 4])}\(release)\(expiry)}]},\
      "debit":{"order":"\(orders[byte() % 3])"}\(cap),"close":{"refund_method":"\(close)"}}
      """
  }
}
