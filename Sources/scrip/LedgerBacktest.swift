// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import EngineRPC
import Store

/// Proposed rules over a ledger directory, on connections of its own.
enum LedgerBacktest {
  /// The report as `anomaly.backtest` answers it; nil when the ledger could not be read.
  static func report(_ plan: BacktestPlan, directory: String) -> [UInt8]? {
    guard let inspection = try? LedgerPlace(directory).inspection(),
      let calendar = try? OpenedLedger.calendar(inspection.identity)
    else { return nil }
    return try? Backtest(plan, over: inspection, calendar: calendar).run().json
  }
}
