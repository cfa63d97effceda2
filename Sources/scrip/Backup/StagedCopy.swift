// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import Glibc
import LedgerCore
import Secrets
import Store
import StoreSQLite

/// A journal copied into a directory of its own, checked there, and only then put in its place.
///
/// Whoever is killed on the way leaves nothing but the staging directory, which the next one clears
/// away.
struct StagedCopy {
  /// The staging directory's name; a directory that holds nothing else counts as empty.
  static let name = ".scrip-copying"

  let target: String
  private var path: String { target + "/" + Self.name }

  /// Makes `target` where it is missing; throws when it holds anything but `permitted`.
  init(in target: String, permitting permitted: Set<String> = []) throws(Failure) {
    self.target = target
    guard mkdir(target, 0o700) == 0 || errno == EEXIST else {
      throw .cannotCreate("cannot make \(target): \(systemReason())")
    }
    let others = try Folder.names(in: target).filter { $0 != Self.name && !permitted.contains($0) }
    if let other = others.min() {
      throw .cannotCreate("\(target) is not empty (\(other)): nothing is written over")
    }
    try clear()
    guard mkdir(path, 0o700) == 0 else {
      throw .cannotCreate("cannot make \(path): \(systemReason())")
    }
  }

  /// Copies the journal and recomputes everything from the copy; answers what is wrong with it.
  func fill(
    from source: String, upTo last: EntryID?, keys: KeyRing
  ) throws(Failure) -> [String] {
    try fill(keys: keys) { path throws(StoreError) in
      try SQLiteStore.copyJournal(from: source, to: path, upTo: last)
    }
  }

  /// Has the journal made in the staging directory, and recomputes everything from it; answers what
  /// is wrong with it.
  func fill(
    keys: KeyRing, _ make: (String) throws(StoreError) -> Void
  ) throws(Failure) -> [String] {
    do {
      try make(path)
      _ = try SQLiteStore.rebuild(directory: path, chain: HashChain(keys))
      return try LedgerVerification.audit(directory: path, keys: keys).problems.map(\.description)
    } catch .damaged(let entry, let reason) {
      return [StoreError.damaged(entry: entry, reason: reason).message]
    } catch {
      throw Failure(error)
    }
  }

  /// Puts another file beside the journal that is to come: whole and durable, or not at all.
  func add(_ name: String, _ bytes: [UInt8]) throws(Failure) {
    let staged = path + "/" + name
    try File.create(staged, bytes)
    // Unlike rename, link never replaces.
    guard link(staged, target + "/" + name) == 0 else {
      throw .cannotCreate("cannot make \(target)/\(name): \(systemReason())")
    }
  }

  var head: LedgerHead {
    get throws(Failure) { try LedgerHead(of: path) }
  }

  /// Puts the journal in its place, durably; what was only made to check it goes.
  func publish() throws(Failure) {
    let journal = path + "/journal.db"
    var log = stat()
    guard stat(journal + "-wal", &log) != 0 || log.st_size == 0 else {
      throw .io("\(journal) has a log that is not empty")
    }
    // What it is to be found beside is found there after a power cut too.
    try Self.synchronize(target)
    guard rename(journal, target + "/journal.db") == 0 else {
      throw .io("cannot put journal.db into \(target): \(systemReason())")
    }
    try clear()
    try Self.synchronize(target)
  }

  /// Removes the staging directory with all that is in it.
  func clear() throws(Failure) {
    for name in try Folder.names(in: path) { unlink(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else {
      throw .io("cannot clear \(path) away: \(systemReason())")
    }
  }

  static func synchronize(_ directory: String) throws(Failure) {
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw .io("cannot sync \(directory): \(systemReason())")
    }
  }
}
