// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore

/// Where the files lie that are measured: ledgers made once and kept, and copies of them to use up.
final class BenchGround {
  let settings: BenchSettings
  private let work: String
  /// What this run may spoil.
  let scratch: String
  private var sharedFloor: Floor?
  private var sharedShop: BenchShop?

  init(settings: BenchSettings, work: String) throws(Failure) {
    self.settings = settings
    self.work = work
    scratch = work + "/run-\(getpid())"
    try Folder.make(work)
    try Folder.make(scratch)
  }

  /// Takes away what was used up; the ledgers that were made stay.
  func clear() { Folder.removeTree(scratch) }

  /// A fresh copy of a ledger with so many cards and debits, and its clock.
  func ledger(
    _ name: String, cards: Int, history: Int
  ) throws(Failure) -> (directory: String, clock: ShopClock) {
    let template = "\(work)/ledger-\(cards)-\(history)"
    let clock = try Preload(directory: template, cards: cards, history: history).clock()
    let directory = scratch + "/" + name
    try Folder.copy(template, to: directory)
    return (directory, clock)
  }

  /// An engine on a fresh copy of a ledger, as large as the settings say or as is said.
  func engine(
    _ name: String, cards: Int? = nil, history: Int? = nil, arguments: [String] = [],
    alerts: Int32? = nil
  ) throws(Failure) -> BenchEngine {
    let (directory, clock) = try ledger(
      name, cards: cards ?? settings.cards, history: history ?? settings.history)
    return try BenchEngine(
      directory: directory, clock: clock, arguments: arguments, alerts: alerts)
  }

  /// The ledger that most workloads share, with its engine running.
  func shop() throws(Failure) -> BenchShop {
    if let sharedShop { return sharedShop }
    let (directory, clock) = try ledger(
      "shop", cards: settings.cards, history: settings.history)
    let shop = try BenchShop(directory: directory, clock: clock, settings: settings)
    sharedShop = shop
    return shop
  }

  /// Ends what was shared; an engine that does not end well fails the run.
  func finish() throws(Failure) { try sharedShop?.engine.process.finish() }

  /// The programs to compare with, on files with as many cards and debits.
  func floor() throws(Failure) -> Floor {
    if let sharedFloor { return sharedFloor }
    let (cards, history) = (settings.cards, settings.history)
    let template = "\(work)/floor-\(cards)-\(history)"
    if access(template + "/ready", F_OK) != 0 {
      StandardError.write("making the floor's file: \(cards) cards, \(history) debits")
      Folder.removeTree(template)
      try Folder.make(template)
      do {
        try FloorLedger.make(path: template + "/floor.db", cards: cards, history: history)
      } catch {
        throw .io("the floor: \(error)")
      }
      try Folder.write("", to: template + "/ready")
    }
    let directory = scratch + "/floor"
    try Folder.copy(template, to: directory)
    let floor = try Floor(folder: directory, cards: cards)
    sharedFloor = floor
    return floor
  }
}
