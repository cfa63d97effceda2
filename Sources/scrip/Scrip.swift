// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC
import Glibc

/// The command line.
@main
struct Scrip: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scrip",
    abstract: "A stored-value and coupon engine for points of sale.",
    discussion: """
      A point of sale starts `scrip serve` as a child process and speaks JSON-RPC 2.0 with it over \
      the pipes. The other commands are for people: they make a ledger, check it, look into it \
      and look after its keys. `scrip demo` shows a working day at a till.

      Exit codes: 0 done, 1 refused or failed, 2 a check found problems, 64 wrong usage, 65 bad \
      data, 69 and 75 not now, 73 and 74 files or disk, 78 configuration.
      """,
    version: Versions.line,
    subcommands: [
      Init.self, Serve.self, Scan.self, CouponCommand.self, CallMethod.self, ListJournal.self,
      Alerts.self, Verify.self, Rebuild.self, Head.self, Backup.self, Restore.self,
      BacktestRules.self, Migrate.self, Keys.self, Doctor.self, Demo.self, Bench.self,
    ])

  /// Parses and runs; `--version --json`, which the parser knows nothing of, is answered first.
  static func main() {
    // A file that may not grow is an error like a full disk, and no reason to be killed.
    signal(SIGXFSZ, SIG_IGN)
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.count == 2, Set(arguments) == ["--version", "--json"] {
      StandardOutput.writeOrExit(Versions.json)
      return
    }
    if arguments.first == "serve", let serve = try? Serve.parse(Array(arguments.dropFirst())) {
      return run(serve)
    }
    main(nil)
  }

  /// Serves without the tree of all commands, which takes longer to make than a ledger to open.
  ///
  /// What was given wrongly, and calls for help, go the long way, which knows the words.
  private static func run(_ serve: Serve) {
    do {
      try serve.run()
    } catch {
      exit(withError: error)
    }
  }
}
