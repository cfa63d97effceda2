// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A command of this very binary, run as a process of its own.
struct OwnCommand {
  let arguments: [String]
  /// What it is given to read.
  ///
  /// Less than the 64 KiB that a pipe holds: nobody reads its output while this is written.
  var input: [UInt8] = []

  /// How it ended: the exit code, or 128 and the signal; and what it printed.
  struct Outcome {
    let code: Int32
    let output: String
  }

  /// Runs it to its end; what it says on standard error stands beside ours.
  func run() throws(Failure) -> Outcome {
    precondition(input.count < 65_536, "the input fits into the pipe")
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw .io("cannot make a pipe: \(systemReason())")
    }
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let child: pid_t
    do {
      child = try spawn(reading: toChild[0], writing: fromChild[1])
    } catch {
      for end in toChild + fromChild { close(end) }
      throw error
    }
    close(toChild[0])
    close(fromChild[1])
    // A child that ended at once has not read it; its exit code says why.
    _ = input.withUnsafeBytes { write(toChild[1], $0.baseAddress, $0.count) }
    close(toChild[1])
    let output = Self.readAll(fromChild[0])
    close(fromChild[0])
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(
      code: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
      output: String(decoding: output, as: UTF8.self))
  }

  private func spawn(reading input: Int32, writing output: Int32) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    var words = (["scrip"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let problem = posix_spawn(&child, "/proc/self/exe", &actions, nil, words, environ)
    guard problem == 0 else { throw .unavailable("cannot start scrip: \(systemReason(problem))") }
    return child
  }

  private static func readAll(_ descriptor: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 { all += buffer[..<count] }
      if count == 0 || (count < 0 && errno != EINTR) { return all }
    }
  }
}
