// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// What an account may spend at one moment under the program: limits, first day and funds.
///
/// Plain numbers, as what it is judged by: a debit asks for it twice.
package struct Spending: Sendable {
  package let consumption: Consumption
  /// The cap of the opening date and what counts against it; nil when none is in force.
  package let firstDay: AccountSnapshot.FirstDay?
  private let maximum: Amount?
  private let dailyRemaining: Amount?
  private let isActive: Bool

  package init(of account: Account, at now: Instant, date: BusinessDate, under rules: SpendingRules)
  {
    let held = account.held(at: now)
    consumption = Consumption(of: account, at: now)
    firstDay =
      if let rate = rules.firstDayCap, date == account.openedOn {
        AccountSnapshot.FirstDay(
          cap: Rounding.down(account.firstDayBase, at: rate), spent: account.used + held)
      } else {
        nil
      }
    maximum = rules.debit.maximum
    dailyRemaining = rules.debit.dailyMaximum.map {
      $0.clampedSubtracting(account.spent(on: date) + held)
    }
    isActive = account.status == .active
  }

  /// The largest single debit that would be accepted now; 0 unless the account is active.
  package var spendable: Amount {
    guard isActive else { return .zero }
    var most = min(consumption.usable, .requestLimit)
    if let maximum { most = min(most, maximum) }
    if let dailyRemaining { most = min(most, dailyRemaining) }
    if let firstDay { most = min(most, firstDay.remaining) }
    return most
  }

  /// Throws the first reason, in order of precedence, why `amount` cannot be debited now.
  ///
  /// `field` is the member of the request that gave the amount.
  package func judge(_ amount: Amount, field: String = "/amount") throws(Refusal) {
    if let maximum, amount > maximum {
      throw Refusal.limit("debit.max", maximum, requested: amount, field: field)
    }
    if let dailyRemaining, amount > dailyRemaining {
      throw Refusal.limit("debit.daily_max", dailyRemaining, requested: amount, field: field)
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
