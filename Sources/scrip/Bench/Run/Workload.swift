// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A kind of work that is measured once a round, with what it is compared with beside it.
protocol Workload: AnyObject {
  /// What `--only` calls it.
  static var name: String { get }
  /// What it measures, in a line.
  static var summary: String { get }
  /// Whether it runs unless it is asked for by name.
  static var isUsual: Bool { get }

  /// Prepares the ledgers and starts the engines.
  init(_ ground: BenchGround) throws(Failure)

  /// Measures once.
  func round(into results: inout Results) throws(Failure)

  /// What is measured once, after all rounds; ends the engines.
  func finish(into results: inout Results) throws(Failure)
}

extension Workload {
  static var isUsual: Bool { true }
}
