// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A process with our pipes as its standard input and output, for measuring.
final class PipedProcess {
  let pid: pid_t
  private(set) var input: Int32
  let output: Int32
  private var hasEnded = false

  /// Starts this very binary with these arguments, or a command that starts it in its turn.
  ///
  /// `descriptor3` becomes the child's descriptor 3. What it says can be thrown away unread.
  init(
    _ arguments: [String], through wrapper: [String] = [], descriptor3: Int32? = nil,
    isHeard: Bool = true
  ) throws(Failure) {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw .io("cannot make a pipe: \(systemReason())")
    }
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    if isHeard {
      posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    }
    if let descriptor3 { posix_spawn_file_actions_adddup2(&actions, descriptor3, 3) }
    let command =
      wrapper.isEmpty ? ["scrip"] + arguments : wrapper + [try Self.ownPath()] + arguments
    var words = command.map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let problem = posix_spawnp(
      &child, wrapper.first ?? "/proc/self/exe", &actions, nil, words, environ)
    close(toChild[0])
    close(fromChild[1])
    guard problem == 0 else {
      throw .unavailable("cannot start \(command[0]): \(systemReason(problem))")
    }
    pid = child
    input = toChild[1]
    output = fromChild[0]
  }

  deinit {
    if !hasEnded { _ = kill() }
    close(output)
  }

  /// Where the running binary lies, for a wrapper that must be told.
  static func ownPath() throws(Failure) -> String {
    guard let path = realpath("/proc/self/exe", nil) else {
      throw .unavailable("cannot find this binary: \(systemReason())")
    }
    defer { free(path) }
    return String(cString: path)
  }

  func write(_ bytes: [UInt8]) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(input, buffer.baseAddress?.advanced(by: sent), bytes.count - sent)
      }
      guard count >= 0 || errno == EINTR else { throw .io("write: \(systemReason())") }
      sent += max(0, count)
    }
  }

  /// At least one byte, or 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(Failure) -> Int {
    while true {
      let count = Glibc.read(output, buffer.baseAddress, buffer.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw .io("read: \(systemReason())") }
    }
  }

  /// Whether it has not ended by itself; once it has, nothing more can be asked of it.
  func isRunning() -> Bool {
    var status: Int32 = 0
    guard !hasEnded, waitpid(pid, &status, WNOHANG) == pid else { return !hasEnded }
    hasEnded = true
    return false
  }

  /// Ends its input and waits for its end, which must be a good one.
  func finish() throws(Failure) {
    closeInput()
    let code = wait()
    guard code == 0 else { throw .io("the child ended with \(code)") }
  }

  /// Ends it as a power cut would.
  func kill() -> Int32 {
    Glibc.kill(pid, SIGKILL)
    closeInput()
    return wait()
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// The exit code, or 128 and the signal.
  private func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    hasEnded = true
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }
}
