// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Store
import Synchronization

/// What the loop knows of the outbox, so that outlets need not look for events in the journal.
final class AlertNews: Sendable {
  private struct State {
    var head: Int64 = 0
    var sequence: Int64 = 0
    /// The entries of the newest events, from event `first` on.
    var entries: [Int64] = []
    var first: Int64 = 1
  }

  /// How many events are remembered; older ones are found in the journal.
  private static let limit = 16_384
  private let state = Mutex(State())

  /// Takes down that the journal is durable up to `head`, and where its new events are.
  func publish(head: EntryID, sequence: Int64, find: (Int64) -> EntryID?) -> Bool {
    state.withLock { state in
      state.head = head.sequence
      guard sequence > state.sequence else { return false }
      // Only an unbroken run of events can be counted off.
      let start = max(state.sequence + 1, sequence - Int64(Self.limit) / 2)
      if start > state.sequence + 1 || state.entries.isEmpty {
        state.entries = []
        state.first = start
      }
      for number in start...sequence {
        guard let entry = find(number) else {
          state.entries = []
          state.first = number + 1
          continue
        }
        state.entries.append(entry.sequence)
      }
      if state.entries.count > Self.limit {
        let surplus = state.entries.count - Self.limit / 2
        state.entries.removeFirst(surplus)
        state.first += Int64(surplus)
      }
      state.sequence = sequence
      return true
    }
  }

  /// Moves a reader of the outbox on to where its next event is; how many entries it should read.
  func guide(_ outbox: any Outbox, slice: Int) -> Int {
    state.withLock { state in
      if outbox.next == state.sequence + 1, state.sequence > 0 || state.head > 0 {
        outbox.skip(to: EntryID(state.head).next)
        return slice
      }
      let place = outbox.next - state.first
      guard place >= 0, place < Int64(state.entries.count) else { return slice }
      outbox.skip(to: EntryID(state.entries[Int(place)]))
      return 1
    }
  }
}
