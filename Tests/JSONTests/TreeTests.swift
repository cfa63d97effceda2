// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import Seeds
import Testing

@Suite struct TreeTests {
  /// A random tree whose strings and names favour what is hard to write.
  private static func tree(depth: Int, _ random: inout SplitMix64) -> JSONTree {
    switch random.below(depth > 0 ? 8 : 6) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int64(bitPattern: random.next() >> UInt64(random.below(64))))
    case 3: return .number(["-0", "1.5", "1e3", "0E-5", "18446744073709551616"][random.below(5)])
    case 4, 5: return .string(text(&random))
    case 6:
      return .array((0..<random.below(6)).map { _ in tree(depth: depth - 1, &random) })
    default:
      var names: Set<[UInt8]> = []
      var members: [JSONTree.Member] = []
      for _ in 0..<random.below(random.below(4) == 0 ? 40 : 6) {
        let name = text(&random)
        guard names.insert(Array(name.utf8)).inserted else { continue }
        members.append(JSONTree.Member(name, tree(depth: depth - 1, &random)))
      }
      return .object(members)
    }
  }

  private static func text(_ random: inout SplitMix64) -> String {
    let alphabet: [Unicode.Scalar] = [
      "a", "b", "z", "_", "0", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "\u{7F}", "\u{80}", "é",
      "e", "\u{301}", "漢", "\u{2028}", "\u{FEFF}", "\u{FFFF}", "😀", "\u{10FFFF}", "~", " ",
    ]
    var text = String.UnicodeScalarView()
    for _ in 0..<random.below(20) {
      text.append(alphabet[random.below(alphabet.count)])
    }
    return String(text)
  }

  private static func shuffled(_ tree: JSONTree, _ random: inout SplitMix64) -> JSONTree {
    switch tree {
    case .array(let elements): .array(elements.map { shuffled($0, &random) })
    case .object(let members):
      .object(
        members.map { JSONTree.Member($0.name, shuffled($0.value, &random)) }
          .shuffled(using: &random))
    default: tree
    }
  }

  private static func parsed(_ text: String) throws -> JSONTree {
    JSONTree(try JSONDocument.parse(text.utf8).root)
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func `random trees are written, parsed and equal; their canonical text knows no order`(
    seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    for round in 0..<2_000 {
      let tree = Self.tree(depth: 5, &random)
      var writer = JSONWriter()
      tree.write(to: &writer)
      #expect(!writer.bytes.contains(0x0A), "seed \(seed) round \(round)")
      let back = JSONTree(try JSONDocument.parse(writer.bytes).root)
      #expect(back == tree, "seed \(seed) round \(round)")
      #expect(try Self.parsed(tree.prettyText) == tree, "seed \(seed) round \(round)")
      let canonical = tree.canonicalText
      #expect(
        Self.shuffled(tree, &random).canonicalText == canonical, "seed \(seed) round \(round)")
      #expect(
        try Self.parsed(canonical).canonicalText == canonical, "seed \(seed) round \(round)")
    }
  }

  @Test func `canonical text sorts by the bytes of names, not by scalars' order in UTF-16`() {
    let tree: JSONTree = [
      "\u{FFFF}": 1, "😀": 2, "é": 3, "z": 4, "e\u{301}": 5, "": 6, "a b": [["y": 1, "x": 2]],
    ]
    let head = "{\"\":6,\"a b\":[{\"x\":2,\"y\":1}],\"e\u{301}\":5,\"z\":4,"
    #expect(tree.canonicalText == head + "\"é\":3,\"\u{FFFF}\":1,\"😀\":2}")
  }

  @Test func `pretty text is indented by two and keeps the order`() {
    let tree: JSONTree = ["b": [1, [], [:], ["x": nil]], "a": ["c": "d\n"], "e": false]
    #expect(
      tree.prettyText == #"""
        {
          "b": [
            1,
            [],
            {},
            {
              "x": null
            }
          ],
          "a": {
            "c": "d\n"
          },
          "e": false
        }
        """#)
  }

  @Test func `numbers keep their spelling unless they are plain integers`() throws {
    let tree = try Self.parsed("[1,-5,-0,1.0,1e2,9223372036854775808]")
    #expect(
      tree == [
        1, -5, .number("-0"), .number("1.0"), .number("1e2"), .number("9223372036854775808"),
      ]
    )
    #expect(tree.canonicalText == "[1,-5,-0,1.0,1e2,9223372036854775808]")
  }

  @Test func `equality sees types, order and bytes`() {
    let pairs: [(JSONTree, JSONTree)] = [
      (1, "1"), (0, false), (nil, false), ([], [:]), ([1, 2], [2, 1]), ("a", "b"),
      (["a": 1, "b": 2], ["b": 2, "a": 1]), ("\u{E9}", "e\u{301}"),
      (["\u{E9}": 1], ["e\u{301}": 1]),
      (.number("1.0"), .number("1.00")), (1, 2), (true, false), ([:], nil),
    ]
    for (left, right) in pairs {
      #expect(left != right)
      #expect(left == left)
    }
  }

  @Test func `a member is found by its name`() {
    let tree: JSONTree = ["a": ["b": 7], "e\u{301}": 1]
    #expect(tree["a"]?["b"] == 7)
    #expect(tree["c"] == nil)
    #expect(tree["\u{E9}"] == nil)
    #expect(JSONTree.null["a"] == nil)
  }
}

@Suite struct PointerTests {
  @Test func `a pointer names members and elements with RFC 6901 escapes`() {
    #expect(JSONPointer().description == "")
    #expect(JSONPointer().isRoot)
    #expect(JSONPointer("amount").description == "/amount")
    #expect(!JSONPointer("amount").isRoot)
    #expect(JSONPointer("").description == "/")
    #expect(JSONPointer().appending("a/b").appending("m~n").description == "/a~1b/m~0n")
    #expect(JSONPointer().appending("~1").description == "/~01")
    #expect(
      JSONPointer("lines").appending(index: 0).appending("sku").description == "/lines/0/sku")
    #expect(JSONPointer("é 漢\"").description == "/é 漢\"")
  }

  @Test func `pointers are equal by their bytes`() {
    #expect(JSONPointer("a") == JSONPointer().appending("a"))
    #expect(JSONPointer("0") == JSONPointer().appending(index: 0))
    #expect(JSONPointer("\u{E9}") != JSONPointer("e\u{301}"))
    #expect(Set([JSONPointer("a"), JSONPointer("a"), JSONPointer("b")]).count == 2)
  }
}
