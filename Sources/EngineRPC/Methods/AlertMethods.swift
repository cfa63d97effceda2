// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import Engine
import JSON
import LedgerCore
import Program
import Store

extension Method {
  static let alertList = query(
    "alert.list", "Alerts newest first, as they stand now; a part may be short before the end.",
    [
      .limit, .cursor,
      .optional("rule_id", .text(1...64), "Only of this rule of the program in force."),
      .optional("subject", .text(1...64), "Only on this account, terminal, operator or store."),
      .optional(
        "min_severity", .choice(AlertSeverity.allCases.map(\.name)), "Only of this or more."),
      .optional("acknowledged", .boolean, "Only those somebody has looked at, or has not."),
      .optional("from", .instant, "Not before."), .optional("to", .instant, "Before."),
    ],
    result: [.array("alerts"), .text("next_cursor")], refusals: [.unknownRule],
    answer: { params, engine, writer throws(Answering) in
      let filter = AlertFilter(params)
      if let rule = filter.rule, !engine.program.anomalyRules.contains(where: { $0.id == rule }) {
        throw .refused(Refusal(.unknownRule, field: "/rule_id"))
      }
      let start = try params.text("cursor").map { text throws(Answering) in
        guard let start = Int64(text), start > 0 else { throw Params.badCursor }
        return start
      }
      let limit = Int(params.integer("limit") ?? 100)
      let page = try store { () throws(StoreError) in
        try engine.alerts(at: start, limit: limit) { filter.admits($0) }
      }
      writer.beginObject()
      writer.name("alerts")
      writer.beginArray()
      for view in page.alerts { writer.alert(view) }
      writer.endArray()
      writer.name("next_cursor")
      writer.optional(page.next.map { String($0) })
      writer.endObject()
    })

  static let alertAck = mutation(
    "alert.ack", "Says what became of an alert; a later word stands over an earlier one.",
    [
      .required("alert_id", .text(1...64), "The alert."),
      .required(
        "disposition", .choice(AlertDisposition.allCases.map(\.name)), "What it turned out to be."),
      .optional("note", .text(1...500), "What was found."),
    ],
    result: [.text("alert_id"), .text("disposition"), .text("note"), .text("at")],
    refusals: [.notFound],
    command: { params, _ throws(Answering) in
      guard let id = params.text("alert_id").flatMap({ AlertID(text: $0) }) else {
        throw .refused(Refusal(.notFound, field: "/alert_id"))
      }
      let name = params.text("disposition")
      guard let disposition = AlertDisposition.allCases.first(where: { $0.name == name }) else {
        preconditionFailure("it was checked")
      }
      return AcknowledgeAlert(alert: id, disposition: disposition, note: params.text("note"))
    },
    answer: { writer, entry in
      for case .alertAcknowledged(let found) in entry.changes {
        writer.name("alert_id")
        writer.string(found.id.text)
        writer.name("disposition")
        writer.string(found.disposition.name)
        writer.name("note")
        writer.optional(found.note)
        writer.name("at")
        writer.string(entry.at.text)
      }
    })

  static let alertSubscribe = Method(
    name: "alert.subscribe",
    summary: "From now on sends events of the outbox as notifications alert.raised.",
    params: [
      .optional(
        "from_seq", .integer(1...Int64.max),
        "The first event to send, itself included; only new ones if left out.")
    ],
    result: [.integer("from_seq")], refusals: [], kind: .subscription)

  static let anomalyBacktest = Method(
    name: "anomaly.backtest",
    summary: "What proposed rules would have raised and declined over the journal.",
    params: [
      .optional("from", .instant, "Not before."),
      .required(
        "rules", .list, "Rules as in the program, or ids of rules in force."),
      .optional("to", .instant, "Before."),
    ],
    result: [
      .integer("entries"), .array("alerts"), .integer("declined"), .array("by_rule"),
      .array("by_day"),
    ],
    refusals: [.programInvalid, .unknownRule],
    kind: .backtest)
}

/// Which alerts a listing wants.
private struct AlertFilter {
  let rule: String?
  private let subject: String?
  private let severity: AlertSeverity
  private let acknowledged: Bool?
  private let from: Instant?
  private let to: Instant?

  init(_ params: Params) {
    rule = params.text("rule_id")
    subject = params.text("subject")
    let name = params.text("min_severity")
    severity = AlertSeverity.allCases.first { $0.name == name } ?? .low
    acknowledged = params.boolean("acknowledged")
    from = params.instant("from")
    to = params.instant("to")
  }

  func admits(_ view: AlertView) -> Bool {
    let event = view.event
    if let rule, event.raise.rule != rule { return false }
    if let subject, event.raise.subject.text != subject { return false }
    if event.raise.severity < severity { return false }
    if let acknowledged, (view.acknowledgedBy != nil) != acknowledged { return false }
    if let from, event.raisedBy.at < from { return false }
    if let to, event.raisedBy.at >= to { return false }
    return true
  }
}

extension Params {
  /// The rules that a backtest is to run: each a rule, or the id of one in force.
  func proposedRules(_ engine: Engine) throws(Answering) -> BacktestPlan {
    guard let value = value("rules") else { preconditionFailure("it was checked") }
    var texts: [JSONTree] = []
    let inForce = JSONTree.rules(inForce: engine.program)
    for (index, element) in value.elements.enumerated() {
      guard element.kind == .string else {
        texts.append(JSONTree(element))
        continue
      }
      guard let rule = inForce.first(where: { $0["id"] == .string(element.string ?? "") }) else {
        throw .refused(Refusal(.unknownRule, field: "/rules/\(index)"))
      }
      texts.append(rule)
    }
    var writer = JSONWriter()
    JSONTree.array(texts).write(to: &writer)
    do {
      let rules = try Program.decodeRules(JSONDocument.parse(writer.bytes).root)
      return BacktestPlan(rules: rules, from: instant("from"), to: instant("to"))
    } catch let problem as ProgramProblem {
      throw .refused(
        Refusal(
          .programInvalid, field: "/rules" + problem.field,
          details: [.init("allowed", .text(problem.message))]))
    } catch {
      preconditionFailure("what was just written is JSON")
    }
  }
}

extension JSONTree {
  /// The rules of a program as its document has them.
  fileprivate static func rules(inForce program: Program) -> [JSONTree] {
    guard let document = try? JSONDocument.parse(program.document),
      case .array(let rules)? = JSONTree(document.root)["anomaly"]?["rules"]
    else { return [] }
    return rules
  }
}
