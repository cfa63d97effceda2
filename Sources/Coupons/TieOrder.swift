// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// Which of two sets of coupons of equal price and number is preferred: the one whose expiries,
/// from the earliest on, are earlier; then the one whose ids, in order, are smaller
/// (contract §9, Coupon arithmetic).
struct TieOrder {
  /// For each place the rank of its expiry, and of its id, among all.
  private let expiryRanks: [Int]
  private let idRanks: [Int]

  init(_ coupons: [PricedCoupon]) {
    let ends = coupons.map { $0.expiresAt?.milliseconds ?? .max }
    let distinct = Array(Set(ends)).sorted()
    let ranks = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
    expiryRanks = ends.map { ranks[$0] ?? 0 }
    var byID = Array(repeating: 0, count: coupons.count)
    let order = coupons.indices.sorted { coupons[$0].id < coupons[$1].id }
    for (rank, place) in order.enumerated() { byID[place] = rank }
    idRanks = byID
  }

  /// What a set is compared by: ranks in ascending order.
  struct Key: Comparable {
    fileprivate var expiries: [Int] = []
    fileprivate var ids: [Int] = []

    static func < (left: Key, right: Key) -> Bool {
      left.expiries == right.expiries
        ? left.ids.lexicographicallyPrecedes(right.ids)
        : left.expiries.lexicographicallyPrecedes(right.expiries)
    }
  }

  /// The key of a set with one coupon more.
  private func key(_ key: Key, adding place: Int) -> Key {
    var result = key
    result.expiries.insert(expiryRanks[place], at: key.expiries.place(of: expiryRanks[place]))
    result.ids.insert(idRanks[place], at: key.ids.place(of: idRanks[place]))
    return result
  }

  /// The preferred set of coupons that spell a word of classes in the order of application.
  ///
  /// The order of sets does not change when both get the same coupon, so that the best set for a
  /// word ends in the best set for the word without its last letter. Traps for a word that the
  /// coupons do not spell.
  func bestSpelling(of word: [Int], in table: SearchTable) -> Spelling {
    var best = [Spelling?](repeating: nil, count: word.count + 1)
    best[0] = Spelling()
    for (place, number) in table.classOf.enumerated() {
      for letter in word.indices.reversed() where word[letter] == number {
        guard let before = best[letter] else { continue }
        let key = key(before.key, adding: place)
        if let known = best[letter + 1], known.key <= key { continue }
        best[letter + 1] = Spelling(places: before.places + [place], key: key)
      }
    }
    guard let spelling = best[word.count] else {
      preconditionFailure("a word is made of coupons that are there")
    }
    return spelling
  }

  /// A set of coupons that spells a word.
  struct Spelling {
    /// Ascending.
    fileprivate(set) var places: [Int] = []
    fileprivate(set) var key = Key()
  }

  /// Whether no set of `count` coupons that holds the letters of `word` can be preferred to `key`.
  ///
  /// - Parameter others: the classes that the rest of the set may come from.
  func cannotBeat(
    _ key: Key, word: [Int], others: [Int], count: Int, in table: SearchTable
  ) -> Bool {
    func least(_ ranks: [Int]) -> [Int] {
      var taken: [Int: Int] = [:]
      var chosen: [Int] = []
      for letter in word {
        let sorted = table.classes[letter].members.map { ranks[$0] }.sorted()
        chosen.append(sorted[taken[letter, default: 0]])
        taken[letter, default: 0] += 1
      }
      let rest = others.flatMap { table.classes[$0].members.map { ranks[$0] } }.sorted()
      return (chosen + rest.prefix(count - word.count)).sorted()
    }
    let expiries = least(expiryRanks)
    if expiries != key.expiries { return key.expiries.lexicographicallyPrecedes(expiries) }
    return !least(idRanks).lexicographicallyPrecedes(key.ids)
  }
}

extension [Int] {
  /// Where a number belongs in ascending order.
  fileprivate func place(of number: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if self[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
