// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
package import LedgerCore

extension Refusal {
  /// The `data` of the error that answers it.
  package var data: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 160)
    writer.beginObject()
    writer.name("code")
    writer.string(code.name)
    writer.name("category")
    writer.string(code.category)
    writer.name("retryable")
    writer.bool(code.isRetryable)
    writer.name("field")
    writer.optional(field)
    writer.name("details")
    writer.beginObject()
    for detail in details {
      writer.name(detail.name)
      writer.value(detail.value)
    }
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }
}

extension InvalidParams {
  /// The `data` of the `-32602` that answers it.
  package var data: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 160)
    writer.beginObject()
    writer.name("code")
    writer.string("invalid_params")
    writer.name("category")
    writer.string("invalid")
    writer.name("retryable")
    writer.bool(false)
    writer.name("field")
    writer.string(field)
    writer.name("details")
    writer.beginObject()
    writer.name("allowed")
    writer.string(message)
    writer.endObject()
    writer.endObject()
    return writer.bytes
  }
}

extension JSONWriter {
  mutating func value(_ value: Refusal.Value) {
    switch value {
    case .integer(let value): integer(value)
    case .text(let text): string(text)
    case .instant(let instant): string(instant)
    case .absent: null()
    }
  }

  /// The text, or null.
  mutating func optional(_ text: String?) {
    if let text { string(text) } else { null() }
  }

  mutating func amount(_ amount: Amount) { integer(amount.minorUnits) }

  mutating func optional(_ amount: Amount?) {
    if let amount { self.amount(amount) } else { null() }
  }

  /// The value's text.
  mutating func string<Value: FixedText>(_ value: Value) {
    string(count: Value.textLength) { value.write(to: $0) }
  }

  /// The value's text, or null.
  mutating func optional<Value: FixedText>(_ value: Value?) {
    if let value { string(value) } else { null() }
  }
}
