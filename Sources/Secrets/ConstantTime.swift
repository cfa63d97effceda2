// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// Whether two byte sequences are equal, in a time that depends on their lengths only.
///
/// Every comparison of keys, tags and verifiers in Scrip comes here, so that there is one place
/// to review. Lengths are not secret: unequal ones answer false at once.
public func constantTimeEqual(
  _ a: some Collection<UInt8>, _ b: some Collection<UInt8>
) -> Bool {
  let compared = a.withContiguousStorageIfAvailable { left in
    b.withContiguousStorageIfAvailable { right in equal(left, right) }
  }
  if let compared, let compared { return compared }
  return Array(a).withUnsafeBufferPointer { left in
    Array(b).withUnsafeBufferPointer { right in equal(left, right) }
  }
}

private func equal(
  _ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>
) -> Bool {
  guard a.count == b.count else { return false }
  // An empty buffer may have no address, which CRYPTO_memcmp must not be given.
  guard let left = a.baseAddress, let right = b.baseAddress else { return true }
  return CRYPTO_memcmp(left, right, a.count) == 0
}
