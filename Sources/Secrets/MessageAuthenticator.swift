// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// HMAC-SHA-256 (RFC 2104, FIPS 180-4) under one key, prepared once and used for many messages.
///
/// Feed a message with the `update` methods and take its tag with `finish()`, which leaves the
/// authenticator ready for the next message. A message allocates nothing. The hashing is OpenSSL's,
/// by the functions that work on a state of the caller's (spec/decisions/0066). Not Sendable: a
/// half-fed message belongs to one caller, so every thread has its own.
public final class MessageAuthenticator: Unprintable {
  /// SHA-256 states: what the key makes of the two hashes before a message, and the one under way.
  private enum State: Int {
    case inner, outer, running
  }

  private static let stagingCapacity = 512
  private static let blockSize = 64

  private let states: UnsafeMutablePointer<SHA256_CTX>
  // Short fields are gathered here, because a call into OpenSSL costs more than hashing them.
  private let staging: UnsafeMutableRawBufferPointer
  private var stagedCount = 0
  private var isFed = false

  /// Prepares the inner and outer hash states of `key`.
  public init(key: SecretKey) {
    states = .allocate(capacity: 3)
    states.initialize(repeating: SHA256_CTX(), count: 3)
    staging = .allocate(byteCount: Self.stagingCapacity, alignment: 16)
    begin(.inner, with: key, padded: 0x36)
    begin(.outer, with: key, padded: 0x5C)
    OPENSSL_cleanse(staging.baseAddress, Self.blockSize)
    rewind()
  }

  deinit {
    OPENSSL_cleanse(staging.baseAddress, staging.count)
    staging.deallocate()
    OPENSSL_cleanse(states, 3 * MemoryLayout<SHA256_CTX>.stride)
    states.deallocate()
  }

  /// Begins with the block that a key of no more than its length makes.
  private func begin(_ state: State, with key: SecretKey, padded pad: UInt8) {
    let block = UnsafeMutableRawBufferPointer(rebasing: staging[..<Self.blockSize])
    key.withUnsafeBytes { key in
      precondition(key.count <= Self.blockSize, "a key is no longer than a block")
      for index in block.indices { block[index] = pad ^ (index < key.count ? key[index] : 0) }
    }
    precondition(SHA256_Init(states + state.rawValue) == 1, "OpenSSL could not begin a SHA-256")
    add(UnsafeRawBufferPointer(block), to: state)
  }

  private func add(_ bytes: UnsafeRawBufferPointer, to state: State) {
    precondition(
      SHA256_Update(states + state.rawValue, bytes.baseAddress, bytes.count) == 1,
      "OpenSSL could not feed a SHA-256")
  }

  /// Goes on from a state that the key has made.
  ///
  /// Copied as memory, so that no copy is left behind.
  private func run(from state: State) {
    UnsafeMutableRawPointer(states + State.running.rawValue)
      .copyMemory(from: states + state.rawValue, byteCount: MemoryLayout<SHA256_CTX>.size)
  }

  private func end(into output: UnsafeMutableRawBufferPointer) {
    precondition(output.count == Int(SHA256_DIGEST_LENGTH), "a digest has 32 bytes")
    let address = output.assumingMemoryBound(to: UInt8.self).baseAddress
    precondition(
      SHA256_Final(address, states + State.running.rawValue) == 1,
      "OpenSSL could not end a SHA-256")
  }

  /// Forgets a message fed in part.
  public func reset() {
    dropStaged()
    if isFed { rewind() }
  }

  /// Adds bytes to the message.
  public func update(_ bytes: UnsafeRawBufferPointer) {
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
  public func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds bytes to the message.
  public func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Adds one byte to the message.
  public func update(byte: UInt8) {
    stage(byte)
  }

  /// Adds an integer's bytes to the message, the most significant first.
  public func update(bigEndian value: some FixedWidthInteger) {
    stage(value.bigEndian)
  }

  /// Adds a number as it lies in memory.
  @inline(__always)
  private func stage<Number: FixedWidthInteger>(_ number: Number) {
    let size = MemoryLayout<Number>.size
    if size > Self.stagingCapacity - stagedCount { flush() }
    staging.storeBytes(of: number, toByteOffset: stagedCount, as: Number.self)
    stagedCount += size
  }

  /// Ends the message, answers its tag and makes ready for the next one.
  public func finish() -> Tag {
    flush()
    let tag = Tag { output in
      // The inner digest, then the outer one over it.
      end(into: output)
      run(from: .outer)
      add(UnsafeRawBufferPointer(output), to: .running)
      end(into: output)
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
    add(bytes, to: .running)
  }

  private func rewind() {
    run(from: .inner)
    isFed = false
  }
}
