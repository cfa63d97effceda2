// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import Store

/// A client's wish to be sent the events of the outbox, and how far it has them.
struct Subscription {
  /// How many are sent in one go.
  private static let slice = 64
  /// The next event to send; nil while nobody asked.
  private var next: Int64?

  var isOpen: Bool { next != nil }

  /// Sends from this event on, whatever was sent before.
  mutating func subscribe(from first: Int64) { next = first }

  /// Appends notifications; whether more are waiting.
  mutating func send(_ engine: Engine, into output: inout [UInt8]) throws(StoreError) -> Bool {
    guard let first = next, first <= engine.working.point.alertSequence else { return false }
    let events = try engine.events(from: first, limit: Self.slice)
    for event in events {
      var writer = JSONWriter(reservingCapacity: 1200)
      writer.beginObject()
      writer.name("jsonrpc")
      writer.string("2.0")
      writer.name("method")
      writer.string("alert.raised")
      writer.name("params")
      writer.cloudEvent(event)
      writer.endObject()
      output += writer.bytes
      output.append(UInt8(ascii: "\n"))
    }
    next = first + Int64(events.count)
    return events.count == Self.slice
  }
}
