// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import JSON
import LedgerCore
import Program

/// A program that a new ledger begins with.
enum InitPreset: String, ExpressibleByArgument, CaseIterable {
  /// The default rules of spec/anomalies.md, and nothing else.
  case shop

  /// Sets the program as the first entry of the ledger.
  func set(on ledger: LedgerOptions) throws(Failure) {
    let opened = try OpenedLedger(
      directory: ledger.data, keyring: ledger.keyring, testClock: nil)
    let request = SoleRequest(
      method: "program.set",
      params: [
        "idempotency_key": .string("init-preset-\(rawValue)"),
        "program": ["anomaly": ["rules": .array(ShopRules.rules)]],
      ])
    let answer = try request.answer(on: opened, directory: ledger.data)
    guard answer["result"] != nil else {
      throw .data("the preset was refused: \(answer.lineText)")
    }
  }
}
