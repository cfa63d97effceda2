// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

extension Audit {
  /// What an entry of a kind is made of (spec/stored-value.md, What entries say).
  struct Form {
    /// The changes it must hold, and those it may hold besides.
    let required: ChangeSet
    let optional: ChangeSet
    /// How it refers to an earlier entry.
    let relation: Entry.Relation?
    /// The methods whose requests it answers; none for an entry that answers no request.
    let methods: [RequestMethod]
    let namesHold: Bool
    let namesTender: Bool

    private init(
      _ required: ChangeSet, or optional: ChangeSet = [], _ relation: Entry.Relation? = nil,
      by methods: RequestMethod..., namesHold: Bool = false, namesTender: Bool = false
    ) {
      self.required = required
      self.optional = optional
      self.relation = relation
      self.methods = methods
      self.namesHold = namesHold
      self.namesTender = namesTender
    }

    static func of(_ kind: EntryKind) -> Form {
      // A PIN that comes with a request may clear the count or get a newer verifier.
      let pin: ChangeSet = [.pinSet, .pinCleared]
      let end: ChangeSet = [.ended, .marked]
      return switch kind {
      case .open: Form(.opened, or: .pinSet, by: .accountOpen)
      case .topUp:
        Form(.granted, or: .issued, .opens, by: .topUpCreate, .accountOpen, namesTender: true)
      case .topUpClear:
        Form(
          [.cleared, .marked], or: [.granted, .issued], .clears, by: .topUpClear, namesTender: true)
      case .topUpBounce:
        Form([.withdrawn, .marked], .bounces, by: .topUpBounce, .entryReverse, namesTender: true)
      case .debit: Form([.taken, .day], or: pin, by: .debitCreate)
      case .authorize: Form(.placed, or: pin, by: .debitAuthorize, namesHold: true)
      case .capture:
        Form(end.union([.taken, .day]), .captures, by: .debitCapture, namesHold: true)
      case .release: Form(end, .releases, by: .debitRelease, namesHold: true)
      case .refund: Form([.returned, .marked], or: .day, .refunds, by: .debitRefund)
      case .reverse:
        Form(
          .marked, or: [.returned, .day, .withdrawn, .voided, .kept], .reverses, by: .entryReverse)
      case .close: Form([.payout, .status], or: .settled, by: .accountClose)
      case .expire: Form(.lapsed)
      case .freeze: Form(.status, by: .accountFreeze)
      case .unfreeze: Form(.status, by: .accountUnfreeze)
      case .reportLost: Form(.status, by: .accountReportLost)
      case .replaceCard: Form(.replaced, or: [.status, .pinSet], by: .accountReplaceCard)
      case .pinSet: Form(.pinSet, by: .pinSet)
      case .pinChange: Form(.pinSet, or: .pinCleared, by: .pinChange)
      case .pinReset: Form(.pinSet, by: .pinReset)
      case .pinVerify: Form([], or: pin, by: .pinVerify)
      case .pinFailed: Form([], or: [.pinFailed, .pinProbed, .status])
      case .pinAccepted: Form(.pinCleared)
      case .programSet: Form(.program, by: .programSet)
      case .keyBlocked: Form(.blocked, by: .entryReverse)
      case .declined: Form(.attempt, or: pin.union(.status))
      case .alertsEnded: Form(.alerts)
      case .codeFailures: Form(.codes)
      case .alertAck: Form(.acknowledged, by: .alertAck)
      case .campaignCreate, .campaignPause, .campaignResume, .couponIssue, .couponReserve,
        .couponRelease, .couponRedeem, .couponUnredeem, .couponVoid, .checkout, .checkoutRefund:
        ofCoupons(kind)
      }
    }

    private static func ofCoupons(_ kind: EntryKind) -> Form {
      switch kind {
      case .campaignCreate: Form(.campaignCreated, by: .campaignCreate)
      case .campaignPause: Form(.campaignPaused, by: .campaignPause)
      case .campaignResume: Form(.campaignResumed, by: .campaignResume)
      case .couponIssue: Form(.issued, by: .couponIssue)
      case .couponReserve: Form(.reserved, by: .couponReserve)
      case .couponRelease: Form(.couponReleased, by: .couponRelease)
      case .couponRedeem: Form(.redeemed, or: .checkedOut, by: .couponRedeem)
      case .couponUnredeem: Form(.unredeemed, or: .voided, .unredeems, by: .couponUnredeem)
      case .couponVoid: Form(.voided, by: .couponVoid)
      case .checkout:
        Form(
          .checkedOut, or: [.redeemed, .taken, .day, .pinSet, .pinCleared], by: .checkoutCommit)
      case .checkoutRefund:
        Form(.marked, or: [.returned, .day, .unredeemed, .voided], .refunds, by: .checkoutRefund)
      default: preconditionFailure("not a kind of coupons")
      }
    }
  }
}

extension Audit.Form {
  /// Whether an entry of this kind concerns an account; nil where some do and some do not.
  static func concernsAccount(_ kind: EntryKind) -> Bool? {
    switch kind {
    case .programSet, .keyBlocked, .campaignCreate, .campaignPause, .campaignResume,
      .couponReserve, .couponRelease, .couponUnredeem, .couponVoid, .alertsEnded, .codeFailures,
      .alertAck:
      false
    // A declined opening leaves no account.
    case .couponIssue, .couponRedeem, .checkout, .checkoutRefund, .declined: nil
    default: true
    }
  }

  /// Adds what is wrong with the make-up of an entry, whatever the amounts.
  static func check(_ entry: Entry, _ findings: Audit.Findings) {
    let form = Audit.Form.of(entry.kind)
    form.checkChanges(entry, findings)
    form.checkReferences(entry, findings)
    form.checkRequest(entry, findings)
    if let concernsAccount = concernsAccount(entry.kind),
      (entry.account != nil) != concernsAccount
    {
      findings.add(
        concernsAccount ? "it names no account" : "it names an account, which it does not concern",
        at: entry.id)
    }
    if (entry.after != nil) != (entry.account != nil) {
      findings.add("it does not tell how its account stood", at: entry.id, breaking: 13)
    }
  }

  private func checkChanges(_ entry: Entry, _ findings: Audit.Findings) {
    var found: Audit.ChangeSet = []
    var repeated: Audit.ChangeSet = []
    for change in entry.changes {
      let one = Audit.ChangeSet(change)
      if !found.isDisjoint(with: one) { repeated.formUnion(one) }
      found.formUnion(one)
    }
    let name = entry.kind.name
    let missing = required.subtracting(found)
    if !missing.isEmpty {
      findings.add("an entry \(name) lacks: \(missing.text)", at: entry.id)
    }
    var allowed = required.union(optional).union(.alerts)
    if entry.account != nil { allowed.formUnion(.lapsed) }
    let strange = found.subtracting(allowed)
    if !strange.isEmpty {
      findings.add("an entry \(name) may not say: \(strange.text)", at: entry.id)
    }
    // A change of PIN may first bring the old one's verifier up to date.
    var plural = Audit.ChangeSet.plural
    if entry.kind == .pinChange { plural.formUnion(.pinSet) }
    let twice = repeated.subtracting(plural)
    if !twice.isEmpty {
      findings.add("an entry \(name) says twice: \(twice.text)", at: entry.id)
    }
    if found.isEmpty, entry.kind == .pinFailed {
      findings.add("an entry \(name) changes nothing", at: entry.id)
    }
  }

  private func checkReferences(_ entry: Entry, _ findings: Audit.Findings) {
    let isRequired = relation != nil && relation != .opens
    let fits = entry.links.count <= 1 && entry.links.allSatisfy { $0.relation == relation }
    if !fits || isRequired && entry.links.isEmpty {
      findings.add("it does not refer to earlier entries as its kind does", at: entry.id)
    }
    if entry.links.contains(where: { $0.entry >= entry.id || $0.entry <= .none }) {
      findings.add("it refers to an entry that is not before it", at: entry.id)
    }
    if (entry.hold != nil) != namesHold {
      findings.add(namesHold ? "it names no hold" : "it names a hold", at: entry.id)
    }
    // The reversal of a top-up names its tender, that of a debit has none.
    let namesTender = entry.kind == .reverse ? entry.tender != nil : namesTender
    if (entry.tender != nil) != namesTender {
      findings.add(namesTender ? "it names no tender" : "it names a tender", at: entry.id)
    }
  }

  private func checkRequest(_ entry: Entry, _ findings: Audit.Findings) {
    guard let request = entry.request else {
      // An opening leaves the request to the top-up that came with it.
      if !methods.isEmpty, entry.kind != .open {
        findings.add("it answers no request", at: entry.id, breaking: 9)
      }
      return
    }
    guard methods.contains(request.method) else {
      findings.add("it does not answer a request of its kind", at: entry.id, breaking: 9)
      return
    }
    if entry.kind == .topUp, (request.method == .accountOpen) != !entry.links.isEmpty {
      findings.add(
        "it does not say rightly whether it came with an opening", at: entry.id, breaking: 9)
    }
  }
}
