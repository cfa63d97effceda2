// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// What a step of a group costs, in nanoseconds: once, and for each request in it.
package struct Cost: Equatable, Sendable {
  package var once: Int64
  package var each: Int64

  package init(_ once: Int64 = 0, each: Int64 = 0) { (self.once, self.each) = (once, each) }

  package func of(_ count: Int) -> Int64 { once + each * Int64(count) }

  package static func + (one: Cost, other: Cost) -> Cost {
    Cost(one.once + other.once, each: one.each + other.each)
  }
}

/// What a group of debits costs on its way (spec/postgresql.md, "How a group is written").
///
/// Steps are processor time but for `wake`, `hop` and `sync`.
package struct Costs: Equatable, Sendable {
  /// The engine reads requests from its pipe and sends the first round trip.
  package var read = Cost()
  /// The server begins, before it asks for the lock.
  package var begin = Cost()
  /// What the server does more, under the lock, where other sessions have used its caches since the
  /// last group of this one.
  package var coldServer = Cost()
  /// The server reads what the group names, under the lock.
  package var look = Cost()
  /// The engine decides, and sends the second round trip, under the lock.
  package var decide = Cost()
  /// The same of the engine.
  package var coldEngine = Cost()
  /// The server writes and commits, under the lock.
  package var write = Cost()
  /// The server writes the barrier, once the lock is given up.
  package var barrier = Cost()
  /// The server's processes beside the sessions; nobody waits for them.
  package var beside = Cost()
  /// The engine takes the answer and writes its own.
  package var answer = Cost()
  /// Whoever asks, where it is on the machine that is measured.
  package var client = Cost()
  /// Until a process that has waited runs, on a processor that is free.
  package var wake: Int64 = 0
  /// One way between engine and server, beside waking up.
  package var hop: Int64 = 0
  /// One sync of the server's log; all who wait when it begins share it.
  package var sync: Int64 = 0
  /// The share of each processor time and sync that is random (exponential); the rest is fixed.
  package var spread = 0.0

  package init() {}
}
