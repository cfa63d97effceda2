// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A class that can be taken at a node of the search.
struct Candidate {
  let number: Int
  /// Its first coupon that is not behind, and how many of them there are.
  let place: Int
  let count: Int
  /// What it takes off now; 0 when it would be refused now but perhaps not later.
  let discount: Int64
  /// The most it can take off now or later.
  let ceiling: Int64
  /// The number of its group; -1 for a class that never combines.
  let group: Int
  /// How many of its group may still be taken when it is among them.
  let groupRoom: Int
  /// How many of itself may be taken as far as its group, its own class and its coupons allow.
  let room: Int
}

extension SearchPath {
  /// Those of some classes that can be taken next or later, from a place on.
  ///
  /// - Parameter numbers: all go together with all of the path but perhaps its last.
  func candidates(_ numbers: [Int], from place: Int) -> [Candidate] {
    numbers.compactMap { number in
      let own = table.classes[number]
      if let last = word.last, !table.goTogether(last, number) { return nil }
      guard let first = own.member(from: place) else { return nil }
      let groupRoom = room(of: own)
      let ceiling = groupRoom > 0 ? ceiling(of: own) : 0
      guard ceiling > 0 else { return nil }
      let count = own.count(from: first)
      return Candidate(
        number: number, place: first, count: count, discount: discount(of: own),
        ceiling: ceiling, group: own.group, groupRoom: groupRoom,
        room: min(groupRoom, table.goTogether(number, number) ? count : 1))
    }
  }
}

/// Candidates by what they are worth, and what so many of them are worth at most.
///
/// At most so many of a group count as the candidate at hand allows its group, which no permitted
/// set exceeds (spec/coupons.md, Groups).
struct Ranking {
  /// What each candidate is worth.
  let values: [Int64]
  /// The indices of candidates, the most worth first.
  let order: [Int]
  /// For each number of coupons the most that so many are worth together.
  private(set) var sums: [Int64] = [0]
  /// The indices of the candidates that make the last sum, one repeated as often as it counts.
  private(set) var chosen: [Int] = []

  init(_ candidates: [Candidate], slots: Int, worth: (Candidate) -> Int64) {
    let values = candidates.map(worth)
    self.values = values
    order = candidates.indices.sorted {
      values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1]
    }
    var used = GroupCounts(candidates)
    var sum: Int64 = 0
    for index in order where chosen.count < slots {
      let candidate = candidates[index]
      let take = used.take(candidate, atMost: slots - chosen.count)
      for _ in 0..<take {
        sum += values[index]
        sums.append(sum)
        chosen.append(index)
      }
    }
    while sums.count <= slots { sums.append(sum) }
  }

  /// The most that so many coupons are worth that go with `first` and come after it.
  func sum(
    _ slots: Int, after first: Candidate, of candidates: [Candidate], in table: SearchTable
  ) -> Int64 {
    guard slots > 0 else { return 0 }
    var used = GroupCounts(candidates)
    used.add(first)
    var (sum, open) = (Int64(0), slots)
    for index in order where open > 0 {
      let candidate = candidates[index]
      guard table.goTogether(first.number, candidate.number) else { continue }
      let behind =
        candidate.place > first.place
        ? candidate.count : table.classes[candidate.number].count(from: first.place + 1)
      let take = used.take(candidate, atMost: min(behind, open))
      sum += values[index] * Int64(take)
      open -= take
    }
    return sum
  }
}

extension Ranking {
  /// Classes that go together, found by taking the most worth first; one is repeated as often as
  /// it is taken.
  func friends(_ candidates: [Candidate], slots: Int, in table: SearchTable) -> [Int] {
    var used = GroupCounts(candidates)
    var numbers: [Int] = []
    for index in order where numbers.count < slots {
      let candidate = candidates[index]
      guard numbers.allSatisfy({ table.goTogether($0, candidate.number) }) else { continue }
      let take = used.take(candidate, atMost: slots - numbers.count)
      numbers += Array(repeating: candidate.number, count: take)
    }
    return numbers
  }
}

/// How many of each group were counted.
private struct GroupCounts {
  private var used: [Int]

  init(_ candidates: [Candidate]) {
    let most = candidates.reduce(-1) { max($0, $1.group) }
    used = Array(repeating: 0, count: most + 1)
  }

  mutating func add(_ candidate: Candidate) {
    if candidate.group >= 0 { used[candidate.group] += 1 }
  }

  /// Counts as many of the candidate as may be counted, and says how many.
  mutating func take(_ candidate: Candidate, atMost most: Int) -> Int {
    guard candidate.group >= 0 else { return min(candidate.room, most) }
    let take = max(0, min(candidate.room, candidate.groupRoom - used[candidate.group], most))
    used[candidate.group] += take
    return take
  }
}

/// For each number of further coupons a bound of what they can take off together.
struct Reach {
  /// Ascending; the first, for no coupon, is 0.
  private var bounds: [Int64]

  init(most: Int64, slots: Int) {
    bounds = [0] + Array(repeating: most, count: slots)
  }

  /// What as many coupons as there is room for can take off.
  var most: Int64 { bounds[bounds.count - 1] }

  mutating func lower(to others: [Int64], plus base: Int64 = 0) {
    for slot in bounds.indices.dropFirst() {
      bounds[slot] = min(bounds[slot], others[slot] + base)
    }
  }

  /// The least number of coupons that can take off so much; nil for none.
  func slots(for need: Int64) -> Int? { bounds.firstIndex { $0 >= need } }
}
