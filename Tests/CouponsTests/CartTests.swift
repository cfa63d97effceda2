// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import JSON
import LedgerCore
import Testing

private func line(_ members: String, id: String = "1") -> String {
  #"{"line_id":"\#(id)","sku":"a","quantity":1,"unit_price":1\#(members)}"#
}

private func lines(_ lines: String...) -> String { "{\"lines\":[\(lines.joined(separator: ","))]}" }

private func problem(_ text: String) -> String? {
  do {
    _ = try cart(text, at: JSONPointer("cart"))
    return nil
  } catch {
    return error.field
  }
}

struct CartTests {
  @Test(arguments: [
    Document(nil, lines(line(""))), Document("/cart", "[]"), Document("/cart/lines", "{}"),
    Document("/cart/lines", lines()), Document("/cart/lines", #"{"lines":{}}"#),
    Document("/cart/total", #"{"lines":[],"total":1}"#),
    Document("/cart/lines/0", lines("1")), Document("/cart/lines/0/line_id", lines("{}")),
    Document("/cart/lines/0/price", lines(line(#","price":1"#))),
    Document(nil, lines(line(#","x_note":[],"category":null,"full_price":null"#))),
    Document("/cart/lines/0/sku", lines(#"{"line_id":"1","quantity":1,"unit_price":1}"#)),
    Document("/cart/lines/0/quantity", lines(#"{"line_id":"1","sku":"a","unit_price":1}"#)),
    Document("/cart/lines/0/unit_price", lines(#"{"line_id":"1","sku":"a","quantity":1}"#)),
    Document(
      "/cart/lines/0/quantity", lines(#"{"line_id":"1","sku":"a","quantity":0,"unit_price":1}"#)),
    Document(
      "/cart/lines/0/quantity", lines(#"{"line_id":"1","sku":"a","quantity":1.5,"unit_price":1}"#)),
    Document(
      "/cart/lines/0/unit_price",
      lines(#"{"line_id":"1","sku":"a","quantity":1,"unit_price":-1}"#)),
    Document(nil, lines(#"{"line_id":"1","sku":"a","quantity":1,"unit_price":0}"#)),
    Document("/cart/lines/0/full_price", lines(line(#","full_price":"yes""#))),
    Document("/cart/lines/0/category", lines(line(#","category":"""#))),
    Document("/cart/lines/1/line_id", lines(line(""), line(""))),
    Document(nil, lines(line("", id: "é"), line("", id: #"e\u0301"#))),
    Document("/cart/lines/0/line_id", lines(line("", id: ""))),
  ])
  func `a cart is one to many lines, each whole and with its own id`(_ given: Document) {
    #expect(problem(given.text) == given.field)
  }

  @Test(
    arguments: [
      (1_000_000_000_000, 1, 0, nil), (1, 1_000_000_000_000, 0, nil),
      (1_000_000_000_001, 1, 0, "/cart/lines/0/quantity"),
      (1, 1_000_000_000_001, 0, "/cart/lines/0/unit_price"),
      (1_000_001, 1_000_000, 0, "/cart/lines/0"), (1_000_000, 1_000_000, 0, nil),
      (1_000_000_000_000, 1_000_000_000_000, 0, "/cart/lines/0"),
      (1_000_000, 1_000_000, 1, "/cart/lines/1"), (999_999, 1_000_000, 1_000_000, nil),
      (1_000_000_000_000, 0, 1_000_000_000_000, nil),
    ] as [(Int, Int, Int, String?)])
  func `no line and no cart is above 10^12`(
    _ quantity: Int, _ price: Int, _ more: Int, _ field: String?
  ) {
    let first = #"{"line_id":"1","sku":"a","quantity":\#(quantity),"unit_price":\#(price)}"#
    let second = #"{"line_id":"2","sku":"a","quantity":1,"unit_price":\#(more)}"#
    #expect(problem(lines(first, second)) == field)
  }

  @Test func `a cart has at most 500 lines`() {
    func many(_ count: Int) -> String {
      "{\"lines\":[\((0..<count).map { line("", id: "\($0)") }.joined(separator: ","))]}"
    }
    #expect(problem(many(500)) == nil)
    #expect(problem(many(501)) == "/cart/lines")
  }

  @Test func `a cart is read as it is written`() throws {
    let cart = try cart(
      #"""
      {"lines":[{"line_id":"1","sku":"a","category":"k","quantity":3,"unit_price":250,
      "full_price":false},{"line_id":"2","sku":"b","quantity":1,"unit_price":0}]}
      """#)
    #expect(cart.subtotal == Amount(750) && cart.lines.map(\.id.text) == ["1", "2"])
    #expect(cart.lines[0].sku == Label("a") && cart.lines[0].category == Label("k"))
    #expect(cart.lines[0].quantity == 3 && cart.lines[0].unitPrice == Amount(250))
    #expect(!cart.lines[0].isFullPrice && cart.lines[1].isFullPrice)
    #expect(cart.lines[1].category == nil)
  }

  @Test func `an amount is one line at full price without SKU or category`() {
    let cart = Cart(amount: Amount(1_000_000_000_000))
    #expect(cart.subtotal == Amount(1_000_000_000_000) && cart.lines.count == 1)
    #expect(cart.lines[0].sku == nil && cart.lines[0].category == nil)
    #expect(cart.lines[0].isFullPrice && cart.lines[0].quantity == 1)
  }

  @Test func `an amount above 10^12 is a bug`() async {
    await #expect(processExitsWith: .failure) { _ = Cart(amount: Amount(1_000_000_000_001)) }
  }
}
