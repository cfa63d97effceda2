// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import JSON
import LedgerCore

/// The rules that watch what happens (contract §7).
extension LocatedValue {
  /// How many rules a program may hold.
  private static let ruleLimit = 100

  func anomalyRules() throws(ProgramProblem) -> [Rule] {
    var rules: [Rule] = []
    for item in try list(atMost: Self.ruleLimit) {
      let fields = try Fields(
        item,
        allowing: [
          "id", "kind", "subject", "on", "severity", "action", "suppress_seconds", "enabled", "min",
          "window_seconds", "from", "to", "weekdays", "within_seconds", "basis_points",
          "factor_basis_points", "min_history",
        ])
      let rule = try fields.anomalyRule()
      guard !rules.contains(where: { $0.bits == rule.bits }) else {
        throw ProgramProblem(fields.place.appending("id"), "must differ from the rules before it")
      }
      rules.append(rule)
    }
    return rules
  }
}

extension Fields {
  private enum Kind: String, CaseIterable {
    case amount
    case count
    case sum
    case timeOfDay = "time_of_day"
    case pinFailures = "pin_failures"
    case distinctTerminals = "distinct_terminals"
    case drain
    case deviation
    case codeFailures = "code_failures"

    /// The members that belong to rules of this kind, beside those of every rule.
    var members: [StaticString] {
      switch self {
      case .amount: ["min"]
      case .count, .sum, .pinFailures, .distinctTerminals, .codeFailures: ["window_seconds", "min"]
      case .timeOfDay: ["from", "to", "weekdays"]
      case .drain: ["within_seconds", "basis_points", "min"]
      case .deviation: ["factor_basis_points", "min_history"]
      }
    }
  }

  fileprivate func anomalyRule() throws(ProgramProblem) -> Rule {
    let id = try required("id").text(1...64, of: .printableASCII)
    let kind: Kind = try required("kind").choice()
    let own: [StaticString] = [
      "min", "window_seconds", "from", "to", "weekdays", "within_seconds", "basis_points",
      "factor_basis_points", "min_history",
    ]
    for name in own {
      let belongs = kind.members.contains { $0.description == name.description }
      if let value = self[name], !belongs {
        throw value.problem("has no meaning in a rule of kind \"\(kind.rawValue)\"")
      }
    }
    let subject = try self["subject"]?.subject() ?? .account
    let rule = Rule(
      id: id, test: try test(kind), subject: subject, kinds: try kinds(kind, of: subject),
      severity: try self["severity"]?.severity() ?? .medium,
      action: try self["action"]?.action() ?? .alert,
      suppressSeconds: try self["suppress_seconds"]?.integer(in: 0...31_536_000) ?? 0,
      isEnabled: try self["enabled"]?.bool() ?? true)
    try checkAction(of: rule)
    return rule
  }

  private func test(_ kind: Kind) throws(ProgramProblem) -> Rule.Test {
    switch kind {
    case .amount: return .amount(min: try required("min").amount())
    case .count: return .count(window: try window(), min: try least())
    case .sum: return .sum(window: try window(), min: try required("min").amount())
    case .timeOfDay: return .timeOfDay(try span())
    case .pinFailures: return .pinFailures(window: try window(), min: try least())
    case .distinctTerminals:
      let min = try required("min").integer(in: 2...Int64(TerminalSet.limit))
      return .distinctTerminals(window: try window(), min: min)
    case .drain:
      return .drain(
        within: try required("within_seconds").integer(in: 1...31_536_000),
        rate: try required("basis_points").basisPoints(in: 1...10_000),
        min: try self["min"]?.amount() ?? Amount(1))
    case .deviation:
      return .deviation(
        factor: try required("factor_basis_points").basisPoints(in: 1...1_000_000),
        minHistory: try required("min_history").integer(in: 1...1_000_000))
    case .codeFailures: return .codeFailures(window: try window(), min: try least())
    }
  }

  private func window() throws(ProgramProblem) -> Int64 {
    try required("window_seconds").integer(in: 1...31_536_000)
  }

  private func least() throws(ProgramProblem) -> Int64 {
    try required("min").integer(in: 1...1_000_000)
  }

  private func span() throws(ProgramProblem) -> DailySpan {
    let from = try required("from").minutesOfDay()
    let to = try required("to").minutesOfDay()
    guard from < 1440 else { throw try required("from").problem("must be before 24:00") }
    guard from != to else { throw try required("to").problem("must differ from from") }
    let weekdays =
      try self["weekdays"]?.distinct(atMost: 7) {
        item throws(ProgramProblem) in Int(try item.integer(in: 1...7))
      } ?? []
    // A span that ends at 00:00 ends with its day.
    return DailySpan(from: from, to: to == 0 ? 1440 : to, weekdays: weekdays.sorted())
  }

  /// The kinds of entries a rule looks at.
  private func kinds(_ kind: Kind, of subject: SubjectKind) throws(ProgramProblem) -> [EntryKind] {
    let isFixed = kind == .pinFailures || kind == .codeFailures
    var kinds =
      try self["on"]?.distinct(atMost: 64) { item throws(ProgramProblem) in
        try item.watchedKind(kind.rawValue, of: subject)
      } ?? []
    if isFixed {
      if let on = self["on"], !kinds.isEmpty { throw on.problem("must be empty for this kind") }
      kinds = kind == .pinFailures ? [.pinFailed] : []
    } else if kind == .drain {
      if kinds.isEmpty { kinds = [.debit, .capture, .checkout] }
    } else if kinds.isEmpty {
      throw ProgramProblem(place.appending("on"), "must name at least one kind of entry")
    }
    if kind == .codeFailures, subject == .account {
      throw ProgramProblem(
        place.appending("subject"), "never reached: a bad payload belongs to no account")
    }
    if kind == .distinctTerminals, subject == .terminal {
      throw ProgramProblem(
        place.appending("subject"), "never reached: a terminal is only at itself")
    }
    return kinds
  }

  /// Only what a till asks for and waits for can be declined.
  private func checkAction(of rule: Rule) throws(ProgramProblem) {
    guard rule.action != .alert else { return }
    let place = place.appending("action")
    if rule.test.cause == .codeFailures {
      throw ProgramProblem(place, "a bad payload is refused anyway: only \"alert\" is possible")
    }
    if rule.test.cause == .pinFailures {
      guard rule.action == .freeze else {
        throw ProgramProblem(place, "a wrong PIN is refused anyway: \"alert\" or \"freeze\"")
      }
      return
    }
    if let kind = rule.kinds.first(where: { !$0.canBeDeclined }) {
      throw ProgramProblem(place, "an entry of kind \(kind.name) cannot be declined")
    }
  }
}

extension EntryKind {
  /// Whether a rule may decline what makes such entries.
  package var canBeDeclined: Bool {
    switch self {
    case .topUp, .debit, .authorize, .refund, .reverse, .couponRedeem, .checkout: true
    default: false
    }
  }

  /// Whether its entries concern no account.
  fileprivate var hasNoAccount: Bool {
    switch self {
    case .programSet, .keyBlocked, .campaignCreate, .campaignPause, .campaignResume,
      .couponReserve, .couponRelease, .couponUnredeem, .couponVoid:
      true
    default: false
    }
  }

  /// Whether its entries never have an amount.
  fileprivate var hasNoAmount: Bool {
    switch self {
    case .open, .freeze, .unfreeze, .reportLost, .replaceCard, .pinSet, .pinChange, .pinReset,
      .pinVerify, .pinFailed, .pinAccepted, .programSet, .keyBlocked, .campaignCreate,
      .campaignPause, .campaignResume, .couponIssue, .couponReserve, .couponRelease, .couponVoid:
      true
    default: false
    }
  }

  /// Whether a rule may look at it.
  fileprivate var canBeWatched: Bool {
    switch self {
    case .expire, .declined, .alertsEnded, .codeFailures, .alertAck, .pinAccepted: false
    default: true
    }
  }
}

extension LocatedValue {
  fileprivate func watchedKind(
    _ rule: String, of subject: SubjectKind
  ) throws(ProgramProblem) -> EntryKind {
    guard let name = value.string, let kind = EntryKind(name: name), kind.canBeWatched else {
      let names = EntryKind.allCases.filter(\.canBeWatched).map(\.name)
      throw problem("must be one of " + names.joined(separator: ", "))
    }
    if subject == .account, kind.hasNoAccount {
      throw problem("never reached: such an entry concerns no account")
    }
    if ["amount", "sum", "deviation"].contains(rule), kind.hasNoAmount {
      throw problem("never reached: such an entry has no amount")
    }
    if rule == "drain", kind != .debit, kind != .capture, kind != .checkout {
      throw problem("must be \"debit\", \"capture\" or \"checkout\": only those spend")
    }
    return kind
  }

  /// `HH:MM`, 00:00 … 24:00, as minutes.
  fileprivate func minutesOfDay() throws(ProgramProblem) -> Int {
    let bytes = Array((value.string ?? "").utf8)
    let digits = bytes.count == 5 ? [0, 1, 3, 4].map { Int(bytes[$0]) - 0x30 } : []
    guard digits.count == 4, digits.allSatisfy({ (0...9).contains($0) }),
      bytes[2] == UInt8(ascii: ":"), digits[2] < 6
    else { throw problem("must be a time of day as HH:MM") }
    let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
    guard minutes <= 1440 else { throw problem("must be a time of day from 00:00 to 24:00") }
    return minutes
  }

  fileprivate func subject() throws(ProgramProblem) -> SubjectKind {
    try named(SubjectKind.allCases.map { ($0.name, $0) })
  }

  fileprivate func severity() throws(ProgramProblem) -> AlertSeverity {
    try named(AlertSeverity.allCases.map { ($0.name, $0) })
  }

  fileprivate func action() throws(ProgramProblem) -> AlertAction {
    try named(AlertAction.allCases.map { ($0.name, $0) })
  }

  private func named<Choice>(_ choices: [(String, Choice)]) throws(ProgramProblem) -> Choice {
    guard let choice = choices.first(where: { value.isString($0.0) }) else {
      throw problem("must be " + choices.map { "\"\($0.0)\"" }.joined(separator: " or "))
    }
    return choice.1
  }
}
