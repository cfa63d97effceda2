// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import SQLite

/// The programs that the engine is compared with, run in this process on the same disk.
final class Floor {
  private let ledger: FloorLedger
  private let journal: FloorJournal
  private let file: Int32
  private let page = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 4096)
  private static let filePages = 1024

  /// - Parameter folder: where `floor.db` lies; the other files are made in it.
  init(folder: String, cards: Int) throws(Failure) {
    do {
      ledger = try FloorLedger(path: folder + "/floor.db", cards: cards, seed: 2)
      journal = try FloorJournal(path: folder + "/floor-journal.db")
    } catch {
      throw .io("the floor: \(error)")
    }
    page.initializeMemory(as: UInt8.self, repeating: 0x5A)
    file = open(folder + "/floor-pages", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    for number in 0..<Self.filePages {
      guard pwrite(file, page.baseAddress, 4096, number * 4096) == 4096 else {
        throw .io("the floor: \(systemReason())")
      }
    }
    fsync(file)
  }

  deinit {
    close(file)
    page.deallocate()
  }

  /// S(n): debits in place, so many a commit.
  func debits(_ count: Int, seconds: Double) throws(Failure) -> Sample {
    try measure(count, seconds) { () throws(SQLiteError) in try ledger.debit(count) }
  }

  /// J(n): rows appended, so many a commit.
  func appends(_ count: Int, seconds: Double) throws(Failure) -> Sample {
    try measure(count, seconds) { () throws(SQLiteError) in try journal.append(count) }
  }

  /// F: a block of 4 KiB overwritten and made durable.
  func syncs(seconds: Double) throws(Failure) -> Sample {
    var number = 0
    var failed = false
    let sample = try measure(1, seconds) { () throws(SQLiteError) in
      number = (number + 1) % Self.filePages
      page[0] = UInt8(truncatingIfNeeded: number)
      if pwrite(file, page.baseAddress, 4096, number * 4096) != 4096 || fdatasync(file) != 0 {
        failed = true
      }
    }
    guard !failed else { throw .io("the floor: \(systemReason())") }
    return sample
  }

  private func measure(
    _ count: Int, _ seconds: Double, _ body: () throws(SQLiteError) -> Void
  ) throws(Failure) -> Sample {
    var latencies: [Int64] = []
    latencies.reserveCapacity(1 << 16)
    let before = try ProcessUsage.of(getpid())
    let start = monotonicNanoseconds()
    let end = start + Int64(seconds * 1e9)
    var now = start
    while now < end {
      do {
        try body()
      } catch {
        throw .io("the floor: \(error)")
      }
      let next = monotonicNanoseconds()
      latencies.append(next - now)
      now = next
    }
    return Sample(
      count: latencies.count * count, nanoseconds: now - start, latencies: latencies,
      usage: try ProcessUsage.of(getpid()) - before, groups: latencies.count)
  }
}
