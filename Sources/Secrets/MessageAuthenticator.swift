// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4) under one key, prepared once and used for many messages.
///
/// Feed a message with the `update` methods and take its tag with `finish()`, which leaves the
/// authenticator ready for the next message. A message allocates nothing here; OpenSSL 3.0 takes
/// and frees two small blocks when it copies the prepared states. Not Sendable: a half-fed
/// message belongs to one caller, so every thread has its own.
package final class MessageAuthenticator: Unprintable {
  private static let stagingCapacity = 512

  private let context: OpaquePointer
  // Short fields are gathered here, because a call into OpenSSL costs more than hashing them.
  private let staging: UnsafeMutableRawBufferPointer
  private var stagedCount = 0
  private var isFed = false

  /// Prepares the inner and outer hash states of `key`.
  package init(key: SecretKey) {
    guard let context = EVP_MAC_CTX_new(HMACAlgorithm.fetched) else {
      preconditionFailure("no memory for an HMAC context")
    }
    let keyed = key.withUnsafeBytes {
      scrip_hmac_sha256_init(context, $0.assumingMemoryBound(to: UInt8.self).baseAddress, $0.count)
    }
    precondition(keyed == 1, "OpenSSL offers no HMAC-SHA-256")
    self.context = context
    staging = .allocate(byteCount: Self.stagingCapacity, alignment: 16)
  }

  deinit {
    OPENSSL_cleanse(staging.baseAddress, staging.count)
    staging.deallocate()
    EVP_MAC_CTX_free(context)
  }

  /// Forgets a message fed in part.
  package func reset() {
    dropStaged()
    if isFed { rewind() }
  }

  /// Adds bytes to the message.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > Self.stagingCapacity - stagedCount {
      flush()
      if bytes.count > Self.stagingCapacity {
        feed(bytes)
        return
      }
    }
    UnsafeMutableRawBufferPointer(rebasing: staging[stagedCount...]).copyMemory(from: bytes)
    stagedCount += bytes.count
  }

  /// Adds bytes to the message.
  package func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds bytes to the message.
  package func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds one byte to the message.
  package func update(byte: UInt8) {
    withUnsafeBytes(of: byte) { update($0) }
  }

  /// Adds an integer's bytes to the message, the most significant first.
  package func update(bigEndian value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { update($0) }
  }

  /// Ends the message, answers its tag and makes ready for the next one.
  package func finish() -> Tag {
    flush()
    let tag = Tag { output in
      var count = 0
      let address = output.assumingMemoryBound(to: UInt8.self).baseAddress
      let ended = EVP_MAC_final(context, address, &count, output.count)
      precondition(ended == 1 && count == Tag.byteCount, "OpenSSL could not end an HMAC")
    }
    rewind()
    return tag
  }

  private func flush() {
    guard stagedCount > 0 else { return }
    feed(UnsafeRawBufferPointer(rebasing: staging[..<stagedCount]))
    dropStaged()
  }

  // What was staged may have been a PIN.
  private func dropStaged() {
    OPENSSL_cleanse(staging.baseAddress, stagedCount)
    stagedCount = 0
  }

  private func feed(_ bytes: UnsafeRawBufferPointer) {
    isFed = true
    let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    precondition(
      EVP_MAC_update(context, address, bytes.count) == 1, "OpenSSL could not feed an HMAC")
  }

  // Without a key the context goes back to the prepared states: a fifth of the cost of keying.
  private func rewind() {
    precondition(EVP_MAC_init(context, nil, 0, nil) == 1, "OpenSSL could not rewind an HMAC")
    isFed = false
  }
}

/// OpenSSL's HMAC implementation, looked up once: the lookup costs more than a message.
private enum HMACAlgorithm {
  // Unsafe is safe here: OpenSSL counts references to a fetched algorithm atomically and never
  // changes it.
  nonisolated(unsafe) static let fetched: OpaquePointer = {
    guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
      preconditionFailure("OpenSSL offers no HMAC")
    }
    return algorithm
  }()
}
