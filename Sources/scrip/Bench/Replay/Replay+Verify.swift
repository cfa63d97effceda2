// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import Secrets
import Store

extension Replay {
  /// What the audit finds wrong with the ledger, a line each.
  func verify(_ directory: String, _ keys: KeyRing) throws(Failure) -> [String] {
    do {
      return try LedgerVerification.audit(directory: directory, keys: keys).problems
        .map(\.description)
    } catch {
      throw Failure(error)
    }
  }
}
