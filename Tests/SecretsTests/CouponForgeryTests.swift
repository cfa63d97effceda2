// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

@testable import Secrets

/// Nothing but the printed text is accepted (T50, T51).
///
/// SCRIP_COUPON_CODES=1000 tries every change of a thousand codes, which takes a minute when built
/// for debugging; without it every change of a few and some changes of a thousand.
struct `Forged and damaged codes` {
  private static let wholeCount =
    getenv("SCRIP_COUPON_CODES").flatMap { Int(String(cString: $0)) } ?? 25
  /// `SCRIP_CODE_SEED` makes other codes.
  private static let seed =
    getenv("SCRIP_CODE_SEED").flatMap { UInt64(String(cString: $0)) } ?? 50

  private func codes(_ count: Int) throws -> (CouponSigner, [String]) {
    let signer = try CouponFixtures.signer()
    return (signer, CouponFixtures.payloads(count, by: signer, seed: Self.seed))
  }

  /// Whether these bytes read as anything, and are not the code in another case.
  private func isAccepted(_ bytes: [UInt8], for code: String, _ signer: CouponSigner) -> Bool {
    guard case .success(let token) = signer.read(bytes.span) else { return false }
    let isSpelling = String(decoding: bytes, as: UTF8.self).uppercased() == code
    #expect(!isSpelling || token == signer.read(code).token)
    return !isSpelling
  }

  @Test func `no flipped bit of the 35 bytes is accepted`() throws {
    let (signer, codes) = try codes(Self.wholeCount * 5)
    for code in codes {
      let bytes = couponBytes(code)
      for bit in 0..<(8 * CouponDigits.byteCount) {
        var flipped = bytes
        flipped[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        let problem = signer.read(CouponDigits.text(.real, flipped)).problem
        let allowed: [CouponToken.Problem] =
          switch bit / 8 {
          case 0: [.unknownKey, .badSignature]
          case 2...4: [.unknownIssuer]
          default: [.badSignature]
          }
        #expect(problem.map { allowed.contains($0) } ?? false, "bit \(bit) of \(code)")
      }
    }
  }

  @Test func `no other byte at any place is accepted, but a letter's other case`() throws {
    let (signer, codes) = try codes(Self.wholeCount)
    for code in codes {
      var bytes = Array(code.utf8)
      for place in bytes.indices {
        let right = bytes[place]
        for wrong in UInt8(0)...255 where wrong != right {
          bytes[place] = wrong
          guard isAccepted(bytes, for: code, signer) else { continue }
          Issue.record("byte \(wrong) at \(place) of \(code)")
        }
        bytes[place] = right
      }
    }
    print("counted T50: \(codes.count) codes")
  }

  @Test func `of a thousand codes no random change, swap, cut or splice is accepted`() throws {
    let (signer, codes) = try codes(1_000)
    var generator = SplitMix64(state: Self.seed)
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    for (number, code) in codes.enumerated() {
      let other = Array(codes[(number + 1) % codes.count].utf8)
      for _ in 0..<12 {
        var bytes = Array(code.utf8)
        let place = Int.random(in: 0..<60, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[place] = digits[Int.random(in: 0..<32, using: &generator)]
        case 2: bytes.swapAt(place, Int.random(in: 0..<60, using: &generator))
        case 3: bytes.removeLast(60 - place)
        case 4: bytes.insert(digits[Int.random(in: 0..<32, using: &generator)], at: place)
        default: bytes[place...] = other[place...]
        }
        if bytes.elementsEqual(code.utf8) || bytes == other { continue }
        guard isAccepted(bytes, for: code, signer) else { continue }
        Issue.record("\(String(decoding: bytes, as: UTF8.self)) for \(code)")
      }
    }
  }

  @Test func `no shorter and no longer code is accepted`() throws {
    let (signer, codes) = try codes(1_000)
    for (number, code) in codes.enumerated() {
      let cuts = number < 50 ? Array(0..<60) : [0, 4, 28, 34, 59]
      for count in cuts {
        #expect(signer.read(String(code.prefix(count))).problem == .malformed)
        #expect(signer.read(String(code.suffix(count))).problem == .malformed)
      }
      for added in ["0", "Z", "=", "\u{0}", "00000000", code, " 0"] {
        #expect(signer.read(code + added).problem == .malformed)
        #expect(signer.read(added + code).problem == .malformed)
      }
    }
  }

  @Test func `tags that are easy to guess are wrong`() throws {
    let (signer, codes) = try codes(1_000)
    for code in codes {
      for fill in [UInt8(0), 0xFF] {
        var bytes = couponBytes(code)
        for index in 19..<35 { bytes[index] = fill }
        #expect(signer.read(CouponDigits.text(.real, bytes)).problem == .badSignature)
      }
    }
  }

  @Test func `random digits are never accepted`() throws {
    let signer = try CouponFixtures.signer()
    var generator = SplitMix64(state: 51)
    let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    for _ in 0..<10_000 {
      let bytes = Array("SVC1".utf8) + (0..<56).map { _ in digits[Int(generator.next() >> 59)] }
      #expect(signer.read(bytes.span).problem != nil)
    }
  }
}

/// One code, one text.
struct `Spellings of a code` {
  private func code() throws -> (CouponSigner, String) {
    let signer = try CouponFixtures.signer()
    return (signer, try #require(signer.payload(serial: (0, 0), notAfter: 0, keyID: 1)))
  }

  @Test func `either case and white space around it are read as the same code`() throws {
    let (signer, code) = try code()
    let token = try #require(signer.read(code).token)
    let lower = code.lowercased()
    let mixed = zip(code, lower).enumerated().map { place, pair in
      place.isMultiple(of: 2) ? pair.0 : pair.1
    }
    for text in [lower, String(mixed), "\(code)\n", "\(code)\r\n", "\t \(lower)\r", "  \(code)  "] {
      #expect(signer.read(text).token == token, "\(text.debugDescription)")
    }
  }

  @Test func `nothing else is`() throws {
    let (signer, code) = try code()
    let body = code.dropFirst(4)
    #expect(code.contains("0") && code.contains("1"))
    let wide = code.unicodeScalars.map { String(UnicodeScalar(0xFEE0 + $0.value) ?? " ") }
    let others = [
      "\u{FEFF}\(code)", "\u{A0}\(code)", "\(code)\u{3000}", "\u{0}\(code)", "\u{B}\(code)",
      "SVC1 \(body)", "SVC1-\(body)", "SVC1:\(body)", "\"\(code)\"", "]Q1\(code)", "SVC1" + code,
      code.replacing("0", with: "O"), code.replacing("1", with: "I"),
      code.replacing("1", with: "l"), "SVCI\(body)", "SVC2\(body)", "SVT1\(body)", "SVC1\(code)",
      code.replacing("0", with: "%30"), "SVC1=" + body.dropFirst(), wide.joined(), String(body),
      "https://example.com/\(code)",
    ]
    for text in others {
      #expect(signer.read(text).problem == .malformed, "\(text.debugDescription)")
    }
  }

  @Test func `re-encoding what was read gives the printed text`() throws {
    let signer = try CouponFixtures.signer()
    for code in CouponFixtures.payloads(500, by: signer, seed: 52) {
      let token = try #require(signer.read(" " + code.lowercased() + "\r\n").token)
      let again = signer.payload(
        serial: (token.serialHigh, token.serialLow), notAfter: token.notAfter, keyID: token.keyID)
      #expect(again == code)
    }
  }

  @Test func `every letter of the alphabet has one value, and no other byte has any`() throws {
    var characters = CouponDigits.Characters(repeating: 0x30)
    for (index, letter) in "SVC1".utf8.enumerated() { characters[index] = letter }
    var values: [UInt8: [UInt8]] = [:]
    for byte in UInt8(0)...255 {
      var changed = characters
      changed[59] = byte
      guard let bytes = CouponDigits.bytes(.real, changed) else { continue }
      values[bytes[34], default: []].append(byte)
    }
    #expect(values.count == 32)
    for (value, digit) in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8.enumerated() {
      let wanted = digit < 0x41 ? [digit] : [digit, digit + 0x20]
      #expect(values[UInt8(value)] == wanted)
    }
  }

  @Test func `a typed code may have spaces, hyphens and look-alikes`() throws {
    let (_, code) = try code()
    var groups = ""
    for (index, character) in code.lowercased().enumerated() {
      if index > 0, index.isMultiple(of: 4) { groups += index.isMultiple(of: 8) ? " - " : "-" }
      groups.append(character)
    }
    #expect(CouponSigner.typed(groups) == code)
    #expect(CouponSigner.typed(code) == code)
    #expect(CouponSigner.typed(code.replacing("0", with: "o")) == code)
    #expect(CouponSigner.typed(code.replacing("0", with: "O")) == code)
    for letter in ["i", "I", "l", "L"] {
      #expect(CouponSigner.typed(code.replacing("1", with: letter)) == code)
    }
  }

  @Test func `a typed text is put right in nothing else`() {
    #expect(CouponSigner.typed("u 8 b_.é\t中\r\n") == "U8B_.é中")
    #expect(CouponSigner.typed("") == "")
    #expect(CouponSigner.typed(" -\r\n") == "")
  }
}
