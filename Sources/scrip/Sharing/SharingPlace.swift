// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import LedgerCore
import Secrets
import Store

/// Where engines of one machine that serve the same ledger find each other: a lock, which whoever
/// serves the others holds, and a socket beside it.
///
/// In a directory that only this user can look into. The names are a tag, under the ledger's key,
/// of all that must be the same: ledger, how the server is reached, and the program itself.
struct SharingPlace {
  private let directory: String
  private let name: String

  /// nil where there can be no such place; then an engine serves for itself.
  init?(_ identity: LedgerIdentity, server: String, keys: KeyRing) {
    guard let program = Self.program() else { return nil }
    let reached = [server] + Self.serverSettings()
    let same = [program, identity.id] + reached
    let bytes = Array(same.joined(separator: "\0").utf8)
    name = HashChain(keys).meetingName(over: bytes)
    let own = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? ""
    directory = own.isEmpty ? "/tmp/scrip-\(geteuid())" : own + "/scrip"
    guard (directory + "/" + name).utf8.count + 8 < Self.pathLimit else { return nil }
  }

  /// The room for a path in the address of a socket.
  private static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  /// The file this process runs: another version may decide otherwise.
  private static func program() -> String? {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return nil }
    return "\(status.st_dev) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec) "
      + "\(status.st_mtim.tv_nsec)"
  }

  /// What libpq takes from the environment.
  private static func serverSettings() -> [String] {
    var settings: [String] = []
    var place = environ
    while let entry = place.pointee {
      let text = String(cString: entry)
      if text.hasPrefix("PG") { settings.append(text) }
      place += 1
    }
    return settings.sorted()
  }

  /// Takes the lock; nil where somebody else has it, or where it cannot be had.
  ///
  /// The end of the process gives it back.
  func lock() -> Int32? {
    mkdir(directory, 0o700)
    var status = stat()
    guard lstat(directory, &status) == 0, status.st_mode == S_IFDIR | 0o700,
      status.st_uid == geteuid()
    else { return nil }
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return nil }
    // Who had it before may have taken the file away.
    var held = stat()
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &held) == 0,
      stat(lockPath, &status) == 0, held.st_ino == status.st_ino
    {
      return descriptor
    }
    close(descriptor)
    return nil
  }

  /// A socket that others can connect to; only for who has the lock.
  func listen() -> Int32? {
    unlink(path)
    guard let descriptor = Self.socket() else { return nil }
    let isBound = withAddress { Glibc.bind(descriptor, $0, $1) == 0 }
    if isBound, Glibc.listen(descriptor, 64) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  /// A socket that is connected to who has the lock.
  func connect() -> Int32? {
    guard let descriptor = Self.socket() else { return nil }
    if withAddress({ Glibc.connect(descriptor, $0, $1) == 0 }) { return descriptor }
    close(descriptor)
    return nil
  }

  /// Takes away socket and lock; only for who has the lock.
  func leave() {
    unlink(path)
    unlink(lockPath)
  }

  private var path: String { "\(directory)/\(name).sock" }
  private var lockPath: String { "\(directory)/\(name).lock" }

  private static func socket() -> Int32? {
    let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
    let descriptor = Glibc.socket(AF_UNIX, Int32(kind), 0)
    return descriptor < 0 ? nil : descriptor
  }

  private func withAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
