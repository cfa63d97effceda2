// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The ledger time of a shop under load: a test clock that a client moves on as it sends.
///
/// A machine that serves a month of trade in a minute would, by the wall clock, look like a fraud
/// to the shop's rules: every card used five times in two minutes. So time goes with the requests:
/// a card is used as often in an hour of the ledger as a card of a busy shop is. The shop opens at
/// nine and closes at nine, so that no rule for odd hours is in the way either.
final class ShopClock {
  private(set) var now: Instant
  /// After how many requests the clock goes on, and how far.
  private let step: (requests: Int, seconds: Int)
  private var left: Int
  private var line = LineTemplate(
    #"{"jsonrpc":"2.0","method":"clock.set","params":{"at":"{at:24}"}}"#)
  /// How many seconds of ledger time lie between two uses of a card, on average.
  private static let interval = 1_562
  /// Nine in the morning and in the evening in Asia/Shanghai, as hours UTC.
  private static let opens: Int64 = 1
  private static let closes: Int64 = 13

  /// - Parameter cards: how many are in use; each is used about once in 26 minutes.
  init(now: Instant, cards: Int) {
    self.now = now
    step = (requests: max(1, cards / Self.interval), seconds: max(1, Self.interval / cards))
    left = step.requests
  }

  /// Counts a request that is about to be sent; when it is time, tells the engine so.
  func count(into lines: inout [UInt8]) {
    left -= 1
    guard left <= 0 else { return }
    left = step.requests
    advance(milliseconds: Int64(step.seconds) * 1_000)
    line.set(line.field("at"), text: Array(now.text.utf8))
    lines.append(contentsOf: line.bytes)
  }

  /// Goes on, over the night if need be.
  func advance(milliseconds: Int64) {
    let hour: Int64 = 3_600_000
    var time = now.milliseconds + milliseconds
    let today = time - time % (24 * hour)
    if time >= today + Self.closes * hour { time = today + (24 + Self.opens) * hour }
    now = Instant(milliseconds: time)
  }

  /// The day before the first sales: 2026-03-01, ten in the morning in Shanghai.
  static let opening = Instant(milliseconds: 1_772_330_400_000)
}
