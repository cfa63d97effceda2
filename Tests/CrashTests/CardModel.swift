// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// One card as the specification has it: slow, plain, and written without a look at the engine.
struct CardModel {
  struct Lot {
    let topUp: String
    let isBonus: Bool
    let granted: Int64
    var remaining: Int64
  }

  /// What was taken from a lot, or set aside in it; lots are named by their place.
  struct Part {
    let lot: Int
    let amount: Int64
  }

  struct Sale {
    let parts: [Part]
    var refunded: Int64 = 0
    var isReversed = false

    var amount: Int64 { parts.reduce(0) { $0 + $1.amount } }
  }

  var exists = false
  var isFrozen = false
  var pin: String?
  var failures = 0
  var lots: [Lot] = []
  /// The live ones.
  var holds: [String: [Part]] = [:]
  /// What became of the others.
  var endedHolds: [String: String] = [:]
  var sales: [String: Sale] = [:]
  /// Whether it was reversed, by entry.
  var topUps: [String: Bool] = [:]

  var isLocked: Bool { failures >= Rules.attempts }

  var principal: Int64 { lots.reduce(0) { $0 + ($1.isBonus ? 0 : $1.remaining) } }
  var bonus: Int64 { lots.reduce(0) { $0 + ($1.isBonus ? $1.remaining : 0) } }

  var held: Int64 {
    holds.values.reduce(0) { sum, parts in parts.reduce(sum) { $0 + $1.amount } }
  }

  func held(ofLot index: Int) -> Int64 {
    holds.values.reduce(0) { sum, parts in
      parts.reduce(sum) { $1.lot == index ? $0 + $1.amount : $0 }
    }
  }

  /// What an answer must show of the card.
  var standing: Standing {
    let available = principal + bonus - held
    return Standing(
      principal: principal, bonus: bonus, held: held, available: available,
      spendable: isFrozen ? 0 : available, isFrozen: isFrozen, hasPIN: pin != nil,
      attemptsLeft: Int64(Rules.attempts - failures))
  }
}

/// What an answer shows of a card.
struct Standing: Equatable {
  var principal: Int64
  var bonus: Int64
  var held: Int64
  var available: Int64
  var spendable: Int64
  var isFrozen: Bool
  var hasPIN: Bool
  var attemptsLeft: Int64
}

/// Why the specification has a request refused.
struct Refused: Error, Equatable {
  let code: String
  /// Told with `pin_incorrect` only.
  var attemptsLeft: Int64?

  init(_ code: String, attemptsLeft: Int64? = nil) {
    self.code = code
    self.attemptsLeft = attemptsLeft
  }
}

/// What an entry of the journal must say.
struct Movement: Equatable {
  let kind: String
  var amount: Int64 = 0
  var principal: Int64 = 0
  var bonus: Int64 = 0
  /// A reversal took back a top-up, not a sale.
  var undoesTopUp = false
}
