// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Secrets

extension Statement {
  /// Binds the stored form of a link.
  borrowing func bind(_ index: Int32, link: ChainLink) {
    withUnsafeTemporaryAllocation(byteCount: ChainLink.byteCount, alignment: 1) { bytes in
      bytes[0] = link.keyID
      link.tag.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(rebasing: bytes[1...]).copyMemory(from: $0)
      }
      bind(index, blob: UnsafeRawBufferPointer(bytes))
    }
  }

  /// The link in a column; nil when the bytes there are none.
  borrowing func link(_ column: Int32) -> ChainLink? {
    withBlob(column) { ChainLink(bytes: $0) }
  }
}

extension ChainLink {
  /// Whether these bytes are its stored form.
  func isStored(as bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count == Self.byteCount, bytes[0] == keyID else { return false }
    return tag.withUnsafeBytes { constantTimeEqual($0, bytes.dropFirst()) }
  }
}
