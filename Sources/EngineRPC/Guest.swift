// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// A process of this machine whose requests are served in the groups of this one.
package final class Guest {
  /// Where its requests come from that do not say.
  package let defaults: Origin
  /// Whether it waits no more: what it has asked for must not be carried out from then on, since it
  /// may have been told something else elsewhere.
  package var isGone = false
  /// Whether it is to serve all that it has asked for itself, until it says that it has heard so.
  var isDeclined = false
  private var answers: [HostedAnswer] = []

  package init(defaults: Origin) { self.defaults = defaults }

  func take(_ answer: HostedAnswer) {
    if !isGone { answers.append(answer) }
  }

  /// The answers that have come up since the last call; durable once the group's turn is over.
  package func takeAnswers() -> [HostedAnswer] {
    defer { answers.removeAll(keepingCapacity: true) }
    return answers
  }
}

/// An answer on its way to a guest.
package struct HostedAnswer: Sendable {
  /// What the guest calls its request.
  package let number: UInt64
  /// The line with its end; empty where the guest is to serve the request itself.
  package let line: [UInt8]

  package init(number: UInt64, line: [UInt8]) {
    self.number = number
    self.line = line
  }
}
