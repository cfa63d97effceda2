// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser

/// `scrip bench`: programs that measure, and say what they measured.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Drives the engine through its pipes and measures it.",
    subcommands: [RunBench.self, Replay.self, Echo.self], defaultSubcommand: RunBench.self)
}
