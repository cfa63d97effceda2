// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import Glibc
import Synchronization

/// `scrip demo`: a working day at a till, played against this very binary.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Plays a working day at a till and shows each request with its answer.",
    discussion: """
      Makes a test ledger in a temporary directory, starts `scrip serve` on it as a point of sale \
      would, and checks every answer: a demo that goes wrong says where and ends with exit code \
      1. With --keep the ledger stays, to be looked at with `scrip journal`, `call` and `verify`.

      Colours are used on a terminal, unless NO_COLOR is set.
      """)

  @Option(
    help: ArgumentHelp(
      "Make the ledger in this new or empty directory and keep it.", valueName: "dir"),
    completion: .directory)
  var keep: String?

  func run() throws {
    try scrip.run { () throws(Failure) in try play() }
  }

  private func play() throws(Failure) {
    // A till whose engine dies gets an error and no signal, and so does one whose reader leaves.
    signal(SIGPIPE, SIG_IGN)
    Interruptions.catchAll()
    let folder = try folder()
    defer { folder.remove() }
    var making = LedgerMaking(directory: folder.path, keyring: nil)
    making.isTest = true
    try making.make()
    let page = DemoPage(colour: Terminal.showsColour)
    let till = DemoTill(directory: folder.path, page: page)
    do {
      try DemoDay(till: till, page: page).play()
      try DemoAlerts(page: page).play()
    } catch {
      till.abandon()
      if page.isUnread { return }
      if let problem = page.problem { throw problem }
      guard !Interruptions.happened else { throw Failure(code: 130, message: "interrupted") }
      throw Failure(code: 1, message: "the demo went wrong at \(till.place): \(error.message)")
    }
    if let keep { try page.text("The ledger stays in \(keep).") }
  }

  private func folder() throws(Failure) -> TemporaryFolder {
    guard let keep else { return try TemporaryFolder.make() }
    guard try Folder.names(in: keep).isEmpty else {
      throw .cannotCreate("--keep takes a new or empty directory: \(keep) holds something")
    }
    return TemporaryFolder(kept: keep)
  }
}

/// Whether somebody wants the demo to end: it then cleans up first.
enum Interruptions {
  private static let count = Atomic<Int>(0)

  static var happened: Bool { count.load(ordering: .sequentiallyConsistent) > 0 }

  static func catchAll() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        if Interruptions.count.add(1, ordering: .sequentiallyConsistent).newValue > 1 {
          _exit(128 + number)
        }
      }
    }
  }
}
