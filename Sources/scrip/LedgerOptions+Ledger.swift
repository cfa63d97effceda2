// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Store

extension LedgerOptions {
  /// Where the ledger is, as `LedgerPlace` takes it.
  var data: String { server ?? directory ?? "" }

  /// The ledger's place for people.
  var placeName: String { LedgerPlace(data).name }

  /// Where the keyring is, said or not.
  var keyringPath: String { keyring ?? OpenedLedger.keyringPath(data) }

  /// Where small files beside the ledger go: its directory, or that of the keyring.
  var home: String { directory ?? Folder.parent(of: keyringPath) }

  /// Refuses what only makes sense for files; `command` does that.
  func requireDirectory(for command: String) throws(Failure) {
    guard server != nil else { return }
    throw .usage("\(command) is for ledgers in a directory; a server has tools of its own")
  }

  /// Whether there is a ledger.
  func exists() throws(Failure) -> Bool {
    do {
      return try LedgerPlace(data).exists()
    } catch {
      throw Failure(error)
    }
  }

  /// Whose ledger it is; throws when there is none.
  ///
  /// Ask before reading the keyring, so that a wrong directory is called one.
  func identity() throws(Failure) -> LedgerIdentity {
    if let directory, access(directory, R_OK | X_OK) != 0, errno != ENOENT {
      throw .io("cannot look into \(directory): \(systemReason())")
    }
    do {
      return try LedgerPlace(data).identity()
    } catch {
      throw Failure(error)
    }
  }

  /// Refuses to put a file in the place of somebody else's.
  ///
  /// Files are for their owner alone: the administrator's would shut out the user who serves.
  func requireOwner(of path: String) throws(Failure) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_uid != geteuid() else { return }
    throw .configuration(
      "\(path) belongs to user \(status.st_uid), and you are user \(geteuid()): run this as its "
        + "owner, or the owner could not use what is made")
  }
}
