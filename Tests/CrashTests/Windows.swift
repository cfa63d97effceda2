// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Something that was refused or read, and when that can have been.
struct Question {
  enum Asked {
    case refused(Request, Refused)
    case standing(Standing)
    case books(Books)
  }

  let card: String
  let asked: Asked
  /// Numbers of entries: it was decided after one of these, and before the next.
  let window: ClosedRange<Int64>
  let name: String

  /// Whether it is the answer to an attempt that was counted.
  var tellsWrongPIN: Bool {
    if case .refused(_, let refusal) = asked { refusal.code == "pin_incorrect" } else { false }
  }
}

/// When an attempt can have been decided, told from what its till and others saw.
///
/// After every entry that was acknowledged before it was sent, and before every entry of what was
/// sent only after it was answered. Inside one process after what was sent to it before and before
/// what was sent to it later, because it serves in the order it reads; where it may have shared
/// with others, only what was about the same card (decision 0063).
struct Windows {
  fileprivate struct Mark {
    let moment: Int
    let seq: Int64
  }

  private let history: History
  private let end: Int64
  /// By moment of acknowledgement; each with the greatest number so far.
  private var acknowledged: [Mark] = []
  /// By moment of first sending; each with the smallest number from there on.
  private var sent: [Mark] = []
  private var lower: [Int64]
  private var upper: [Int64]

  init(history: History, journal: [ListedEntry], places: [Int: Int]) {
    self.history = history
    end = Int64(journal.count)
    lower = Array(repeating: 0, count: history.attempts.count)
    upper = Array(repeating: end, count: history.attempts.count)
    var firstSent: [Int: Int] = [:]
    for attempt in history.attempts {
      firstSent[attempt.operation] = min(firstSent[attempt.operation] ?? .max, attempt.sentAt)
      guard case .done? = attempt.outcome, let place = places[attempt.operation],
        let moment = attempt.answeredAt
      else { continue }
      acknowledged.append(Mark(moment: moment, seq: journal[place].seq))
    }
    acknowledged.sort { $0.moment < $1.moment }
    var greatest: Int64 = 0
    acknowledged = acknowledged.map { mark in
      greatest = max(greatest, mark.seq)
      return Mark(moment: mark.moment, seq: greatest)
    }
    sent = places.compactMap { operation, place in
      firstSent[operation].map {
        Mark(moment: $0, seq: Windows.first(of: history.operations[operation], journal[place]))
      }
    }
    sent.sort { $0.moment < $1.moment }
    var smallest = end + 1
    sent = sent.reversed().map { mark in
      smallest = min(smallest, mark.seq)
      return Mark(moment: mark.moment, seq: smallest)
    }.reversed()
    narrowInsideProcesses(journal, places)
  }

  /// The first entry of an operation: an opening with a top-up makes two.
  private static func first(of operation: Operation, _ entry: ListedEntry) -> Int64 {
    if case .open(_, .some) = operation.request { return entry.seq - 1 }
    return entry.seq
  }

  /// A process, or what it was asked about one card, whatever order that keeps.
  private struct Line: Hashable {
    let life: Int
    let card: String
  }

  private func line(of attempt: History.Attempt) -> Line {
    let card = history.hasOrderByCard ? history.operation(of: attempt).card : ""
    return Line(life: attempt.life, card: card)
  }

  private mutating func narrowInsideProcesses(_ journal: [ListedEntry], _ places: [Int: Int]) {
    var last: [Line: Int64] = [:]
    for (index, attempt) in history.attempts.enumerated() {
      let line = line(of: attempt)
      lower[index] = last[line] ?? 0
      guard case .done(let done)? = attempt.outcome, !done.isReplayed,
        let place = places[attempt.operation]
      else { continue }
      last[line] = max(lower[index], journal[place].seq)
    }
    var next: [Line: Int64] = [:]
    for (index, attempt) in history.attempts.enumerated().reversed() {
      let line = line(of: attempt)
      upper[index] = (next[line] ?? end + 1) - 1
      guard let place = places[attempt.operation] else { continue }
      switch attempt.outcome {
      case .done(let done)? where !done.isReplayed:
        let first = Windows.first(of: history.operations[attempt.operation], journal[place])
        next[line] = min(upper[index] + 1, first)
      case .refused?: upper[index] = min(upper[index], journal[place].seq - 1)
      default: break
      }
    }
  }

  func window(of index: Int) -> ClosedRange<Int64> {
    let attempt = history.attempts[index]
    // The last acknowledged before it was sent, and the first sent after it was answered.
    let before = acknowledged.partition { $0.moment > attempt.sentAt }
    let after = sent.partition { $0.moment > attempt.answeredAt ?? .max }
    let low = max(lower[index], before > 0 ? acknowledged[before - 1].seq : 0)
    let high = min(upper[index], after < sent.count ? sent[after].seq - 1 : end)
    // An impossible window is shown as one that nothing fits but its own end.
    return low...max(low, high)
  }
}

extension [Windows.Mark] {
  /// The first place from which on all are so; they are sorted.
  fileprivate func partition(_ isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
