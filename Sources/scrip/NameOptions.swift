// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser

/// Refuses names of stores, terminals and operators that a request could not give either: what an
/// option says stands in the journal for ever.
func requireNames(_ options: KeyValuePairs<String, String?>) throws {
  for (option, name) in options {
    guard let name else { continue }
    let scalars = name.unicodeScalars
    let isPlain = scalars.allSatisfy { scalar in
      scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
        && scalar.value != 0x2028 && scalar.value != 0x2029
    }
    guard (1...64).contains(scalars.count), isPlain else {
      throw ValidationError("\(option) takes 1 to 64 characters without control characters")
    }
  }
}
