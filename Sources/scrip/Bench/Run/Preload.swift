// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore

/// A ledger with cards and a history of debits, made through the engine once and then kept.
struct Preload {
  let directory: String
  let cards: Int
  let history: Int
  private static let window = 128

  /// Sees to it that the ledger is there; its time.
  func clock() throws(Failure) -> ShopClock {
    let mark = directory + "/ready"
    guard access(mark, F_OK) == 0, let text = try? Folder.text(of: mark),
      let now = Instant(text: text)
    else { return try make() }
    let clock = ShopClock(now: now, cards: cards)
    // A state of another layout is made anew here, not in every copy.
    try BenchEngine(directory: directory, clock: clock).process.finish()
    return clock
  }

  private func make() throws(Failure) -> ShopClock {
    StandardError.write("making a ledger: \(cards) cards, \(history) debits")
    Folder.removeTree(directory)
    let making = OwnCommand(
      arguments: ["init", "--data", directory, "--test-mode", "--preset", "shop"])
    guard try making.run().code == 0 else { throw .cannotCreate("cannot make \(directory)") }
    let clock = ShopClock(now: ShopClock.opening, cards: cards)
    let engine = try BenchEngine(directory: directory, clock: clock)
    var opening = CardOpening(clock: clock)
    _ = try engine.run(window: Self.window, limit: cards, &opening)
    // The first sales are not on the day that the cards were opened.
    clock.advance(milliseconds: 86_400_000)
    var debits = DebitRequests(clock: clock, cards: 0..<cards, seed: 12)
    if history > 0 { _ = try engine.run(window: Self.window, limit: history, &debits) }
    try engine.process.finish()
    clock.advance(milliseconds: 3_600_000)
    try Folder.write(clock.now.text, to: directory + "/ready")
    return clock
  }
}
