// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore

extension Session {
  /// What a report is about.
  enum ReportKind {
    case verification
    case backtest(BacktestPlan)
  }

  /// How far a request has come in this group.
  enum Progress {
    case answered(Answer)
    /// Its result stands in this part of the group's.
    case written(Range<Int>)
    /// It waits behind one that waits, and is served later.
    case heldBack
    case needsStretch(StretchJob, number: UInt64)
    case leftToGuest
    case needsReport(ReportKind)
    /// Coupons were issued; what is told of them is made once other tills may write again.
    case issued(MutationTicket, Entry)
  }

  /// Writes the answers of those that have one.
  static func write(_ group: [Work], to results: inout JSONWriter) {
    for work in group { work.writeAnswer(to: &results) }
  }
}

extension Work {
  /// Writes its answer, where there is one; what is a line of its own goes to `results`.
  func writeAnswer(to results: inout JSONWriter) {
    guard isAnswered, case .answered(let answer) = progress.take() else { return }
    if case .unwritten(let result) = answer, isLineOfItsOwn {
      result.write(to: &results)
      progress = .written(results.endText())
    } else {
      progress = .answered(answer.written)
    }
    forgetTicket()
  }

  private var isAnswered: Bool {
    if case .answered = progress { true } else { false }
  }

  /// Answers that nothing can be had of the ledger, unless it was answered; a guest may have better
  /// luck.
  func fail(into output: inout [UInt8]) {
    if isDone { return }
    if isDeclined() { return leaveToGuest() }
    answer(.refused(Refusal(.unavailable)), into: &output)
  }
}
