// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser

/// `scrip alerts`: the outbox, for operations and their tools.
struct Alerts: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reads the alerts of a ledger, also while tills serve it.",
    subcommands: [TailAlerts.self, CheckAlerts.self])
}
