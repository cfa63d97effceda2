// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Change {
  /// Whom it is about, where it tells of an alert.
  package var alertSubject: WatchedSubject? {
    switch self {
    case .alertRaised(let raise): raise.subject
    case .alertCounted(let count): count.subject
    case .alertUpdated(let update): update.subject
    default: nil
    }
  }

  /// Whether there is somebody it is about: as `alertSubject`, without a copy of that.
  var isOfAlert: Bool {
    switch self {
    case .alertRaised, .alertCounted, .alertUpdated: true
    default: false
    }
  }
}

extension Change {
  /// An alert, raised by the entry that holds it: an event of the outbox.
  package struct AlertRaise: Hashable, Sendable {
    /// Its number among the events of the outbox: 1, 2, 3 …, without gaps.
    package let sequence: Int64
    /// The id of the rule, as the program names it.
    package let rule: String
    package let cause: AlertCause
    package let subject: WatchedSubject
    package let severity: AlertSeverity
    package let action: AlertAction
    /// Where the window began, the instant itself excluded; nil for a rule without one.
    package let windowStart: Instant?
    /// What was measured, the entry itself included; by cause entries, minor units or minutes.
    package let observed: Int64
    package let threshold: Int64
    /// The newest entries that it rests on, ascending, at most ten.
    package let evidence: [EntryID]
    /// Until then, itself excluded, further hits are counted and raise no alert of their own.
    package let suppressedUntil: Instant

    package init(
      sequence: Int64, rule: String, cause: AlertCause, subject: WatchedSubject,
      severity: AlertSeverity, action: AlertAction, windowStart: Instant?, observed: Int64,
      threshold: Int64, evidence: [EntryID], suppressedUntil: Instant
    ) {
      self.sequence = sequence
      self.rule = rule
      self.cause = cause
      self.subject = subject
      self.severity = severity
      self.action = action
      self.windowStart = windowStart
      self.observed = observed
      self.threshold = threshold
      self.evidence = evidence
      self.suppressedUntil = suppressedUntil
    }
  }

  /// A further hit while an alert is live: counted, and not an event.
  package struct AlertCount: Hashable, Sendable {
    /// The number of the event that raised the alert.
    package let alert: Int64
    package let subject: WatchedSubject
    /// How many hits it has now, the first included.
    package let count: Int64
    package let observed: Int64

    package init(alert: Int64, subject: WatchedSubject, count: Int64, observed: Int64) {
      self.alert = alert
      self.subject = subject
      self.count = count
      self.observed = observed
    }
  }

  /// News of a live alert, or its last news when it ends: an event of the outbox.
  package struct AlertUpdate: Hashable, Sendable {
    package let sequence: Int64
    /// The number of the event that raised the alert.
    package let alert: Int64
    package let id: AlertID
    /// 1, 2, 3 … for one alert.
    package let number: Int64
    package let subject: WatchedSubject
    package let count: Int64
    package let observed: Int64
    /// The newest entry that hit.
    package let newest: EntryID
    package let at: Instant
    /// The alert has ended: `at` is its end.
    package let isFinal: Bool

    package init(
      sequence: Int64, alert: Int64, id: AlertID, number: Int64, subject: WatchedSubject,
      count: Int64,
      observed: Int64, newest: EntryID, at: Instant, isFinal: Bool
    ) {
      self.sequence = sequence
      self.alert = alert
      self.id = id
      self.number = number
      self.subject = subject
      self.count = count
      self.observed = observed
      self.newest = newest
      self.at = at
      self.isFinal = isFinal
    }
  }

  /// What was attempted and declined by a rule.
  package struct DeclinedAttempt: Hashable, Sendable {
    package let kind: EntryKind
    /// The account it concerned; one that was to be opened does not exist.
    package let account: AccountID?

    package init(kind: EntryKind, account: AccountID?) {
      self.kind = kind
      self.account = account
    }
  }

  /// Somebody has looked at an alert.
  package struct AlertAcknowledgement: Hashable, Sendable {
    /// The number of the event that raised it.
    package let alert: Int64
    package let id: AlertID
    package let disposition: AlertDisposition
    package let note: String?

    package init(alert: Int64, id: AlertID, disposition: AlertDisposition, note: String?) {
      self.alert = alert
      self.id = id
      self.disposition = disposition
      self.note = note
    }
  }

  /// Bad payloads at a scanner, counted in memory until they reached a rule's threshold.
  package struct CodeFailures: Hashable, Sendable {
    package let subject: WatchedSubject
    /// The window they were counted in.
    package let windowSeconds: Int64
    /// How many there were in the window.
    package let observed: Int64
    /// How many hits of the rule this entry stands for.
    package let hits: Int64

    package init(subject: WatchedSubject, windowSeconds: Int64, observed: Int64, hits: Int64) {
      self.subject = subject
      self.windowSeconds = windowSeconds
      self.observed = observed
      self.hits = hits
    }
  }
}
