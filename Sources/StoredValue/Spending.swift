// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What an account may spend at one moment under the program: limits, first day and funds.
package struct Spending: Sendable {
  package let consumption: Consumption
  private let account: Account
  private let rules: DebitRules
  private let firstDayCap: BasisPoints?
  private let date: BusinessDate
  private let held: Amount

  package init(of account: Account, at now: Instant, date: BusinessDate, rules: StoredValueRules) {
    self.account = account
    self.rules = rules.debit
    firstDayCap = rules.firstDay.cap
    self.date = date
    held = account.held(at: now)
    consumption = Consumption(of: account, at: now)
  }

  /// The cap of the opening date and what counts against it; nil when none is in force.
  package var firstDay: AccountSnapshot.FirstDay? {
    guard let rate = firstDayCap, date == account.openedOn else { return nil }
    return AccountSnapshot.FirstDay(
      cap: Rounding.down(account.firstDayBase, at: rate), spent: account.used + held)
  }

  private var dailyRemaining: Amount? {
    rules.dailyMaximum.map { $0.clampedSubtracting(account.spent(on: date) + held) }
  }

  /// The largest single debit that would be accepted now; 0 unless the account is active.
  package var spendable: Amount {
    guard account.status == .active else { return .zero }
    var most = min(consumption.usable, .requestLimit)
    if let maximum = rules.maximum { most = min(most, maximum) }
    if let remaining = dailyRemaining { most = min(most, remaining) }
    if let firstDay { most = min(most, firstDay.remaining) }
    return most
  }

  /// Throws the first reason, in order of precedence, why `amount` cannot be debited now.
  ///
  /// `field` is the member of the request that gave the amount.
  package func judge(_ amount: Amount, field: String = "/amount") throws(Refusal) {
    if let maximum = rules.maximum, amount > maximum {
      throw Refusal.limit("debit.max", maximum, requested: amount, field: field)
    }
    if let remaining = dailyRemaining, amount > remaining {
      throw Refusal.limit("debit.daily_max", remaining, requested: amount, field: field)
    }
    if let firstDay, amount > firstDay.remaining {
      throw Refusal(
        .firstDayLimit, field: field,
        details: [
          .init("cap", firstDay.cap), .init("spent", firstDay.spent),
          .init("remaining", firstDay.remaining), .init("requested", amount),
        ])
    }
    guard amount <= consumption.usable else {
      throw Refusal(
        .insufficientFunds, field: field,
        details: [.init("available", consumption.usable), .init("requested", amount)])
    }
  }
}

extension Refusal {
  /// `limit_exceeded`, naming the limit and what it allows.
  package static func limit(
    _ name: String, _ allowed: Amount, requested: Amount, field: String = "/amount"
  ) -> Refusal {
    Refusal(
      .limitExceeded, field: field,
      details: [
        .init("limit", .text(name)), .init("allowed", allowed), .init("requested", requested),
      ])
  }

  /// `amount` is below the least a limit allows.
  package static func minimum(
    _ name: String, _ least: Amount, requested: Amount, field: String = "/amount"
  ) -> Refusal {
    Refusal(
      .limitExceeded, field: field,
      details: [
        .init("limit", .text(name)), .init("least", least), .init("requested", requested),
      ])
  }
}
