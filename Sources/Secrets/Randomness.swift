// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// `count` bytes from the system's cryptographic generator (`RAND_bytes`).
///
/// Traps when the system has no entropy: no key and no salt may be made from anything less.
public func randomBytes(_ count: Int) -> [UInt8] {
  precondition(count >= 0 && count <= Int(Int32.max), "a count of random bytes is out of range")
  return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    precondition(
      RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "the system has no entropy")
    filled = count
  }
}

/// Overwrites `bytes` with zeros in a way the optimiser may not remove, then empties it.
///
/// Reaches the storage only while this is its sole owner; copies made before keep their content.
public func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { wipe($0) }
  bytes = []
}

/// Overwrites memory with zeros in a way the optimiser may not remove.
func wipe(_ memory: UnsafeMutableRawBufferPointer) {
  OPENSSL_cleanse(memory.baseAddress, memory.count)
}
