// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Why the key ring's file was not read or not written.
///
/// Never carries a key.
public enum KeyRingFileError: Error, Sendable, Equatable {
  /// There is no file.
  case missing
  /// There is a file already, and a new ring must not take its place.
  case exists
  /// It is a symbolic link, a directory or anything but a regular file.
  case notRegular
  /// Others than its owner may use it; `mode` is its permission bits.
  case permissions(mode: UInt32)
  /// It is not a key ring.
  case malformed(KeyRingError)
  /// It is larger than any key ring.
  case tooLarge
  /// A system call failed.
  case io(errno: Int32, operation: String)
}
