// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc

/// Somebody to whom permissions apply: the user of the tests, or nobody where that is root.
struct Stranger {
  private let scratch: TemporaryDirectory
  private let wrapper: [String]
  private let binary: String
  private let user: uid_t

  /// Whether there is a way to run as somebody else than root.
  static let exists = geteuid() != 0 || Tools.path(of: "setpriv") != nil

  init() throws {
    scratch = try TemporaryDirectory()
    guard geteuid() == 0 else {
      (wrapper, binary, user) = ([], try ScripBinary.path(), geteuid())
      return
    }
    guard let tool = Tools.path(of: "setpriv") else { throw HarnessFailure("no setpriv") }
    user = 65_534
    wrapper = [tool, "--reuid=\(user)", "--regid=\(user)", "--clear-groups"]
    // The binary may lie where nobody else may look.
    binary = scratch.file("scrip")
    guard let bytes = Files.bytes(of: try ScripBinary.path()) else {
      throw HarnessFailure("the binary cannot be read")
    }
    try Files.write(bytes, to: binary)
    chmod(binary, 0o755)
    chmod(scratch.path, 0o755)
  }

  /// Hands a ledger over, with the directory that it lies in.
  func take(_ ledger: Ledger) {
    let parent = ledger.data.split(separator: "/").dropLast().joined(separator: "/")
    let files = Files.names(in: ledger.data).map { ledger.data + "/" + $0 }
    for path in ["/" + parent, ledger.data] + files { chown(path, user, user) }
  }

  /// Runs a command to its end, with one ping as input.
  func run(_ arguments: [String]) throws -> Deed {
    let command = wrapper + [binary] + arguments
    return try Deed(command)
  }
}

/// What a command did that was given one ping.
struct Deed: CustomStringConvertible {
  let exit: ChildProcess.Exit
  let output: String
  let errors: String

  init(_ command: [String]) throws {
    let child = try ChildProcess(command[0], Array(command.dropFirst()))
    try child.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"system.ping\"}\n".utf8)
    try child.closeInput()
    var lines: [String] = []
    while let line = try child.line() { lines.append(String(decoding: line, as: UTF8.self)) }
    exit = try child.wait()
    output = lines.joined(separator: "\n")
    errors = child.errors
  }

  var description: String { "\(exit) \(output) \(errors)" }
}
