// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Seeds
import Testing

private func bytes(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
  var writer = ByteWriter()
  write(&writer)
  return writer.bytes
}

private func bytes(of cart: Cart) -> [UInt8] { bytes { cart.write(to: &$0) } }

private func bytes(of rules: CouponRules) -> [UInt8] { bytes { rules.write(to: &$0) } }

private func readCart(_ bytes: [UInt8]) throws(MalformedRecord) -> Cart {
  var reader = ByteReader(bytes)
  let cart = try Cart(from: &reader)
  try reader.finish()
  return cart
}

private func readRules(_ bytes: [UInt8]) throws(MalformedRecord) -> CouponRules {
  var reader = ByteReader(bytes)
  let rules = try CouponRules(from: &reader)
  try reader.finish()
  return rules
}

private func written(_ applied: [Quote.Applied]) -> [UInt8] {
  bytes { applied.write(to: &$0) { $0.text($1.text) } }
}

private func readApplied(
  _ bytes: [UInt8], of cart: Cart
) throws(MalformedRecord) -> [Quote.Applied] {
  var reader = ByteReader(bytes)
  let applied = try [Quote.Applied](from: &reader, of: cart) { r throws(MalformedRecord) in
    CouponID(try r.text())
  }
  try reader.finish()
  return applied
}

/// The bytes with some changed, taken out or put in.
private func damaged(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<random.within(1...3) where !bytes.isEmpty {
    let place = random.below(bytes.count)
    switch random.below(4) {
    case 0: bytes[place] = UInt8(random.below(256))
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(random.one(of: [0, 1, 0x7F, 0x80, 0xFF]), at: place)
    default: bytes.removeLast(bytes.count - place)
    }
  }
  return bytes
}

/// One line as it is written, with another value where one is given.
private func line(
  id: String = "1", sku: String? = "a", category: String? = nil, quantity: UInt64 = 1,
  price: UInt64 = 100, full: UInt8 = 1
) -> [UInt8] {
  bytes { writer in
    writer.text(id)
    writer.optional(sku) { $0.text($1) }
    writer.optional(category) { $0.text($1) }
    writer.unsigned(quantity)
    writer.unsigned(price)
    writer.byte(full)
  }
}

private func lines(_ lines: [UInt8]..., count: UInt64? = nil) -> [UInt8] {
  bytes { writer in
    writer.byte(1)
    writer.unsigned(count ?? UInt64(lines.count))
    for byte in lines.joined() { writer.byte(byte) }
  }
}

private let limit: UInt64 = 1_000_000_000_000

struct CodingTests {
  @Test func `a cart, its discounts and the rules are read back as they were written`() throws {
    for offset in 0..<UInt64(200) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 6, scale: random.one(of: [1, 97]))
      let (cart, rules) = (try market.engineCart(), market.engineRules)
      let quote = Pricing.price(cart, with: try market.engineCoupons(), rules: rules)
      #expect(try readCart(bytes(of: cart)) == cart, "seed \(seed)")
      #expect(try readRules(bytes(of: rules)) == rules, "seed \(seed)")
      let applied = try readApplied(written(quote.applied), of: cart)
      #expect(applied == quote.applied, "seed \(seed)")
      let recorded = try Quote(recordedOf: cart, applied.map { ($0.coupon, $0.shares) })
      #expect(recorded.payable == quote.payable && recorded.discount == quote.discount)
      #expect(recorded.subtotal == quote.subtotal && recorded.refused.isEmpty)
    }
  }

  @Test func `the cart of an amount is read back`() throws {
    for amount in [0, 1, 1_000_000_000_000] {
      let cart = Cart(amount: Amount(Int64(amount)))
      #expect(try readCart(bytes(of: cart)) == cart)
    }
  }

  @Test func `the bytes are these`() throws {
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","category":"k","quantity":3,"unit_price":250,
      "full_price":false},{"line_id":"2","sku":"b","quantity":1,"unit_price":0}]}
      """#)
    #expect(
      bytes(of: cart) == [
        1, 2, 1, 0x31, 1, 1, 0x61, 1, 1, 0x6B, 3, 0xFA, 1, 0, 1, 0x32, 1, 1, 0x62, 0, 1, 0, 1,
      ])
    let quote = Pricing.price(cart, with: [try coupon("c", cash())], rules: CouponRules())
    #expect(written(quote.applied) == [1, 5] + "cpn_c".utf8 + [1, 0, 0xEE, 5])
    var rules = CouponRules()
    #expect(bytes(of: rules) == [1, 0, 1, 2, 3, 4, 1])
    rules.maximumPerCheckout = 100
    rules.applicationOrder = [.cash, .threshold, .percent, .item]
    rules.partialReturn = .reprice
    #expect(bytes(of: rules) == [1, 1, 100, 4, 3, 2, 1, 2])
  }

  @Test(arguments: [
    lines(line()), lines(line(price: 0)), lines(line(full: 0)), lines(line(category: "k")),
    lines(line(quantity: limit, price: 1)), lines(line(price: limit)),
    lines(line(id: "é"), line(id: "e\u{301}")), lines(line(price: limit), line(id: "2", price: 0)),
    lines(line(id: String(repeating: "券", count: 64))),
    lines(line(id: "amount", sku: nil, price: limit)),
  ])
  func `what a till may say is read`(_ given: [UInt8]) throws {
    #expect(try bytes(of: readCart(given)) == given)
  }

  @Test(
    arguments: [
      [], [0], [2] + lines(line()).dropFirst(), lines(), lines(line()) + [0],
      lines(line(), count: 2), lines(line(), count: .max), lines(line(quantity: 0)),
      lines(line(quantity: limit + 1, price: 0)), lines(line(price: limit + 1)),
      lines(line(quantity: .max)), lines(line(price: .max)), lines(line(price: 1 << 63)),
      lines(line(quantity: limit, price: limit)), lines(line(quantity: limit, price: 2)),
      lines(line(price: limit), line(id: "2", price: 1)), lines(line(), line()),
      lines(line(full: 2)), lines(line(id: "")), lines(line(sku: "")), lines(line(category: "")),
      lines(line(id: "a\u{7F}")), lines(line(sku: "\n")),
      lines(line(sku: String(repeating: "a", count: 65))), lines(line(sku: nil)),
      lines(line(id: "amount", sku: nil, category: "k")),
      lines(line(id: "amount", sku: nil, quantity: 2)),
      lines(line(id: "amount", sku: nil, full: 0)),
      lines(line(), line(id: "amount", sku: nil)),
    ] as [[UInt8]])
  func `what no till may say is no cart`(_ bytes: [UInt8]) {
    #expect(throws: MalformedRecord.self) { _ = try readCart(bytes) }
  }

  @Test func `a cart of 501 lines is none`() throws {
    func many(_ count: Int) -> [UInt8] {
      bytes { writer in
        writer.byte(1)
        writer.unsigned(UInt64(count))
        for byte in (0..<count).flatMap({ line(id: "\($0)") }) { writer.byte(byte) }
      }
    }
    #expect(try readCart(many(500)).lines.count == 500)
    #expect(throws: MalformedRecord.self) { _ = try readCart(many(501)) }
  }

  /// Lines of 100, 50 and 0; the coupons are one letter.
  @Test(
    arguments: [
      ([0], true), ([1, 1, 0x63, 1, 0, 100], true), ([1, 1, 0x63, 2, 0, 1, 1, 50], true),
      ([2, 1, 0x63, 1, 0, 60, 1, 0x64, 1, 0, 40], true),
      ([2, 1, 0x63, 1, 0, 60, 1, 0x64, 1, 0, 41], false),
      ([2, 1, 0x63, 1, 0, 60, 1, 0x63, 1, 0, 40], false), ([1, 1, 0x63, 1, 0, 101], false),
      ([1, 1, 0x63, 0], false), ([1, 1, 0x63, 1, 0, 0], false), ([1, 1, 0x63, 1, 2, 1], false),
      ([1, 1, 0x63, 1, 3, 1], false), ([1, 1, 0x63, 2, 1, 1, 0, 1], false),
      ([1, 1, 0x63, 2, 0, 1, 0, 1], false), ([1, 1, 0x63, 3, 0, 1, 1, 1, 2, 1], false),
      ([1, 1, 0x63, 4, 0, 1, 1, 1, 2, 1, 3, 1], false), ([1, 1, 0x63, 1, 0], false),
      ([1], false), ([], false), ([0, 0], false), ([1, 1, 0xFF, 1, 0, 1], false),
      ([1, 1, 0x63, 1] + [UInt8](repeating: 0xFF, count: 9) + [1, 1], false),
      ([1, 1, 0x63, 1, 0] + [UInt8](repeating: 0xFF, count: 9) + [1], false),
    ] as [([UInt8], Bool)])
  func `discounts are those of the cart or are refused`(_ bytes: [UInt8], _ isRight: Bool) throws {
    let cart = try cart(of: 100, 50, 0)
    if isRight {
      #expect(try written(readApplied(bytes, of: cart)) == bytes)
    } else {
      #expect(throws: MalformedRecord.self) { _ = try readApplied(bytes, of: cart) }
    }
  }

  @Test(
    arguments: [
      ([1, 0, 1, 2, 3, 4, 1], true), ([1, 1, 1, 4, 3, 2, 1, 2], true),
      ([1, 1, 0, 1, 2, 3, 4, 1], false), ([1, 1, 101, 1, 2, 3, 4, 1], false),
      ([1, 2, 1, 2, 3, 4, 1], false), ([1, 0, 1, 2, 3, 3, 1], false), ([1, 0, 1, 2, 3, 1], false),
      ([1, 0, 0, 2, 3, 4, 1], false), ([1, 0, 1, 2, 3, 5, 1], false),
      ([1, 0, 1, 2, 3, 4, 0], false),
      ([1, 0, 1, 2, 3, 4, 3], false), ([1, 0, 1, 2, 3, 4, 1, 0], false),
      ([0, 0, 1, 2, 3, 4, 1], false), ([2, 0, 1, 2, 3, 4, 1], false), ([], false),
    ] as [([UInt8], Bool)])
  func `rules are within their bounds or are refused`(_ given: [UInt8], _ isRight: Bool) throws {
    if isRight {
      #expect(try bytes(of: readRules(given)) == given)
    } else {
      #expect(throws: MalformedRecord.self) { _ = try readRules(given) }
    }
  }

  @Test func `damaged bytes are refused or say something else, and never trap`() throws {
    for offset in 0..<UInt64(100) {
      let seed = Settings.seed + offset
      var random = SplitMix64(seed: seed)
      let market = Market.dense(&random, coupons: 6, scale: random.one(of: [1, 97]))
      let (cart, rules) = (try market.engineCart(), market.engineRules)
      let quote = Pricing.price(cart, with: try market.engineCoupons(), rules: rules)
      for _ in 0..<100 {
        let carts = damaged(bytes(of: cart), &random)
        if let read = try? readCart(carts) { #expect(bytes(of: read) == carts, "seed \(seed)") }
        let shares = damaged(written(quote.applied), &random)
        if let read = try? readApplied(shares, of: cart) {
          #expect(written(read) == shares, "seed \(seed)")
        }
        let order = damaged(bytes(of: rules), &random)
        if let read = try? readRules(order) { #expect(bytes(of: read) == order, "seed \(seed)") }
        let noise = (0..<random.below(60)).map { _ in UInt8(random.below(256)) }
        _ = try? readCart(noise)
        _ = try? readApplied(noise, of: cart)
        _ = try? readRules(noise)
      }
    }
  }
}
