// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import Seeds
import Testing

/// Every member there is, each with another value than its default.
private let everything = [
  """
  {"name": "春季 88 折", "kind": "percent", "off_basis_points": 1200, "max_discount": 5000,
   "validity": {"from": "2026-03-01T00:00:00+08:00", "until": "2026-06-01T00:00:00.500+08:00",
     "days_after_issue": 30, "blackout_dates": ["2026-05-01", "2026-04-05"],
     "windows": [{"weekdays": [7, 6], "from": "22:30", "to": "02:00"},
       {"weekdays": [1], "from": "00:00", "to": "24:00"}]},
   "scope": {"include_skus": ["b", "a"], "include_categories": ["k"], "exclude_skus": ["c"],
     "exclude_categories": ["l"], "full_price_only": true, "store_ids": ["二店", "S1"],
     "levels": ["gold"]},
   "min_spend": 10000, "stacking": {"class": "s", "with": ["t", "s"], "max_per_class": 3},
   "caps": {"total": 1000, "per_account": 5, "per_account_per_day": 2, "redemptions_per_day": 100,
     "budget": 500000}, "x_note": [1.5]}
  """,
  #"{"name":"n","kind":"cash","amount":1,"stacking":{"class":"s","with":["*"]}}"#,
  #"{"name":"n","kind":"threshold","steps":[{"min":300,"off":50},{"min":500,"off":100}]}"#,
  #"{"name":"n","kind":"threshold","steps":[{"min":300,"off":50}],"repeat":true,"max_discount":9}"#,
  #"{"name":"n","kind":"item","sku":"a","quantity":2,"scope":{"full_price_only":true}}"#,
]

struct TermsEncodingTests {
  @Test(arguments: everything)
  func `terms are read back as they were written, in one spelling`(_ text: String) throws {
    let first = try terms(text)
    let again = try CampaignTerms.decode(encoded: first.encoded)
    #expect(again == first && again.encoded == first.encoded)
    #expect(try terms(first.document) == first)
    #expect(first.encoded.first == 1)
  }

  @Test func `the canonical text is this`() throws {
    let text = String(decoding: try terms(everything[0]).encoded.dropFirst(), as: UTF8.self)
    #expect(
      text == """
        {"caps":{"budget":500000,"per_account":5,"per_account_per_day":2,\
        "redemptions_per_day":100,"total":1000},"kind":"percent","max_discount":5000,\
        "min_spend":10000,"name":"春季 88 折","off_basis_points":1200,"scope":{\
        "exclude_categories":["l"],"exclude_skus":["c"],"full_price_only":true,\
        "include_categories":["k"],"include_skus":["a","b"],"levels":["gold"],\
        "store_ids":["S1","二店"]},"stacking":{"class":"s","max_per_class":3,"with":["s","t"]},\
        "validity":{"blackout_dates":["2026-04-05","2026-05-01"],"days_after_issue":30,\
        "from":"2026-02-28T16:00:00.000Z","until":"2026-05-31T16:00:00.500Z","windows":[\
        {"from":"00:00","to":"24:00","weekdays":[1]},\
        {"from":"22:30","to":"02:00","weekdays":[6,7]}]}}
        """)
  }

  @Test(arguments: [
    (cash(), cash(#""scope":{},"caps":{},"validity":{"windows":[],"blackout_dates":[]}"#)),
    (cash(), cash(#""scope":{"full_price_only":false,"levels":[]},"min_spend":null"#)),
    (
      cash(#""stacking":{"class":"a","with":["b","c"]}"#),
      cash(#""stacking":{"max_per_class":1,"with":["c","b"],"class":"a"}"#)
    ),
    (
      cash(#""validity":{"from":"2026-01-01T00:00:00Z"}"#),
      cash(#""validity":{"from":"2026-01-01T08:00:00.000+08:00"}"#)
    ),
    (
      cash(
        #""validity":{"windows":[{"weekdays":[1],"from":"09:00","to":"10:00"},"#
          + #"{"weekdays":[2,3],"from":"09:00","to":"10:00"}]}"#),
      cash(
        #""validity":{"windows":[{"weekdays":[3,2],"from":"09:00","to":"10:00"},"#
          + #"{"weekdays":[1],"from":"09:00","to":"10:00"}]}"#)
    ),
  ])
  func `what means the same has the same bytes`(_ left: String, _ right: String) throws {
    #expect(try terms(left) == terms(right))
    #expect(try terms(left).encoded == terms(right).encoded)
  }

  @Test(arguments: [
    (cash(#""scope":{"include_skus":["é"]}"#), cash(#""scope":{"include_skus":["e\u0301"]}"#)),
    (
      #"{"name":"é","kind":"cash","amount":1}"#, #"{"name":"e\u0301","kind":"cash","amount":1}"#
    ),
  ])
  func `names that only look alike are different`(_ left: String, _ right: String) throws {
    #expect(try terms(left) != terms(right))
    #expect(try terms(left).encoded != terms(right).encoded)
  }

  @Test func `damaged bytes are refused or are other terms, and never trap`() throws {
    for (number, text) in everything.enumerated() {
      let bytes = try terms(text).encoded
      #expect(throws: MalformedRecord.self) { _ = try CampaignTerms.decode(encoded: []) }
      #expect(throws: MalformedRecord.self) {
        _ = try CampaignTerms.decode(encoded: [2] + bytes.dropFirst())
      }
      #expect(throws: MalformedRecord.self) {
        _ = try CampaignTerms.decode(encoded: bytes + [0x20])
      }
      #expect(throws: MalformedRecord.self) {
        _ = try CampaignTerms.decode(encoded: [1, 0x20] + bytes.dropFirst())
      }
      var random = SplitMix64(seed: Settings.seed + UInt64(number))
      for _ in 0..<400 {
        var damaged = bytes
        let place = random.below(damaged.count)
        switch random.below(3) {
        case 0: damaged[place] = UInt8(random.below(256))
        case 1: damaged.remove(at: place)
        default: damaged.insert(bytes[random.below(bytes.count)], at: place)
        }
        guard let read = try? CampaignTerms.decode(encoded: damaged) else { continue }
        #expect(read.encoded == damaged, "seed \(Settings.seed), document \(number)")
      }
    }
  }

  @Test func `a spelling other than the canonical one is refused`() throws {
    for text in [cash(#""scope":{}"#), #"{"kind":"cash","name":"n","amount":1}"#] {
      #expect(throws: MalformedRecord.self) {
        _ = try CampaignTerms.decode(encoded: [1] + Array(text.utf8))
      }
    }
  }
}
