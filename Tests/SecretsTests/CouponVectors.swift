// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore

@testable import Secrets

/// What `spec/vectors/payload.json` holds: made here once, frozen there.
struct CouponVectors {
  private let real: CouponSigner
  private let test: CouponSigner
  /// Another ledger with the same keys, which no two ledgers have.
  private let foreign: CouponSigner
  /// The same ledger before key 3 was revoked.
  private let before: CouponSigner

  init() throws {
    real = try CouponFixtures.signer()
    test = try CouponFixtures.signer(isTest: true)
    let other = try CouponFixtures.ring(issuer: CouponFixtures.issuer ^ 1)
    foreign = CouponSigner(other, isTest: false)
    before = CouponSigner(try CouponFixtures.ring(revoked: .verifying), isTest: false)
  }

  var document: JSONTree {
    [
      "about": "Coupon payloads of one ledger and of a test ledger; see spec/qr-payload.md.",
      "issuer": .integer(Int64(CouponFixtures.issuer)),
      "keys": keys,
      "payloads": .array(samples.map { payload($0) }),
      "readings": .array(readings),
      "typed": .array(typed),
      "corruptions": .array([samples[0], samples[3], samples[5]].map { corruptions(of: $0) }),
    ]
  }

  private var keys: JSONTree {
    .array(
      CouponFixtures.secrets.map { secret in
        [
          "key_id": .integer(Int64(secret.id)), "state": .string(secret.state.rawValue),
          "secret": .string(hexadecimal(secret.bytes)),
        ]
      })
  }

  // MARK: Valid payloads

  private struct Sample {
    var isTest = false
    let serial: CouponSerial
    let notAfter: UInt32
    let keyID: UInt8
  }

  private let samples = [
    Sample(
      serial: CouponSerial(high: 0x0123, low: 0x4567_89AB_CDEF_0123), notAfter: 1_798_732_800,
      keyID: 1),
    Sample(serial: CouponSerial(high: 0, low: 0), notAfter: 0, keyID: 1),
    Sample(serial: CouponSerial(high: 0, low: 1), notAfter: 1, keyID: 2),
    Sample(serial: CouponSerial(high: .max, low: .max), notAfter: .max, keyID: 2),
    Sample(
      serial: CouponSerial(high: 0x8000, low: 0x7FFF_FFFF_FFFF_FFFE), notAfter: .max - 1, keyID: 2),
    Sample(
      isTest: true, serial: CouponSerial(high: 0xC0DE, low: 0x0000_0000_1000_0001),
      notAfter: 946_684_800, keyID: 2),
    Sample(isTest: true, serial: CouponSerial(high: 0, low: 0), notAfter: .max, keyID: 1),
  ]

  private func text(
    _ sample: Sample, by signer: CouponSigner? = nil, keyID: UInt8? = nil, flags: UInt8 = 0
  ) -> String {
    let payload = (signer ?? (sample.isTest ? test : real)).payload(
      serial: (sample.serial.high, sample.serial.low), notAfter: sample.notAfter,
      keyID: keyID ?? sample.keyID, flags: flags)
    guard let payload else { preconditionFailure("a sample's key is held") }
    return payload
  }

  private func payload(_ sample: Sample) -> JSONTree {
    let text = text(sample)
    let bytes = couponBytes(text, sample.isTest ? .test : .real)
    return [
      "payload": .string(text),
      "test_ledger": .bool(sample.isTest),
      "key_id": .integer(Int64(sample.keyID)),
      "coupon_id": .string(sample.serial.text),
      "not_after": .integer(Int64(sample.notAfter)),
      "bytes": .string(hexadecimal(bytes.indices.map { bytes[$0] })),
    ]
  }

  // MARK: Texts and how they are read

  private var readings: [JSONTree] {
    (spellings + misspellings + forgeries).map { note, text in
      let result = real.read(text)
      return .object(
        [.init("note", .string(note)), .init("text", .string(text))] + outcome(result))
    }
  }

  private func outcome(
    _ result: Result<CouponToken, CouponToken.Problem>
  ) -> [JSONTree.Member] {
    switch result {
    case .failure(let problem): [.init("reason", .string(problem.rawValue))]
    case .success(let token):
      [
        .init(
          "coupon_id",
          .string(CouponSerial(high: token.serialHigh, low: token.serialLow).text))
      ]
    }
  }

  private var spellings: [(String, String)] {
    let code = text(samples[0])
    return [
      ("as printed", code),
      ("lower case", code.lowercased()),
      ("both cases", code.prefix(20).lowercased() + code.dropFirst(20)),
      ("a scanner's line end", code + "\r\n"),
      ("white space around it", "\t  " + code + " \n"),
    ]
  }

  private var misspellings: [(String, String)] {
    let code = text(samples[0])
    let body = code.dropFirst(4)
    return [
      ("empty", ""), ("prefix only", "SVC1"), ("one character short", String(code.dropLast())),
      ("one character more", code + "0"), ("a tag of 8 bytes", String(code.prefix(47))),
      ("twice", code + code), ("padded", code.dropLast() + "="),
      ("a space within", "SVC1 " + body), ("a hyphen within", "SVC1-" + body),
      ("a byte order mark", "\u{FEFF}" + code), ("a no-break space", code + "\u{A0}"),
      ("O for 0", code.replacing("0", with: "O")), ("I for 1", code.replacing("1", with: "I")),
      ("L for 1", code.replacing("1", with: "l")), ("U is no digit", code.dropLast() + "U"),
      ("another format", "SVC2" + body), ("a test ledger's", text(samples[5])),
      ("full-width letters", "ＳＶＣ１" + body), ("an AIM identifier", "]Q1" + code),
      ("a link", "https://example.com/" + code),
      ("signed for a use unknown so far", text(samples[0], flags: 1)),
    ]
  }

  private var forgeries: [(String, String)] {
    let code = text(samples[0])
    var judged: [(String, String)] = [
      ("another issuer", text(samples[0], by: foreign)),
      ("a revoked key", text(samples[0], by: before, keyID: 3)),
    ]
    func changed(
      _ note: String, from text: String? = nil, _ change: (inout CouponDigits.Bytes) -> Void
    ) {
      var bytes = couponBytes(text ?? code)
      change(&bytes)
      judged.append((note, CouponDigits.text(.real, bytes)))
    }
    changed("key 0") { $0[0] = 0 }
    changed("a key that is not held") { $0[0] = 9 }
    changed("another key's id") { $0[0] = 2 }
    changed("the type changed") { $0[1] = 1 }
    changed("another serial") { $0[14] ^= 1 }
    changed("a later end") { $0[15] = 0xFF }
    changed("a tag of zeros") { bytes in for index in 19..<35 { bytes[index] = 0 } }
    changed("a tag of ones") { bytes in for index in 19..<35 { bytes[index] = 0xFF } }
    changed("the issuer is judged before the key") { bytes in
      bytes[0] = 9
      bytes[2] ^= 1
    }
    changed("the key is judged before the tag") { bytes in
      bytes[0] = 9
      bytes[34] ^= 1
    }
    judged.append(("a test ledger's code renamed", "SVC1" + text(samples[5]).dropFirst(4)))
    return judged
  }

  // MARK: Typed texts

  private var typed: [JSONTree] {
    let code = text(samples[0])
    var groups = ""
    for (index, character) in code.enumerated() {
      if index > 0, index.isMultiple(of: 4) { groups += "-" }
      groups.append(character)
    }
    let texts = [
      code, groups, groups.replacing("-", with: " ").lowercased(), code.replacing("0", with: "o"),
      code.replacing("1", with: "l").replacing("0", with: "O"), code.replacing("1", with: "I"),
      code.dropLast() + "u", code + "0",
    ]
    return texts.map { text in
      let payload = CouponSigner.typed(text)
      return .object(
        [.init("text", .string(text)), .init("payload", .string(payload))]
          + outcome(real.read(payload)))
    }
  }

  // MARK: Corruptions

  /// At each place, every other character of 0-9 and A-Z under the reason it is refused for.
  private func corruptions(of sample: Sample) -> JSONTree {
    let code = text(sample)
    let signer = sample.isTest ? test : real
    let places = code.utf8.indices.enumerated().map { place, _ in
      var reasons: [CouponToken.Problem: String] = [:]
      for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
        var characters = Array(code)
        guard characters[place] != wrong else { continue }
        characters[place] = wrong
        guard let problem = signer.read(String(characters)).problem else {
          preconditionFailure("a corrupted code was accepted")
        }
        reasons[problem, default: ""].append(wrong)
      }
      let members = CouponToken.Problem.allCases.compactMap { problem in
        reasons[problem].map { JSONTree.Member(problem.rawValue, .string($0)) }
      }
      return JSONTree.object([.init("at", .integer(Int64(place)))] + members)
    }
    return [
      "payload": .string(code), "test_ledger": .bool(sample.isTest), "places": .array(places),
    ]
  }
}
