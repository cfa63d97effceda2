// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore

/// The rules in force, laid out so that an entry meets only those that look at its kind.
package final class Detector: Sendable {
  /// What looks at entries of one kind, for one kind of subject.
  // An object, so that whoever looks at one copies a reference and no more.
  final class Group: Sendable {
    let subject: SubjectKind
    /// In the program's order.
    let rules: [PlacedRule]
    let series: [PlacedSeries]

    init(subject: SubjectKind, rules: [PlacedRule], series: [PlacedSeries]) {
      self.subject = subject
      self.rules = rules
      self.series = series
    }

    func adding(rules more: [PlacedRule] = [], series: [PlacedSeries] = []) -> Group {
      Group(subject: subject, rules: rules + more, series: self.series + series)
    }
  }

  // Plain bits, these two: every debit goes over them.
  struct PlacedRule {
    /// Its place in the program.
    let place: Int
    let test: Rule.Test
    let bits: UInt32
    /// The series it judges by.
    let series: Int64?

    init(place: Int, rule: Rule, series: Int64?) {
      self.place = place
      test = rule.test
      bits = rule.bits
      self.series = series
    }
  }

  struct PlacedSeries {
    let number: Int64
    let shape: SeriesDefinition.Shape
  }

  /// Groups by raw value of the kind.
  private let plans: [[Group]]
  package let rules: [Rule]
  /// The series in force, in the order of the rules that brought them in.
  package let standing: [SeriesStanding]
  let numbers: [Int64]
  /// Those that `setBy` brought in.
  package let news: [(number: Int64, definition: SeriesDefinition)]
  /// The entry that set the rules.
  package let setBy: EntryID

  /// Nothing is watched.
  package static let idle = Detector([], after: [], setBy: .none)

  /// Lays out the rules; series that `standing` holds go on under their numbers.
  package init(_ rules: [Rule], after standing: [SeriesStanding], setBy: EntryID) {
    var plans = [[Group]](repeating: [], count: 256)
    var now: [SeriesStanding] = []
    var news: [(number: Int64, definition: SeriesDefinition)] = []
    for (place, rule) in rules.enumerated() where rule.isEnabled {
      var series: Int64?
      if let definition = SeriesDefinition(rule) {
        let bytes = definition.bytes
        var isNew = false
        let number: Int64
        if let known = now.first(where: { $0.definition == bytes }) {
          number = known.number
        } else {
          if let known = standing.first(where: { $0.definition == bytes }) {
            number = known.number
          } else {
            number = setBy.sequence << 8 | Int64(news.count)
            news.append((number, definition))
          }
          now.append(SeriesStanding(definition: bytes, number: number))
          isNew = true
        }
        if isNew {
          let placed = PlacedSeries(number: number, shape: definition.shape)
          for kind in Set(definition.countedKinds) {
            Self.add(series: [placed], for: definition.subject, kind, to: &plans)
          }
        }
        series = number
      }
      let placed = PlacedRule(place: place, rule: rule, series: series)
      let kinds = rule.test.cause == .codeFailures ? [.codeFailures] : rule.kinds
      for kind in kinds { Self.add(rules: [placed], for: rule.subject, kind, to: &plans) }
    }
    self.plans = plans
    self.rules = rules
    self.standing = now
    numbers = now.map(\.number)
    self.news = news
    self.setBy = setBy
  }

  private static func add(
    rules: [PlacedRule] = [], series: [PlacedSeries] = [], for subject: SubjectKind,
    _ kind: EntryKind, to plans: inout [[Group]]
  ) {
    let row = Int(kind.rawValue)
    if let index = plans[row].firstIndex(where: { $0.subject == subject }) {
      plans[row][index] = plans[row][index].adding(rules: rules, series: series)
    } else {
      plans[row].append(Group(subject: subject, rules: rules, series: series))
    }
  }

  func groups(_ kind: EntryKind) -> [Group] { plans[Int(kind.rawValue)] }

  /// Whether nothing at all is watched.
  package var isIdle: Bool { rules.isEmpty }

  /// Whether any rule or series looks at entries of this kind.
  package func watches(_ kind: EntryKind) -> Bool { !plans[Int(kind.rawValue)].isEmpty }
}
