// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Secrets

extension KeyRingFileError {
  /// Why the keyring cannot be used, for people.
  var words: String {
    switch self {
    case .missing: "there is none"
    case .exists: "there is one already"
    case .notRegular: "it is not a regular file"
    case .permissions(let mode):
      "others may use it (mode \(String(mode, radix: 8))); chmod 600 it"
    case .malformed(let error): "it is damaged (\(error))"
    case .tooLarge: "it is too large to be one"
    case .io(let number, let operation): "\(operation): \(systemReason(number))"
    }
  }
}
