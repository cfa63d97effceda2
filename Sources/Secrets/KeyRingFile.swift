// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// The key ring's file: mode 0600, replaced as a whole, durable when a call returns.
///
/// Reading refuses what others could read or have put there. Two processes that change the ring
/// at once must agree on an order themselves: the last `replace(with:)` wins.
public struct KeyRingFile: Sendable {
  /// The most a ring's file may hold, in bytes: three purposes of 255 keys take a fifth of it.
  public static let sizeLimit = 1 << 20

  /// Where the file is.
  public let path: String

  /// Names a file; touches nothing.
  public init(path: String) {
    self.path = path
  }

  /// Reads the ring.
  ///
  /// Throws `missing`, `notRegular`, `permissions`, `tooLarge`, `malformed` or `io`.
  public func read() throws(KeyRingFileError) -> KeyRing {
    var text = try contents()
    defer { wipe(&text) }
    do throws(KeyRingError) {
      return try KeyRing(json: text)
    } catch {
      throw .malformed(error)
    }
  }

  /// Writes the first ring of a ledger.
  ///
  /// Throws `exists` when there is anything at the path, because a ring written over is lost
  /// with every PIN and coupon under it; or `io`. On a throw nothing is at the path that was not
  /// there before, except when `io` names "fsync directory": then the file is there, though a
  /// power cut may take it away.
  public func create(_ ring: KeyRing) throws(KeyRingFileError) {
    try publish(ring) { temporary throws(KeyRingFileError) in
      // Unlike rename, link never replaces.
      guard Glibc.link(temporary, path) == 0 else {
        throw errno == EEXIST ? .exists : .io(errno: errno, operation: "link")
      }
      _ = Glibc.unlink(temporary)
    }
  }

  /// Puts a changed ring in the place of the one that is there, atomically.
  ///
  /// Throws `missing`, `notRegular`, `permissions` or `io`; the old ring stays then, except when
  /// `io` names "fsync directory": then the new one is there, though a power cut may undo it.
  public func replace(with ring: KeyRing) throws(KeyRingFileError) {
    // Renaming over a symbolic link would leave the keys in two places.
    _ = Glibc.close(try open().descriptor)
    try publish(ring) { temporary throws(KeyRingFileError) in
      guard Glibc.rename(temporary, path) == 0 else {
        throw .io(errno: errno, operation: "rename")
      }
    }
  }
}

extension KeyRingFile {
  private func contents() throws(KeyRingFileError) -> [UInt8] {
    let (descriptor, size) = try open()
    defer { _ = Glibc.close(descriptor) }
    guard size <= Self.sizeLimit else { throw .tooLarge }
    // One allocation and no growing, so that no copy of the keys is left behind unwiped.
    var bytes = [UInt8](repeating: 0, count: size)
    var filled = 0
    while filled < size {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress.map { $0 + filled }, size - filled)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .io(errno: errno, operation: "read") }
      if count == 0 { break }
      filled += count
    }
    bytes.removeLast(size - filled)
    return bytes
  }

  /// Opens the file for reading once it is known to be regular and the owner's alone.
  private func open() throws(KeyRingFileError) -> (descriptor: Int32, size: Int) {
    // Non-blocking, or a named pipe in the file's place would hang the process for ever.
    let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      switch errno {
      case ENOENT: throw .missing
      case ELOOP: throw .notRegular
      default: throw .io(errno: errno, operation: "open")
      }
    }
    do throws(KeyRingFileError) {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else {
        throw .io(errno: errno, operation: "fstat")
      }
      guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
      let mode = status.st_mode & 0o7777
      guard mode & 0o077 == 0 else { throw .permissions(mode: mode) }
      return (descriptor, Int(status.st_size))
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  /// Writes the ring to a durable file beside the path, has `place` put that at the path, and
  /// makes the change of the directory durable.
  private func publish(
    _ ring: KeyRing, place: (String) throws(KeyRingFileError) -> Void
  ) throws(KeyRingFileError) {
    let temporary = path + ".new-" + hexadecimal(randomBytes(8))
    do throws(KeyRingFileError) {
      try write(ring, to: temporary)
      try place(temporary)
    } catch {
      _ = Glibc.unlink(temporary)
      throw error
    }
    try synchronizeDirectory()
  }

  private func write(_ ring: KeyRing, to temporary: String) throws(KeyRingFileError) {
    var text = ring.json()
    defer { wipe(&text) }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let descriptor = Glibc.open(temporary, flags, 0o600)
    guard descriptor >= 0 else { throw .io(errno: errno, operation: "open") }
    defer { _ = Glibc.close(descriptor) }
    // A strict umask may have taken the owner's own bits away.
    guard fchmod(descriptor, 0o600) == 0 else { throw .io(errno: errno, operation: "fchmod") }
    var written = 0
    while written < text.count {
      let count = text.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .io(errno: errno, operation: "write") }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw .io(errno: errno, operation: "fsync") }
  }

  private func synchronizeDirectory() throws(KeyRingFileError) {
    let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .io(errno: errno, operation: "open directory") }
    defer { _ = Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw .io(errno: errno, operation: "fsync directory")
    }
  }

  private var directory: String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
