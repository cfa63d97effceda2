// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Whom a rule of the program watches.
///
/// Raw values stand in the journal and are never reused.
package enum SubjectKind: UInt8, Sendable, CaseIterable {
  case account = 1
  case terminal = 2
  case `operator` = 3
  case store = 4

  package var name: String {
    switch self {
    case .account: "account"
    case .terminal: "terminal"
    case .operator: "operator"
    case .store: "store"
    }
  }
}

/// One of those a rule watches: what an alert is about.
package enum WatchedSubject: Hashable, Sendable {
  case account(AccountID)
  case terminal(String)
  case `operator`(String)
  case store(String)

  package var kind: SubjectKind {
    switch self {
    case .account: .account
    case .terminal: .terminal
    case .operator: .operator
    case .store: .store
    }
  }

  /// Names are the same by their bytes, as they are in the store.
  ///
  /// Two spellings that only look alike are two.
  package static func == (left: WatchedSubject, right: WatchedSubject) -> Bool {
    switch (left, right) {
    case (.account(let id), .account(let other)): id == other
    case (.terminal(let name), .terminal(let other)), (.operator(let name), .operator(let other)),
      (.store(let name), .store(let other)):
      name.utf8.elementsEqual(other.utf8)
    default: false
    }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    switch self {
    case .account(let id): hasher.combine(id)
    case .terminal(var name), .operator(var name), .store(var name):
      name.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  /// The id of the account, or the name that requests give the terminal, operator or store.
  package var text: String {
    switch self {
    case .account(let id): id.text
    case .terminal(let name), .operator(let name), .store(let name): name
    }
  }
}

/// How much an alert matters.
///
/// Raw values stand in the journal and are never reused.
package enum AlertSeverity: UInt8, Comparable, Sendable, CaseIterable {
  case low = 1
  case medium = 2
  case high = 3
  case critical = 4

  package var name: String {
    switch self {
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .critical: "critical"
    }
  }

  package static func < (left: AlertSeverity, right: AlertSeverity) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What a rule does beside raising its alert.
///
/// Raw values stand in the journal and are never reused.
package enum AlertAction: UInt8, Sendable, CaseIterable {
  case alert = 1
  /// Refuses what was attempted.
  case decline = 2
  /// Refuses what was attempted and freezes the card.
  case freeze = 3

  package var name: String {
    switch self {
    case .alert: "alert"
    case .decline: "decline"
    case .freeze: "freeze"
    }
  }
}

/// By what measure a rule judges.
///
/// Raw values stand in the journal and are never reused.
package enum AlertCause: UInt8, Sendable, CaseIterable {
  case amount = 1
  case count = 2
  case sum = 3
  case timeOfDay = 4
  case pinFailures = 5
  case distinctTerminals = 6
  case drain = 7
  case deviation = 8
  case codeFailures = 9

  /// The name of the rule's kind in the contract.
  package var name: String {
    switch self {
    case .amount: "amount"
    case .count: "count"
    case .sum: "sum"
    case .timeOfDay: "time_of_day"
    case .pinFailures: "pin_failures"
    case .distinctTerminals: "distinct_terminals"
    case .drain: "drain"
    case .deviation: "deviation"
    case .codeFailures: "code_failures"
    }
  }
}

/// What became of an alert, as somebody found who looked.
///
/// Raw values stand in the journal and are never reused.
package enum AlertDisposition: UInt8, Sendable, CaseIterable {
  case truePositive = 1
  case falsePositive = 2
  case test = 3

  package var name: String {
    switch self {
    case .truePositive: "true_positive"
    case .falsePositive: "false_positive"
    case .test: "test"
    }
  }
}

/// An alert's name: where in the journal it was raised, and by which rule.
///
/// `alr_…`; the same whenever the same rule is replayed over the same journal.
package struct AlertID: Hashable, Sendable {
  package let entry: EntryID
  /// 30 bits of a hash of the rule's id; no two rules of one program share them.
  package let rule: UInt32

  package init(entry: EntryID, rule: UInt32) {
    self.entry = entry
    self.rule = rule & AlertID.ruleMask
  }

  private static let ruleMask: UInt32 = (1 << 30) - 1

  /// The bits of a rule's id; FNV-1a, finished by a mixing step.
  package static func bits(ofRule id: String) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
    return UInt32(truncatingIfNeeded: hash ^ hash >> 31) & ruleMask
  }

  /// `alr_`, twelve Base32 digits of the entry and six of the rule.
  package var text: String {
    "alr_" + Crockford.encode(UInt64(entry.sequence), digits: 12)
      + Crockford.encode(UInt64(rule), digits: 6)
  }

  package init?(text: String) {
    let bytes = text.utf8
    guard bytes.count == 22, text.hasPrefix("alr_"),
      let entry = Crockford.decode(text.dropFirst(4).prefix(12)), entry > 0, entry < 1 << 60,
      let rule = Crockford.decode(text.dropFirst(16))
    else { return nil }
    self.init(entry: EntryID(Int64(entry)), rule: UInt32(rule))
  }
}
