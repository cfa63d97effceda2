// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON
import LedgerCore
import Testing

@testable import Secrets

/// `spec/vectors/payload.json` holds what this engine signs, reads and refuses.
///
/// Run with SCRIP_UPDATE_SPEC=1 to write it anew after a change that was meant. A change of what
/// it held before is a break with every coupon printed.
struct `Payload vectors` {
  private static let name = "spec/vectors/payload.json"

  @Test func `the file is what the engine makes of its keys`() throws {
    let made = try CouponVectors().document.prettyText + "\n"
    if getenv("SCRIP_UPDATE_SPEC") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(made, file)
      fclose(file)
    }
    let kept = String(decoding: try contents(), as: UTF8.self)
    #expect(kept == made, "\(Self.name) is not what the engine says; see the suite's comment")
  }

  @Test func `with the file's own keys every payload is signed and read as it says`() throws {
    let file = try VectorFile(try contents())
    let vectors = try #require(file.root["payloads"]).elements
    #expect(Array(vectors).count == 7)
    for vector in vectors {
      let signer = try file.signer(for: vector)
      let code = try #require(vector["payload"]?.string)
      let id = try #require(vector["coupon_id"]?.string)
      let serial = try #require(CouponSerial(text: id))
      let notAfter = UInt32(try #require(vector["not_after"]?.integer))
      let keyID = UInt8(try #require(vector["key_id"]?.integer))
      let made = signer.payload(
        serial: (serial.high, serial.low), notAfter: notAfter, keyID: keyID)
      #expect(made == code)
      let token = try #require(signer.read(code).token)
      #expect(
        token
          == CouponToken(
            keyID: keyID, serialHigh: serial.high, serialLow: serial.low, notAfter: notAfter))
    }
  }

  @Test func `every reading and every typed text ends as the file says`() throws {
    let file = try VectorFile(try contents())
    let signer = CouponSigner(file.ring, isTest: false)
    var reasons: Set<String> = []
    for name in ["readings", "typed"] {
      for vector in try #require(file.root[name]).elements {
        let text = try #require(vector["text"]?.string)
        let read = name == "typed" ? CouponSigner.typed(text) : text
        if let payload = vector["payload"]?.string { #expect(read == payload) }
        switch signer.read(read) {
        case .success(let token):
          let serial = CouponSerial(high: token.serialHigh, low: token.serialLow)
          #expect(vector["coupon_id"]?.string == serial.text && vector["reason"] == nil)
        case .failure(let problem):
          reasons.insert(problem.rawValue)
          #expect(vector["reason"]?.string == problem.rawValue && vector["coupon_id"] == nil)
        }
      }
    }
    #expect(reasons == Set(CouponToken.Problem.allCases.map(\.rawValue)))
  }

  @Test func `every change of one character is refused for the reason the file gives`() throws {
    let file = try VectorFile(try contents())
    var count = 0
    for vector in try #require(file.root["corruptions"]).elements {
      let signer = try file.signer(for: vector)
      let code = Array(try #require(vector["payload"]?.string))
      for (index, place) in try #require(vector["places"]).elements.enumerated() {
        #expect(place["at"]?.integer == Int64(index))
        for problem in CouponToken.Problem.allCases {
          for wrong in place[problem.rawValue]?.string ?? "" {
            var changed = code
            changed[index] = wrong
            count += changed == code ? 0 : 1
            #expect(signer.read(String(changed)).problem == problem)
          }
        }
      }
    }
    #expect(count == 3 * 60 * 35)
  }

  private var path: String {
    let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    return root + "/" + Self.name
  }

  private func contents() throws -> [UInt8] {
    let file = try #require(fopen(path, "r"), "\(Self.name) is missing")
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes.append(contentsOf: chunk[0..<count])
    }
  }
}

/// The parsed file and the ring of its keys.
private struct VectorFile {
  private let document: JSONDocument
  let ring: KeyRing

  var root: JSONValue { document.root }

  init(_ bytes: [UInt8]) throws {
    document = try JSONDocument.parse(bytes)
    let root = document.root
    var keys = try fixedRing().keys.filter { $0.purpose != .coupon }
    for item in try #require(root["keys"]).elements {
      let id = UInt8(try #require(item["key_id"]?.integer))
      let state = try #require(item["state"]?.string.flatMap { KeyRing.State(rawValue: $0) })
      let secret = hex(try #require(item["secret"]?.string))
      keys.append(
        KeyRing.Key(
          purpose: .coupon, id: id, state: state, createdAt: 0, changedAt: 0, secret: key(secret)))
    }
    ring = try KeyRing(issuer: UInt32(try #require(root["issuer"]?.integer)), keys: keys)
  }

  func signer(for vector: JSONValue) throws -> CouponSigner {
    CouponSigner(ring, isTest: try #require(vector["test_ledger"]?.bool as Bool?))
  }
}
