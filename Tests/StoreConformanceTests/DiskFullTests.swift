// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Store
import StoreSQLite
import Testing

/// A disk without room: a small one in memory, which takes root to make.
@Suite struct DiskFullTests {
  /// A file system of 8 MiB, mounted on a temporary directory until the test lets go of it.
  private final class SmallDisk {
    let directory: TemporaryDirectory

    init?() throws {
      directory = try TemporaryDirectory()
      guard geteuid() == 0, mount("tmpfs", directory.path, "tmpfs", 0, "size=8m") == 0 else {
        return nil
      }
    }

    deinit { umount2(directory.path, Int32(MNT_DETACH)) }

    /// Leaves about this many bytes of room.
    func fill(leaving room: Int) throws {
      let descriptor = Glibc.open(directory.file("filler"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw SystemCallFailure(errno: errno) }
      defer { close(descriptor) }
      let block = [UInt8](repeating: 1, count: 4096)
      var size = 0
      while write(descriptor, block, block.count) > 0 { size += block.count }
      ftruncate(descriptor, max(0, size - room))
    }

    /// Truncated first: a process that another test started meanwhile may have it open.
    func empty() {
      truncate(directory.file("filler"), 0)
      unlink(directory.file("filler"))
    }
  }

  @Test(arguments: [0, 20_000, 200_000])
  func `a full disk refuses groups, keeps what was answered, and serves again with room`(
    room: Int
  ) throws {
    guard let disk = try SmallDisk() else { return }
    let house = House()
    let path = disk.directory.path
    var options = SQLiteStore.Options()
    options.quietMilliseconds = 0
    try SQLiteStore.create(directory: path, identity: house.identity, chain: house.chain)
    let store = try SQLiteStore(directory: path, chain: house.chain, options: options)
    var town = Town(seed: 51)
    try Shop(store).group { shop in
      for _ in 0..<60 { try town.happen(in: shop) }
    }
    try disk.fill(leaving: room)
    var refusals = 0
    for _ in 0..<400 where refusals < 5 {
      let before = town
      do {
        try store.begin(writing: true)
        for _ in 0..<10 { try town.happen(in: Shop(store)) }
        try store.end()
      } catch StoreError.full {
        refusals += 1
        try store.abandon()
        town.forget(since: before)
      }
      store.maintain()
    }
    #expect(refusals == 5)
    let content = try Content(of: store, town.names)
    disk.empty()
    try Shop(store).group { shop in
      for _ in 0..<10 { try town.happen(in: shop) }
    }
    #expect(store.working.head > content.head)
    #expect(try store.entries(from: EntryID(1), limit: content.entries.count) == content.entries)
    let last = try Content(of: store, town.names)
    try store.close()
    let again = try SQLiteStore(directory: path, chain: house.chain)
    #expect(try Content(of: again, town.names) == last)
  }
}
