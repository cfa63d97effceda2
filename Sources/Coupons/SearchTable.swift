// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// The coupons of an account and the lines of a cart, prepared for the search.
///
/// Coupons that nothing but id and expiry tells apart make one class. What a sequence of coupons
/// comes to depends on the sequence of their classes alone, so that the search chooses sequences
/// of classes (spec/coupons.md, Words).
struct SearchTable {
  /// What may be taken, in the order of application.
  let coupons: [PricedCoupon]
  /// The class of each coupon.
  let classOf: [Int]
  let classes: [CouponClass]
  let scopes: [LineSet]
  private let overlaps: [ScopeTable.Overlap]
  /// For each two ways of stacking whether each names the other's class.
  private let companions: [Bool]
  private let signatureCount: Int
  /// The number of each class's way of stacking; -1 for one that never combines.
  private let signatures: [Int]
  /// How many different classes of stacking there are.
  let groupCount: Int
  let allowances: [Allowance]
  /// What the lines cost before anything is taken off.
  let lines: LinesLeft
  /// What the lines cost that any class looks at: the most that can be taken off.
  let covered: Int64
  /// The lines that any class looks at.
  let coveredLines: [Int]
  /// How many coupons can be taken: what is allowed, and what the groups have room for.
  let limit: Int
  /// For each class what it is as one that takes a part of its lines; nil for one that is not.
  let parts: [Part?]

  /// Coupons of one class; an object, since the search passes it about all the time.
  final class CouponClass: Sendable {
    let fitted: FittedCoupon
    /// The number of its set of lines.
    let scope: Int
    /// Places among the coupons, ascending.
    let members: [Int]
    /// The number of its class of stacking; -1 for coupons that never combine.
    let group: Int
    let maximumPerGroup: Int
    /// The number of its campaign's allowance; -1 without caps.
    let campaign: Int

    fileprivate init(
      _ fitted: FittedCoupon, _ key: Naming.Key, members: [Int], stacking: Stacking?, group: Int
    ) {
      self.fitted = fitted
      self.members = members
      self.group = group
      scope = key.scope
      campaign = key.campaign
      maximumPerGroup = stacking?.maximumPerClass ?? 1
    }

    /// The first member at or after a place; nil for none.
    func member(from place: Int) -> Int? {
      let rank = rank(of: place)
      return rank < members.count ? members[rank] : nil
    }

    /// How many members are at or after a place.
    func count(from place: Int) -> Int { members.count - rank(of: place) }

    private func rank(of place: Int) -> Int {
      var (low, high) = (0, members.count)
      while low < high {
        let middle = (low + high) / 2
        if members[middle] < place { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// Whether coupons of two classes go together, however many of each.
  func goTogether(_ left: Int, _ right: Int) -> Bool {
    let (own, other) = (signatures[left], signatures[right])
    return own >= 0 && other >= 0 && companions[own * signatureCount + other]
  }

  /// A word of these letters: of each class the first coupons, in the order of application.
  func firstSpelling(of letters: [Int]) -> [Int] {
    let counts = Dictionary(letters.map { ($0, 1) }, uniquingKeysWith: +)
    let places = counts.flatMap { number, count in classes[number].members.prefix(count) }
    return places.sorted().map { classOf[$0] }
  }

  /// The promise of the coupon at a place, fitted to the cart.
  func fitted(_ place: Int) -> FittedCoupon { classes[classOf[place]].fitted }

  /// How what is taken off the lines of one scope shows in another.
  func overlap(of scope: Int, in other: Int) -> ScopeTable.Overlap {
    overlaps[scope * scopes.count + other]
  }

  /// - Parameters:
  ///   - coupons: in the order of application, no two of one id, none of them barred.
  ///   - limit: how many may be taken.
  init(
    _ coupons: [PricedCoupon], cart: Cart, limit: Int, allowances: [CampaignID: Allowance]
  ) {
    var naming = Naming(cart, allowances)
    var members: [[Int]] = []
    var terms: [CampaignTerms] = []
    var classOf: [Int] = []
    for (place, coupon) in coupons.enumerated() {
      let number = naming.number(of: coupon)
      if number == members.count {
        members.append([])
        terms.append(coupon.terms)
      }
      members[number].append(place)
      classOf.append(number)
    }
    let sets = naming.scopes.sets
    self.coupons = coupons
    self.classOf = classOf
    let classes = naming.keys.enumerated().map { number, key -> CouponClass in
      let stacking = key.signature >= 0 ? naming.signatures[key.signature] : nil
      return CouponClass(
        FittedCoupon(terms[number], to: cart, lines: sets[key.scope].lines), key,
        members: members[number], stacking: stacking,
        group: stacking.flatMap { naming.groups[$0.ownClass] } ?? -1)
    }
    self.classes = classes
    self.limit = min(limit, Self.room(of: classes))
    scopes = sets
    let overlaps = naming.scopes.overlaps()
    self.overlaps = overlaps
    parts = classes.map { own in
      let row = own.scope * sets.count
      // Cut: another set holds some of the lines and not the others.
      let isCut = sets.indices.contains { overlaps[row + $0] == .part }
      return Part(own, scope: sets[own.scope], isCut: isCut)
    }
    companions = naming.signatures.flatMap { own in
      naming.signatures.map { own.goes(with: $0) }
    }
    signatureCount = naming.signatures.count
    signatures = naming.keys.map(\.signature)
    groupCount = naming.groups.count
    self.allowances = naming.allowances
    let lines = LinesLeft(cart)
    self.lines = lines
    let union = cart.lines.indices.filter { line in sets.contains { $0.contains(line) } }
    covered = lines.sum(of: union)
    coveredLines = union
  }

  /// The most coupons that any permitted set can have: of each group as many as the class with the
  /// widest limit allows, or one that never combines.
  private static func room(of classes: [CouponClass]) -> Int {
    var groups: [Int: (members: Int, most: Int)] = [:]
    for own in classes where own.group >= 0 {
      let known = groups[own.group] ?? (0, 0)
      groups[own.group] = (
        known.members + own.members.count, max(known.most, own.maximumPerGroup)
      )
    }
    let together = groups.values.reduce(0) { $0 + min($1.members, $1.most) }
    return max(together, classes.isEmpty ? 0 : 1)
  }
}

/// Gives numbers to what the search must tell apart.
private struct Naming {
  /// What makes two coupons the same to the search.
  fileprivate struct Key: Hashable {
    let benefit: Benefit
    let scope: Int
    let minimumSpend: Amount?
    let signature: Int
    let campaign: Int
  }

  private let given: [CampaignID: Allowance]
  private(set) var scopes: ScopeTable
  private(set) var keys: [Key] = []
  private(set) var signatures: [Stacking] = []
  private(set) var groups: [Label: Int] = [:]
  private(set) var allowances: [Allowance] = []
  private var numbers: [Key: Int] = [:]
  /// What was found for the terms that a campaign was last seen with.
  private var seen: [CampaignID: (terms: CampaignTerms, number: Int)] = [:]
  private var signatureNumbers: [Stacking: Int] = [:]
  private var campaigns: [CampaignID: Int] = [:]

  init(_ cart: Cart, _ allowances: [CampaignID: Allowance]) {
    scopes = ScopeTable(cart)
    given = allowances
  }

  /// The number of a coupon's class; a new class has the next number.
  mutating func number(of coupon: PricedCoupon) -> Int {
    if let last = seen[coupon.campaign], last.terms == coupon.terms { return last.number }
    let number = newNumber(of: coupon)
    seen[coupon.campaign] = (coupon.terms, number)
    return number
  }

  private mutating func newNumber(of coupon: PricedCoupon) -> Int {
    let key = Key(
      benefit: coupon.terms.benefit, scope: scopes.number(of: coupon.terms.scope),
      minimumSpend: coupon.terms.minimumSpend,
      signature: signature(of: coupon.terms.stacking), campaign: campaign(of: coupon))
    if let number = numbers[key] { return number }
    numbers[key] = keys.count
    keys.append(key)
    return keys.count - 1
  }

  private mutating func signature(of stacking: Stacking?) -> Int {
    guard let stacking else { return -1 }
    if let number = signatureNumbers[stacking] { return number }
    signatureNumbers[stacking] = signatures.count
    signatures.append(stacking)
    if groups[stacking.ownClass] == nil { groups[stacking.ownClass] = groups.count }
    return signatures.count - 1
  }

  private mutating func campaign(of coupon: PricedCoupon) -> Int {
    guard let allowance = given[coupon.campaign] else { return -1 }
    if let number = campaigns[coupon.campaign] { return number }
    campaigns[coupon.campaign] = allowances.count
    allowances.append(allowance)
    return allowances.count - 1
  }
}
