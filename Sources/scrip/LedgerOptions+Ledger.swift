// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Store
import StoreSQLite

extension LedgerOptions {
  /// Where the keyring is, said or not.
  var keyringPath: String { keyring ?? OpenedLedger.keyringPath(data) }

  /// Whose ledger it is; throws when there is none.
  ///
  /// Ask before reading the keyring, so that a wrong directory is called one.
  func identity() throws(Failure) -> LedgerIdentity {
    guard access(data, R_OK | X_OK) == 0 || errno == ENOENT else {
      throw .io("cannot look into \(data): \(systemReason())")
    }
    do {
      return try SQLiteStore.identity(directory: data)
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
