// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import JSON
import LedgerCore

/// Terms from their document, first every member on its own, then what the members say together.
extension CampaignTerms {
  /// Reads a campaign's document, a flat object such as
  /// `{"name": "Spring", "kind": "percent", "off_basis_points": 1200}` (contract §9).
  ///
  /// - Throws: `DocumentProblem` for the first unknown member, value out of range, contradiction or
  ///   term that could never take effect; its field is a pointer from `document`.
  package static func decode(_ document: JSONValue) throws(DocumentProblem) -> CampaignTerms {
    let fields = try Fields(
      LocatedValue(value: document, place: JSONPointer()),
      allowing: [
        "name", "kind", "off_basis_points", "max_discount", "amount", "steps", "repeat", "sku",
        "quantity", "validity", "scope", "min_spend", "stacking", "caps",
      ])
    let terms = CampaignTerms(
      name: try fields.required("name").text(1...200),
      benefit: try fields.benefit(),
      validity: try fields.validity(),
      scope: try fields.scope(),
      minimumSpend: try fields["min_spend"]?.amount(),
      stacking: try fields.stacking(),
      caps: try fields.caps())
    try fields.checkWhole(terms)
    return terms
  }
}

extension Fields {
  fileprivate func benefit() throws(DocumentProblem) -> Benefit {
    let kind: CouponKind = try required("kind").choice()
    switch kind {
    case .percent:
      try refuse("amount", "steps", "repeat", "sku", "quantity", in: kind)
      let rate = try required("off_basis_points").integer(in: 1...10_000)
      return .percent(BasisPoints(Int32(rate)), maximum: try self["max_discount"]?.amount())
    case .cash:
      try refuse(
        "off_basis_points", "max_discount", "steps", "repeat", "sku", "quantity", in: kind)
      return .cash(try required("amount").amount())
    case .threshold:
      try refuse("off_basis_points", "amount", "sku", "quantity", in: kind)
      let steps = try required("steps").steps()
      let repeats = try self["repeat"]?.bool() ?? false
      if repeats, steps.count != 1 {
        throw DocumentProblem(place(of: "repeat"), "needs exactly one step")
      }
      return .threshold(steps, repeats: repeats, maximum: try self["max_discount"]?.amount())
    case .item:
      try refuse("off_basis_points", "max_discount", "amount", "steps", "repeat", in: kind)
      return .item(
        sku: try required("sku").label(),
        quantity: try required("quantity").integer(in: 1...1_000_000))
    }
  }

  /// Refuses members that belong to coupons of another kind.
  private func refuse(_ names: StaticString..., in kind: CouponKind) throws(DocumentProblem) {
    for name in names {
      if let value = self[name] {
        throw value.problem("has no meaning in a coupon of kind \"\(kind.rawValue)\"")
      }
    }
  }

  fileprivate func validity() throws(DocumentProblem) -> Validity {
    guard
      let section = try section(
        "validity", allowing: ["from", "until", "days_after_issue", "windows", "blackout_dates"])
    else { return Validity() }
    let validity = Validity(
      from: try section["from"]?.instant(),
      until: try section["until"]?.instant(),
      daysAfterIssue: try section["days_after_issue"]?.integer(in: 0...36_500),
      windows: try section["windows"]?.windows() ?? [],
      blackoutDates: try section["blackout_dates"]?.dates() ?? [])
    if let from = validity.from, let until = validity.until, from >= until {
      throw DocumentProblem(section.place(of: "from"), "must be before until")
    }
    return validity
  }

  fileprivate func scope() throws(DocumentProblem) -> Scope {
    guard
      let section = try section(
        "scope",
        allowing: [
          "include_skus", "include_categories", "exclude_skus", "exclude_categories",
          "full_price_only", "store_ids", "levels",
        ])
    else { return Scope() }
    let scope = Scope(
      includedSKUs: try section["include_skus"]?.labels(atMost: 5000) ?? LabelSet(),
      includedCategories: try section["include_categories"]?.labels(atMost: 1000) ?? LabelSet(),
      excludedSKUs: try section["exclude_skus"]?.labels(atMost: 5000) ?? LabelSet(),
      excludedCategories: try section["exclude_categories"]?.labels(atMost: 1000) ?? LabelSet(),
      fullPriceOnly: try section["full_price_only"]?.bool() ?? false,
      stores: try section["store_ids"]?.labels(atMost: 1000) ?? LabelSet(),
      levels: try section["levels"]?.labels(atMost: 1000) ?? LabelSet())
    try section["exclude_skus"]?.refuse(scope.includedSKUs)
    try section["exclude_categories"]?.refuse(scope.includedCategories)
    return scope
  }

  fileprivate func stacking() throws(DocumentProblem) -> Stacking? {
    guard let section = try section("stacking", allowing: ["class", "with", "max_per_class"])
    else { return nil }
    let ownClass = try section.required("class")
    let name = try ownClass.label()
    guard name != Stacking.wildcard else { throw ownClass.problem("\"*\" names every class") }
    return Stacking(
      ownClass: name,
      partners: try section["with"]?.partners() ?? .classes(LabelSet()),
      maximumPerClass: try section["max_per_class"].map { value throws(DocumentProblem) in
        Int(try value.integer(in: 1...100))
      } ?? 1)
  }

  fileprivate func caps() throws(DocumentProblem) -> Caps {
    guard
      let section = try section(
        "caps",
        allowing: [
          "total", "per_account", "per_account_per_day", "redemptions_per_day", "budget",
        ])
    else { return Caps() }
    let counts: ClosedRange<Int64> = 1...1_000_000_000_000
    return Caps(
      total: try section["total"]?.integer(in: counts),
      perAccount: try section["per_account"]?.integer(in: counts),
      perAccountPerDay: try section["per_account_per_day"]?.integer(in: counts),
      redemptionsPerDay: try section["redemptions_per_day"]?.integer(in: counts),
      budget: try section["budget"]?.amount())
  }
}

extension LocatedValue {
  /// 1 … 20 steps that ascend in their minimum and take off no more than it.
  fileprivate func steps() throws(DocumentProblem) -> [Benefit.Step] {
    var steps: [Benefit.Step] = []
    for item in try list(1...20) {
      let fields = try Fields(item, allowing: ["min", "off"])
      let minimum = try fields.required("min")
      let off = try fields.required("off")
      let step = Benefit.Step(minimum: try minimum.amount(), off: try off.amount())
      if let last = steps.last, step.minimum <= last.minimum {
        throw minimum.problem("must be above the min of the step before it")
      }
      if step.off > step.minimum { throw off.problem("must not be above min") }
      steps.append(step)
    }
    return steps
  }

  /// Refuses what is both included and excluded; the pointer names the exclusion.
  fileprivate func refuse(_ included: LabelSet) throws(DocumentProblem) {
    for item in try list(0...5000) where included.contains(try item.label()) {
      throw item.problem("is also included")
    }
  }

  fileprivate func windows() throws(DocumentProblem) -> [DailyWindow] {
    let windows = try distinct(0...100) { item throws(DocumentProblem) in
      let fields = try Fields(item, allowing: ["weekdays", "from", "to"])
      let weekdays = try fields.required("weekdays").distinct(1...7) {
        day throws(DocumentProblem) in Int(try day.integer(in: 1...7))
      }
      let from = try fields.required("from").minuteOfDay(upTo: 1439)
      let to = try fields.required("to").minuteOfDay(upTo: 1440)
      guard from != to else {
        throw DocumentProblem(fields.place(of: "to"), "must differ from the from beside it")
      }
      return DailyWindow(weekdays: weekdays.sorted(), from: from, to: to)
    }
    return windows.sorted {
      let sameSpan = $0.from == $1.from && $0.to == $1.to
      return sameSpan
        ? $0.weekdays.lexicographicallyPrecedes($1.weekdays)
        : ($0.from, $0.to) < ($1.from, $1.to)
    }
  }

  /// `HH:MM` in minutes since 00:00.
  private func minuteOfDay(upTo latest: Int) throws(DocumentProblem) -> Int {
    guard let text = value.string, let minute = ClockTime.minutes(of: text), minute <= latest
    else {
      throw problem(
        "must be a time from 00:00 to \(ClockTime.text(ofMinutes: latest)), written HH:MM")
    }
    return minute
  }

  fileprivate func dates() throws(DocumentProblem) -> [CivilDate] {
    let days = try distinct(0...1000) { item throws(DocumentProblem) in
      try item.date().daysSince1970
    }
    return days.sorted().map { CivilDate(daysSince1970: $0) }
  }

  fileprivate func partners() throws(DocumentProblem) -> Stacking.Partners {
    let names = try labels(atMost: 100)
    guard names.contains(Stacking.wildcard) else { return .classes(names) }
    guard names.count == 1 else { throw problem("must be [\"*\"] alone or a list of classes") }
    return .any
  }
}
