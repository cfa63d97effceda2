// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC

/// Refuses names of stores, terminals and operators that a request could not give either: what an
/// option says stands in the journal for ever.
func requireNames(_ options: KeyValuePairs<String, String?>) throws {
  for (option, name) in options {
    guard let name, !OriginName.isOne(name) else { continue }
    throw ValidationError("\(option) takes 1 to 64 characters without control characters")
  }
}
