// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC

/// The command line.
@main
struct Scrip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scrip",
    abstract: "A stored-value and coupon engine for points of sale.",
    version: "scrip " + About.version,
    subcommands: [
      Serve.self, Bench.self,
    ])
}
