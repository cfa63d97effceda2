// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON
import JSONRPC

extension Method {
  static let systemPing = Method(
    name: "system.ping", summary: "Answers once the ledger is open.", params: [],
    result: [.boolean("pong")], refusals: [], kind: .session(.ping))

  static let systemInfo = Method(
    name: "system.info", summary: "Versions, ledger and clock.", params: [],
    result: [
      .text("engine"), .text("version"), .integer("protocol"), .integer("schema_version"),
      .text("ledger_id"), .text("currency"), .text("timezone"), .text("day_start"),
      .boolean("test_mode"), .integer("program_version"), .integer("entries"), .object("clock"),
      .object("libraries"),
    ],
    refusals: [], kind: .session(.info))

  static let initialize = Method(
    name: "initialize", summary: "Optional greeting: what this engine speaks.",
    params: [
      .optional("client", .text(1...200), "Who connects."),
      .optional("protocol", .integer(1...1000), "The protocol the client speaks."),
    ],
    result: [.integer("protocol"), .text("engine"), .text("version"), .array("methods")],
    refusals: [], kind: .session(.initialize))

  static let shutdown = Method(
    name: "shutdown", summary: "Serves what was read before, answers, and ends the process.",
    params: [], result: [], refusals: [], kind: .session(.shutdown))

  static let discover = Method(
    name: "rpc.discover", summary: "This description, as OpenRPC.", params: [], result: [],
    refusals: [], kind: .session(.discover))

  /// Every method, by name.
  package static let all: [Method] = [
    accountClose, accountFind, accountFreeze, accountGet, accountOpen, accountReplaceCard,
    accountReportLost, accountStatement, accountUnfreeze, alertAck, alertList, alertSubscribe,
    anomalyBacktest, campaignCreate, campaignGet, campaignList,
    campaignPause, campaignResume, checkoutCommit, checkoutQuote, checkoutRefund, clockAdvance,
    clockSet, couponGet, couponIssue, couponList, couponPayload, couponRedeem, couponRelease,
    couponReserve, couponUnredeem, couponVerify, couponVoid, debitAuthorize,
    debitCapture, debitCreate, debitRefund, debitRelease, entryGet, entryList, entryLookup,
    entryReverse, initialize, ledgerHead, ledgerTrialBalance, ledgerVerify, pinChange, pinReset,
    pinSet, pinVerify, programGet, programSet, discover, shutdown, systemInfo, systemPing,
    topUpBounce, topUpClear, topUpCreate, topUpQuote,
  ].sorted { $0.name < $1.name }

  private static let names: JSONNames = {
    let names = all.map(\.name)
    precondition(Set(names).count == names.count, "a name is one method's")
    return JSONNames(names)
  }()

  /// The method that a request names; nil where there is none of that name.
  static func of(_ request: Request) -> Method? { request.place(among: names).map { all[$0] } }
}
