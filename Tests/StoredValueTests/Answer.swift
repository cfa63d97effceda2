// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// What the till was answered: an entry, or a refusal with what it left in the journal.
enum Answer {
  case accepted([Entry])
  case refused(Refusal, recorded: [Entry])

  /// The entry that answers; throws when the request was refused.
  var entry: Entry {
    get throws {
      switch self {
      case .accepted(let entries):
        guard let last = entries.last else { throw Broken("accepted without an entry") }
        return last
      case .refused(let refusal, _): throw Broken("refused: \(refusal)")
      }
    }
  }

  /// The refusal; throws when the request was accepted.
  var refusal: Refusal {
    get throws {
      switch self {
      case .accepted(let entries): throw Broken("accepted: \(entries.last?.kind.name ?? "")")
      case .refused(let refusal, _): return refusal
      }
    }
  }

  /// The code of the refusal; nil when the request was accepted.
  var code: RefusalCode? {
    switch self {
    case .accepted: nil
    case .refused(let refusal, _): refusal.code
    }
  }

  /// Everything that went into the journal.
  var entries: [Entry] {
    switch self {
    case .accepted(let entries): entries
    case .refused(_, let recorded): recorded
    }
  }
}

/// Something that must always hold does not, or a request went as the test did not expect.
struct Broken: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

extension Refusal {
  /// The number that goes with the refusal under this name; nil when there is none.
  func number(_ name: String) -> Int64? {
    for detail in details where detail.name == name {
      if case .integer(let value) = detail.value { return value }
    }
    return nil
  }

  /// The text that goes with the refusal under this name; nil when there is none.
  func text(_ name: String) -> String? {
    for detail in details where detail.name == name {
      if case .text(let value) = detail.value { return value }
    }
    return nil
  }

  /// The instant that goes with the refusal under this name; nil when there is none.
  func instant(_ name: String) -> Instant? {
    for detail in details where detail.name == name {
      if case .instant(let value) = detail.value { return value }
    }
    return nil
  }
}

extension Entry {
  /// What a closed card paid out; nil for an entry that closed none.
  var payout: Int64? {
    for case .settled(let payout) in changes { return payout.minorUnits }
    return nil
  }

  /// What it took, lot by lot: the index of the lot and the amount.
  var taken: [String] { consumption.map { "\($0.lot.index):\($0.amount.minorUnits)" } }

  /// What it gave back, lot by lot, in its order.
  var returned: [String] {
    changes.compactMap { change in
      if case .lotReturned(let lot, let amount) = change {
        "\(lot.index):\(amount.minorUnits)"
      } else {
        nil
      }
    }
  }
}
