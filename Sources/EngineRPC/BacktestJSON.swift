// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
package import Engine
import JSON
import LedgerCore
import Store

extension Backtest.Report {
  /// The report as `anomaly.backtest` answers it.
  package var json: [UInt8] {
    var writer = JSONWriter(reservingCapacity: 4096)
    writer.beginObject()
    writer.name("alerts")
    writer.beginArray()
    for event in events { writer.alertData(event, count: event.count) }
    writer.endArray()
    writer.name("declined")
    writer.integer(declined)
    writer.name("entries")
    writer.integer(entries)
    writer.name("by_rule")
    writer.beginArray()
    for (rule, tally) in byRule {
      writer.beginObject()
      writer.name("rule_id")
      writer.string(rule.id)
      writer.tally(tally)
      writer.endObject()
    }
    writer.endArray()
    writer.name("by_day")
    writer.beginArray()
    for (date, tally) in byDay {
      writer.beginObject()
      writer.name("business_date")
      writer.string(date.text)
      writer.tally(tally)
      writer.endObject()
    }
    writer.endArray()
    writer.endObject()
    return writer.bytes
  }
}

extension JSONWriter {
  fileprivate mutating func tally(_ tally: Backtest.Tally) {
    name("alerts")
    integer(tally.alerts)
    name("updates")
    integer(tally.updates)
    name("hits")
    integer(tally.hits)
    name("declined")
    integer(tally.declined)
  }
}
