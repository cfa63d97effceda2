// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Secrets

/// A payload has one spelling, and no other text is read as one.
///
/// Takes a serial (10 bytes) and an end (4), then edits of the payload: place, byte. The input is
/// also read as it is.
struct PayloadTarget: FuzzTarget {
  let name = "payloads"

  func run(_ input: [UInt8]) {
    let signer = CouponSigner(KeyRing.fresh(at: 0), isTest: false)
    // Nobody who does not hold the keys hits upon a payload.
    if case .success = signer.read(input.span) { fatalError("a text without a key is read") }
    _ = CouponSigner.typed(String(decoding: input, as: UTF8.self))
    guard input.count >= 14 else { return }
    let high = UInt16(input[0]) << 8 | UInt16(input[1])
    let low = input[2..<10].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let end = input[10..<14].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard
      let text = signer.payload(
        serial: (high, low), notAfter: end, keyID: signer.signingKeyID)
    else { fatalError("the signing key does not sign") }
    let token = CouponToken(
      keyID: signer.signingKeyID, serialHigh: high, serialLow: low, notAfter: end)
    expect(signer.read(text) == .success(token), "a payload is not read as it was made")
    expect(signer.read(CouponSigner.typed(text)) == .success(token), "typed, it is another")
    var edited = Array(text.utf8)
    for edit in stride(from: 14, to: input.count - 1, by: 2) {
      let place = Int(input[edit]) % (edited.count + 1)
      if place == edited.count {
        edited.append(input[edit + 1])
      } else {
        edited[place] = input[edit + 1]
      }
    }
    guard case .success = signer.read(edited.span) else { return }
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D]
    let trimmed = edited.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }
    let spelled = trimmed.reversed().map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
    expect(spelled == Array(text.utf8), "another spelling is read: \(edited)")
  }
}
