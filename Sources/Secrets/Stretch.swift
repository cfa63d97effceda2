// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// The cost of one scrypt computation (RFC 7914 §2): N = 2^log2N, block size r, parallelism p.
///
/// Stored with every verifier made by it, so that the cost can be raised later. Bounded, because
/// a stored row must not be able to ask for the machine's whole memory or for minutes.
public struct ScryptCost: Sendable, Hashable {
  /// The most that 128 r N p may be: about a second, and 256 MiB when p is 1.
  public static let workLimit = 256 << 20

  /// The base-2 logarithm of N.
  public let log2N: UInt8
  /// The block size.
  public let r: UInt8
  /// The parallelism.
  public let p: UInt8

  /// N = 2^14, r = 8, p = 1: 16 MiB and about 50 ms.
  public static let standard = ScryptCost(checkedLog2N: 14, r: 8, p: 1)

  /// A cost that can be computed; nil when a parameter is 0, N is not below 2^(16 r) as RFC 7914
  /// demands, or it is above `workLimit`.
  public init?(log2N: UInt8, r: UInt8, p: UInt8) {
    guard log2N >= 1, r >= 1, p >= 1, log2N <= 30, Int(log2N) < 16 * Int(r),
      128 * Int(r) * Int(p) << Int(log2N) <= Self.workLimit
    else { return nil }
    self.init(checkedLog2N: log2N, r: r, p: p)
  }

  private init(checkedLog2N: UInt8, r: UInt8, p: UInt8) {
    log2N = checkedLog2N
    self.r = r
    self.p = p
  }

  var n: UInt64 { 1 << UInt64(log2N) }

  /// What OpenSSL allocates, in bytes: p blocks, N more and two of scratch, 128 r bytes each.
  var memory: Int { 128 * Int(r) * (Int(p) + Int(n) + 2) }
}

/// Makes 32 bytes of `pin` that are slow to guess (scrypt, RFC 7914).
///
/// Takes about 50 ms and 16 MiB at the standard cost. Safe to call from any thread; the engine
/// does so off its write path.
public func stretch(pin: [UInt8], salt: [UInt8], cost: ScryptCost) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: 32) { output, filled in
    let derived = pin.withUnsafeBytes { secret in
      EVP_PBE_scrypt(
        secret.assumingMemoryBound(to: CChar.self).baseAddress, secret.count,
        salt, salt.count,
        cost.n, UInt64(cost.r), UInt64(cost.p), UInt64(cost.memory),
        output.baseAddress, 32)
    }
    precondition(derived == 1, "no memory for scrypt")
    filled = 32
  }
}

/// `stretch(pin:salt:cost:)` under the salt that belongs to an account.
///
/// That salt is "scrip.pin.stretch.v1" and the account id in eight bytes, the highest first. It
/// is fixed for the account, so that one stretch serves the stored verifier and the comparison
/// of a retried request; what differs at every change of the PIN is the verifier's own salt.
public func stretch(pin: [UInt8], accountID: UInt64, cost: ScryptCost) -> [UInt8] {
  var salt = Array("scrip.pin.stretch.v1".utf8)
  withUnsafeBytes(of: accountID.bigEndian) { salt.append(contentsOf: $0) }
  return stretch(pin: pin, salt: salt, cost: cost)
}
