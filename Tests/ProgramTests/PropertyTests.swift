// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import LedgerCore
import Program
import Seeds
import StoredValue
import Testing

/// A bonus rule of small numbers, judged by trying every amount.
private struct SmallRule {
  var minimum: Int64?
  var maximum: Int64?
  var grant: BonusGrant
  var isConditional: Bool

  init(_ generator: inout SplitMix64, upTo limit: Int64) {
    func number(_ most: Int64) -> Int64 { .random(in: 1...most, using: &generator) }
    minimum = number(2) == 1 ? number(limit) : nil
    maximum = number(2) == 1 ? number(limit) : nil
    isConditional = number(4) == 1
    switch number(3) {
    case 1: grant = .fixed(Amount(number(9)))
    case 2: grant = .per(every: Amount(number(limit)), amount: Amount(number(9)))
    default: grant = .rate(BasisPoints(Int32(number(10_000 / limit * 3))), maximum: nil)
    }
  }

  func gives(_ amount: Int64) -> Bool {
    covers(amount) && !grant.bonus(for: Amount(amount)).isZero
  }

  func covers(_ amount: Int64) -> Bool {
    amount >= minimum ?? 1 && amount <= maximum ?? .max
  }

  func text(id: Int) -> JSONTree {
    let grant: JSONTree =
      switch grant {
      case .fixed(let amount): ["type": "fixed", "amount": .integer(amount.minorUnits)]
      case .per(let every, let amount):
        [
          "type": "per", "every": .integer(every.minorUnits),
          "amount": .integer(amount.minorUnits),
        ]
      case .rate(let rate, _):
        ["type": "rate", "basis_points": .integer(Int64(rate.value))]
      }
    return [
      "id": "\(id)", "grant": grant, "min_amount": minimum.map { .integer($0) } ?? nil,
      "max_amount": maximum.map { .integer($0) } ?? nil,
      "once_per_account": .bool(isConditional),
    ]
  }
}

struct PropertyTests {
  /// Exactly the rules that can give are accepted, compared with trying every amount.
  @Test func `dead rules are found, and no other rule is called dead`() throws {
    var (accepted, refused) = (0, 0)
    for seed in UInt64(1)...6000 {
      var generator = SplitMix64(seed: seed)
      let limit: Int64 = 12
      let most = Int64.random(in: 1...limit, using: &generator)
      let least = Int64.random(in: 1...most, using: &generator)
      let balance = Int64.random(in: least...limit + 1, using: &generator)
      let rules = (0..<generator.below(4)).map { _ in SmallRule(&generator, upTo: limit) }
      let first = generator.below(2) == 0
      let amounts = (1...limit).filter { $0 >= least && $0 <= most && $0 <= balance }
      let dead = rules.indices.contains { index in
        let reached = amounts.filter { rules[index].covers($0) }
        if !reached.contains(where: { rules[index].gives($0) }) { return true }
        return first
          && rules[..<index].contains { earlier in
            !earlier.isConditional && reached.allSatisfy { earlier.gives($0) }
          }
      }
      let document: JSONTree = [
        "topup": [
          "min": .integer(least), "max": .integer(most),
          "bonus_combination": first ? "first" : "best",
          "bonus_rules": .array(rules.enumerated().map { $1.text(id: $0) }),
        ],
        "card": ["max_balance": .integer(balance)],
      ]
      let field = refusal(document.text)
      #expect((field != nil) == dead, "seed \(seed): \(document.text) at \(field ?? "nowhere")")
      if dead { refused += 1 } else { accepted += 1 }
    }
    #expect(accepted > 1000 && refused > 1000)
  }

  /// Whatever stands in a document, it is refused at a place of it, or accepted and then safe.
  @Test func `a mutated document is refused at its own place or safe to use`() throws {
    let tree = try JSONTree(JSONDocument.parse(everything.utf8).root)
    var (accepted, refused) = (0, 0)
    for seed in UInt64(1)...8000 {
      var generator = SplitMix64(seed: seed)
      var mutant = tree
      for _ in 0...generator.below(3) { mutant = mutant.mutated(&generator) }
      do {
        let program = try decode(mutant.text)
        #expect(try Program.decode(canonical: program.document) == program, "seed \(seed)")
        #expect(program.largestBonuses >= 0, "seed \(seed)")
        accepted += 1
      } catch {
        #expect(mutant.holds(error.field), "seed \(seed): \(error) in \(mutant.text)")
        refused += 1
      }
    }
    #expect(accepted > 500 && refused > 500)
  }

  @Test func `mutated bytes never trap`() {
    let bytes = Array(everything.utf8)
    for seed in UInt64(1)...4000 {
      var generator = SplitMix64(seed: seed)
      var mutant = bytes
      for _ in 0...generator.below(4) {
        let index = generator.below(mutant.count)
        switch generator.below(3) {
        case 0: mutant[index] = UInt8(generator.below(256))
        case 1: mutant.remove(at: index)
        default: mutant.insert(bytes[generator.below(bytes.count)], at: index)
        }
      }
      _ = try? Program.decode(canonical: mutant)
    }
  }
}

extension Program {
  /// All rules' bonuses for the largest top-up together; must not overflow.
  fileprivate var largestBonuses: Int64 {
    storedValue.topUp.bonusRules.reduce(0) { sum, rule in
      sum + rule.grant.bonus(for: .requestLimit).minorUnits
    }
  }
}

extension JSONTree {
  /// One node of this tree replaced, removed or joined by another.
  fileprivate func mutated(_ generator: inout SplitMix64) -> JSONTree {
    switch self {
    case .object(var members) where !members.isEmpty && generator.below(12) > 0:
      let index = generator.below(members.count)
      switch generator.below(8) {
      case 0: members.remove(at: index)
      case 1 where !members.contains { $0.name == "min_amount" }:
        members.append(Member("min_amount", .random(&generator)))
      default: members[index].value = members[index].value.mutated(&generator)
      }
      return .object(members)
    case .array(var elements) where !elements.isEmpty && generator.below(8) > 0:
      let index = generator.below(elements.count)
      switch generator.below(6) {
      case 0: elements.remove(at: index)
      case 1: elements.append(elements[index])
      case 2: elements.shuffle(using: &generator)
      default: elements[index] = elements[index].mutated(&generator)
      }
      return .array(elements)
    default:
      return .random(&generator)
    }
  }

  private static func random(_ generator: inout SplitMix64) -> JSONTree {
    let values: [JSONTree] = [
      .null, .bool(true), .bool(false), 0, 1, 4, 7, 12, 100, 9999, 10_000, 60_000, 500_000,
      1_000_000_000_000, 1_000_000_000_001, .integer(.max), .integer(.min), -1, .number("-0"),
      .number("1e3"), .number("0.5"), "", "fixed", "per", "rate", "first", "none", "cash", "a/b~c",
      "2026-06-15", "cn-single-purpose", [], [:], [1, 1], ["cheque"], ["type": "fixed"],
      ["type": "per", "every": 1, "amount": 1_000_000_000_000],
    ]
    return values[generator.below(values.count)]
  }

  /// Whether a pointer names a value of this tree, or a member that an object of it lacks.
  fileprivate func holds(_ pointer: String) -> Bool {
    var tree = self
    let steps = pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    for (offset, step) in steps.enumerated() {
      let name = step.split(separator: "~1", omittingEmptySubsequences: false)
        .joined(separator: "/").split(separator: "~0", omittingEmptySubsequences: false)
        .joined(separator: "~")
      switch tree {
      case .array(let elements):
        guard let index = Int(name), elements.indices.contains(index) else { return false }
        tree = elements[index]
      case .object:
        guard let value = tree[name] else {
          return offset == steps.count - 1
            && ["id", "grant", "type", "amount", "every", "basis_points"].contains(name)
        }
        tree = value
      case .null, .bool, .integer, .number, .string: return false
      }
    }
    return true
  }
}
