// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import LedgerCore
import Store

/// One line on an alert for people, in Chinese and English.
///
/// Amounts are minor units, as everywhere on the wire.
enum AlertSummary {
  static func english(_ event: AlertEvent, count: Int64) -> String {
    let raise = event.raise
    let observed = event.update?.observed ?? raise.observed
    let subject = "\(raise.subject.kind.name) \(raise.subject.text)"
    let what =
      switch raise.cause {
      case .amount: "amount \(observed), threshold \(raise.threshold)"
      case .count: "\(observed) entries in \(seconds(event)) s, threshold \(raise.threshold)"
      case .sum: "sum \(observed) in \(seconds(event)) s, threshold \(raise.threshold)"
      case .timeOfDay: "at \(clock(observed)), outside the usual hours"
      case .pinFailures:
        "\(observed) wrong PINs in \(seconds(event)) s, threshold \(raise.threshold)"
      case .distinctTerminals:
        "\(observed) terminals in \(seconds(event)) s, threshold \(raise.threshold)"
      case .drain: "\(observed) spent soon after a top-up, threshold \(raise.threshold)"
      case .deviation: "amount \(observed) against its own mean, bound \(raise.threshold)"
      case .codeFailures:
        "\(observed) bad codes in \(seconds(event)) s, threshold \(raise.threshold)"
      }
    return "\(raise.rule): \(subject): \(what)" + (count > 1 ? " (\(count) hits)" : "")
  }

  static func chinese(_ event: AlertEvent, count: Int64) -> String {
    let raise = event.raise
    let observed = event.update?.observed ?? raise.observed
    let kind =
      switch raise.subject.kind {
      case .account: "卡账户"
      case .terminal: "终端"
      case .operator: "操作员"
      case .store: "门店"
      }
    let what =
      switch raise.cause {
      case .amount: "金额 \(observed),阈值 \(raise.threshold)"
      case .count: "\(seconds(event)) 秒内 \(observed) 笔,阈值 \(raise.threshold)"
      case .sum: "\(seconds(event)) 秒内合计 \(observed),阈值 \(raise.threshold)"
      case .timeOfDay: "异常时段 \(clock(observed))"
      case .pinFailures: "\(seconds(event)) 秒内密码错误 \(observed) 次,阈值 \(raise.threshold)"
      case .distinctTerminals: "\(seconds(event)) 秒内 \(observed) 台终端,阈值 \(raise.threshold)"
      case .drain: "充值后不久已消费 \(observed),阈值 \(raise.threshold)"
      case .deviation: "金额 \(observed) 偏离自身均值,界限 \(raise.threshold)"
      case .codeFailures: "\(seconds(event)) 秒内无效券码 \(observed) 次,阈值 \(raise.threshold)"
      }
    return "\(raise.rule):\(kind) \(raise.subject.text):\(what)"
      + (count > 1 ? "(共 \(count) 次)" : "")
  }

  private static func seconds(_ event: AlertEvent) -> Int64 {
    guard let from = event.raise.windowStart else { return 0 }
    return (event.raisedBy.at.milliseconds - from.milliseconds) / 1000
  }

  private static func clock(_ minutes: Int64) -> String {
    let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return parts.joined(separator: ":")
  }
}
