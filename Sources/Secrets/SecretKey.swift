// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// A 256-bit key.
///
/// Compared in constant time, never printed, wiped when its last copy goes.
public struct SecretKey: Sendable, Equatable, Unprintable {
  /// The length of every key in bytes.
  public static let byteCount = 32

  private let storage: Storage

  /// The key made of exactly 32 bytes; nil for any other count.
  ///
  /// The bytes are copied: wiping the argument stays with the caller.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    storage = Storage()
    storage.memory.copyBytes(from: bytes)
  }

  /// A new key from `RAND_bytes`; traps without entropy.
  public static func random() -> SecretKey { SecretKey() }

  private init() {
    storage = Storage()
    let address = storage.memory.assumingMemoryBound(to: UInt8.self).baseAddress
    precondition(
      RAND_priv_bytes(address, Int32(Self.byteCount)) == 1, "the system has no entropy")
  }

  /// Lends the key's bytes to `body`; the pointer must not outlive the call.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    body(UnsafeRawBufferPointer(storage.memory))
  }

  /// Whether both have the same bytes, judged in constant time.
  public static func == (a: SecretKey, b: SecretKey) -> Bool {
    a.withUnsafeBytes { left in b.withUnsafeBytes { right in constantTimeEqual(left, right) } }
  }
}

extension SecretKey {
  /// The bytes of one key, in OpenSSL's locked heap when the process has set one up.
  ///
  /// `@unchecked Sendable`: written only by `SecretKey.init`, before anyone else can see it.
  private final class Storage: @unchecked Sendable {
    let memory: UnsafeMutableRawBufferPointer

    init() {
      guard let address = scrip_secure_malloc(SecretKey.byteCount) else {
        preconditionFailure("no memory for a key")
      }
      memory = UnsafeMutableRawBufferPointer(start: address, count: SecretKey.byteCount)
    }

    deinit { scrip_secure_clear_free(memory.baseAddress, memory.count) }
  }
}
