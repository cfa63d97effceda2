// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

extension Change.AlertRaise {
  var tree: JSONTree {
    Change.tree(
      "alert_raised",
      [
        "alert_seq": .integer(sequence), "rule_id": .string(rule), "kind": .string(cause.name),
        "subject_kind": .string(subject.kind.name), "subject": .string(subject.text),
        "severity": .string(severity.name), "action": .string(action.name),
        "window_start": .time(windowStart), "observed": .integer(observed),
        "threshold": .integer(threshold),
        "evidence": .array(evidence.map { .string($0.text) }),
        "suppressed_until": .time(suppressedUntil),
      ])
  }
}

extension Change.AlertCount {
  var tree: JSONTree {
    Change.tree(
      "alert_counted",
      [
        "alert": .integer(alert), "subject": .string(subject.text), "count": .integer(count),
        "observed": .integer(observed),
      ])
  }
}

extension Change.AlertUpdate {
  var tree: JSONTree {
    Change.tree(
      "alert_updated",
      [
        "alert_seq": .integer(sequence), "alert_id": .string(id.text), "update": .integer(number),
        "subject": .string(subject.text), "count": .integer(count),
        "observed": .integer(observed), "newest": .string(newest.text), "at": .time(at),
        "final": .bool(isFinal),
      ])
  }
}

extension Change.CodeFailures {
  var tree: JSONTree {
    Change.tree(
      "codes_failed",
      [
        "subject_kind": .string(subject.kind.name), "subject": .string(subject.text),
        "window_seconds": .integer(windowSeconds), "observed": .integer(observed),
        "hits": .integer(hits),
      ])
  }
}
