// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a store, terminal or operator may be called.
package enum OriginName {
  /// Whether a request could give this name: 1 to 64 characters, none of them a control character
  /// (spec/json-rpc.md).
  package static func isOne(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { Schema.isText($0, 1...64) }
  }
}
