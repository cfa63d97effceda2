// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import SQLite
import Secrets
import Seeds
import Store
import Testing

@testable import StoreSQLite

/// How a ledger comes to be, and what is not taken for one.
@Suite struct CreationTests {
  private let house = House()

  private func create(in directory: String) throws(StoreError) {
    try SQLiteStore.create(directory: directory, identity: house.identity, chain: house.chain)
  }

  private func open(_ directory: String) throws(StoreError) -> SQLiteStore {
    try SQLiteStore(directory: directory, chain: house.chain)
  }

  private func isForeign(_ body: () throws -> Void) -> Bool {
    do {
      try body()
      return false
    } catch StoreError.foreign {
      return true
    } catch {
      return false
    }
  }

  @Test func `a ledger made is there, whose it is can be read, and it is not made twice`() throws {
    let parent = try TemporaryDirectory()
    let path = parent.file("ledger")
    defer {
      for name in ["journal.db", "journal.db-wal", "journal.db-shm", "journal.lock"] {
        unlink(path + "/" + name)
      }
      rmdir(path)
    }
    #expect(!SQLiteStore.exists(directory: path))
    #expect(isForeign { _ = try SQLiteStore.identity(directory: path) })
    #expect(isForeign { _ = try open(path) })
    try create(in: path)
    #expect(SQLiteStore.exists(directory: path))
    #expect(try SQLiteStore.identity(directory: path) == house.identity)
    #expect(isForeign { try create(in: path) })
    #expect(status(of: path)?.mode == 0o700)
  }

  @Test(arguments: [mode_t(0), 0o022, 0o077])
  func `all files are their owner's alone, whatever the umask`(mask: mode_t) throws {
    let directory = try TemporaryDirectory()
    // The umask is the whole process's; none of these changes what other tests make meanwhile.
    let before = umask(mask)
    defer { umask(before) }
    try create(in: directory.path)
    let store = try open(directory.path)
    try Shop(store).group { shop in try shop.open(try Shop.account(1), card: "a") }
    store.foldAll()
    #expect(directory.names.count == 9)
    for name in directory.names {
      #expect(status(of: directory.file(name))?.mode == 0o600, "\(name)")
    }
  }

  @Test func `what a maker that was killed left behind is written over`() throws {
    let directory = try TemporaryDirectory()
    try write(Array("half a file".utf8), to: directory.file("journal.db.new"))
    try write([1, 2, 3], to: directory.file("journal.db.new-wal"))
    #expect(!SQLiteStore.exists(directory: directory.path))
    try create(in: directory.path)
    #expect(directory.names == ["journal.db", "journal.lock"])
    #expect(try open(directory.path).working.head == .none)
  }

  @Test func `the journal syncs at each commit, keeps a log and never copies it by itself`() throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    let connection = store.journal.connection
    #expect(try connection.text("PRAGMA journal_mode") == "wal")
    #expect(try connection.integer("PRAGMA synchronous") == 2)
    #expect(try connection.integer("PRAGMA wal_autocheckpoint") == 0)
    #expect(try connection.integer("PRAGMA page_size") == 4096)
    #expect(try connection.integer("PRAGMA application_id") == 0x5343_524A)
  }

  @Test func `a journal of a newer version, or of something else, is refused untouched`() throws {
    let pragmas = ["user_version = 2", "user_version = 0", "application_id = 17"]
    for pragma in pragmas {
      let fixture = try Fixture()
      do {
        let connection = try Connection(
          path: fixture.directory.file("journal.db"), mode: .readWrite)
        try connection.execute("PRAGMA \(pragma)")
      }
      #expect(isForeign { _ = try fixture.open() }, "\(pragma)")
      #expect(isForeign { _ = try SQLiteStore.identity(directory: fixture.directory.path) })
      #expect(!fixture.directory.names.contains("state.db"))
    }
  }

  @Test func `a file that is no database is refused`() throws {
    let directory = try TemporaryDirectory()
    for content in [[UInt8]](arrayLiteral: [], Array(repeating: 65, count: 9000)) {
      try write(content, to: directory.file("journal.db"))
      #expect(isForeign { _ = try open(directory.path) })
    }
  }

  @Test func `a journal cut short or overwritten is an error and no trap`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    var town = Town(seed: 5)
    for _ in 0..<20 {
      try Shop(store).group { shop in
        for _ in 0..<5 { try town.happen(in: shop) }
      }
    }
    try store.close()
    let content = try Content(of: try fixture.open(), town.names)
    let sound = try bytes(of: fixture.directory.file("journal.db"))
    var random = SplitMix64(seed: 6)
    for round in 0..<60 {
      var damaged = sound
      if round.isMultiple(of: 3) {
        damaged.removeLast(1 + random.below(sound.count - 1))
      } else {
        for _ in 0..<(1 + random.below(16)) {
          damaged[random.below(damaged.count)] ^= UInt8(1 + random.below(255))
        }
      }
      let copy = try TemporaryDirectory()
      try write(damaged, to: copy.file("journal.db"))
      do {
        #expect(try Content(of: try open(copy.path), town.names) == content, "round \(round)")
      } catch is StoreError {}
    }
  }

  @Test func `file systems over a network are refused by their type`() {
    let mounts = [
      "22 1 252:0 / / rw,relatime - ext4 /dev/vda rw",
      "30 22 0:40 / /srv rw shared:1 - nfs4 server:/home rw",
      "31 30 0:41 / /srv/local\\040disk rw - xfs /dev/vdb rw",
      "32 22 0:42 / /mnt/usb rw - fuseblk /dev/sdb1 rw",
      "33 22 0:43 / /mnt/remote rw - fuse.sshfs me@there: rw",
      "34 22 0:44 / /mnt/remote rw - tmpfs none rw",
      "a line that is none",
    ]
    func type(_ path: String) -> String? { FileSystem.type(of: path, in: mounts) }
    #expect(type("/var/lib/shop") == "ext4")
    #expect(type("/srv") == "nfs4")
    #expect(type("/srv/anna/shop") == "nfs4")
    #expect(type("/srvs") == "ext4")
    #expect(type("/srv/local disk/shop") == "xfs")
    #expect(type("/mnt/usb/shop") == "fuseblk")
    #expect(type("/mnt/remote/shop") == "tmpfs")
    for type in ["nfs", "nfs4", "cifs", "9p", "fuse.sshfs", "fuse"] {
      #expect(FileSystem.problem(ofType: type) != nil)
    }
    for type in ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk", "zfs"] {
      #expect(FileSystem.problem(ofType: type) == nil)
    }
    #expect(FileSystem.problem(of: "/") == nil)
    #expect(FileSystem.problem(of: "/there/is/no/such/directory") == nil)
  }
}
