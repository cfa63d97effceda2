// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import LedgerCore

/// The contract's arithmetic over a list of everything that counts: slow and plain.
struct PlainRules {
  struct Hit: Equatable {
    let subject: WatchedSubject
    let observed: Int64
  }

  private let rules: [Rule]
  private var counted: [Entry] = []

  init(_ rules: [Rule]) { self.rules = rules }

  mutating func take(_ entry: Entry) -> (hits: [Hit], declinedBy: String?) {
    var hits: [Hit] = []
    var declinedBy: String?
    for rule in rules where rule.kinds.contains(entry.kind) {
      guard let subject = Attempt(entry).subject(rule.subject),
        let observed = observed(rule, entry, subject)
      else { continue }
      hits.append(Hit(subject: subject, observed: observed))
      if rule.action != .alert, declinedBy == nil { declinedBy = rule.id }
    }
    if declinedBy == nil { counted.append(entry) }
    return (hits, declinedBy)
  }

  private func observed(_ rule: Rule, _ entry: Entry, _ subject: WatchedSubject) -> Int64? {
    let all = counted + [entry]
    let own = all.filter { Attempt($0).subject(rule.subject) == subject }
    func inside(_ window: Int64) -> [Entry] {
      own.filter {
        rule.kinds.contains($0.kind)
          && $0.at.milliseconds > entry.at.milliseconds - window * 1000
      }
    }
    let amount = entry.amount.minorUnits
    switch rule.test {
    case .amount(let min): return amount >= min.minorUnits ? amount : nil
    case .count(let window, let min), .pinFailures(let window, let min):
      let count = Int64(inside(window).count)
      return count >= min ? count : nil
    case .sum(let window, let min):
      let sum = inside(window).reduce(Int64(0)) { $0 + $1.amount.minorUnits }
      return sum >= min.minorUnits ? sum : nil
    case .distinctTerminals(let window, let min):
      guard entry.origin.terminal != nil else { return nil }
      let count = Int64(Set(inside(window).compactMap(\.origin.terminal)).count)
      return count >= min ? count : nil
    case .drain(let within, let rate, let min):
      guard
        let place = own.lastIndex(where: { $0.kind == .topUp || $0.kind == .topUpClear }),
        own[place].amount >= min, entry.at.milliseconds < own[place].at.milliseconds + within * 1000
      else { return nil }
      let spent = own[place...].filter { rule.kinds.contains($0.kind) }
        .reduce(Int64(0)) { $0 + $1.amount.minorUnits }
      return spent * 10_000 >= own[place].amount.minorUnits * Int64(rate.value) ? spent : nil
    case .deviation(let factor, let history):
      let before = own.dropLast().filter { rule.kinds.contains($0.kind) }
      guard before.count >= history, !before.isEmpty else { return nil }
      let sum = before.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
      return amount * 10_000 * Int64(before.count) > Int64(factor.value) * sum ? amount : nil
    case .timeOfDay, .codeFailures: return nil
    }
  }
}
