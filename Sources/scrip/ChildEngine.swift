// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON
import JSONRPC

/// This very program as a POS would run it: `scrip serve` as a child process, spoken to by pipes.
final class ChildEngine {
  private let process: pid_t
  private var input: Int32
  private let output: Int32
  /// Where it writes alerts, if it was told to: our end of its descriptor 3.
  private let alerts: Int32?
  private var framer = LineFramer()
  private var lastID: Int64 = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

  /// Starts `scrip serve` with these arguments on the binary that is running.
  ///
  /// With `alerts` its descriptor 3 is a pipe, for `--alerts-fd 3`.
  init(arguments: [String], alerts wantsAlerts: Bool = false) throws(Failure) {
    var alertPipe: [Int32] = [-1, -1]
    if wantsAlerts {
      // Made first and moved up, so that neither end is in the way of descriptor 3.
      guard pipe(&alertPipe) == 0 else { throw ChildEngine.failure("pipe") }
      for index in alertPipe.indices {
        let moved = fcntl(alertPipe[index], F_DUPFD_CLOEXEC, 16)
        close(alertPipe[index])
        alertPipe[index] = moved
      }
    }
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw ChildEngine.failure("pipe") }
    for end in [toChild[1], fromChild[0]] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    posix_spawn_file_actions_addclose(&actions, toChild[0])
    posix_spawn_file_actions_addclose(&actions, fromChild[1])
    if wantsAlerts { posix_spawn_file_actions_adddup2(&actions, alertPipe[1], 3) }
    var words = (["scrip", "serve"] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var child = pid_t()
    let problem = posix_spawn(&child, "/proc/self/exe", &actions, nil, words, environ)
    close(toChild[0])
    close(fromChild[1])
    if wantsAlerts { close(alertPipe[1]) }
    guard problem == 0 else { throw .unavailable("cannot start the engine: error \(problem)") }
    process = child
    input = toChild[1]
    output = fromChild[0]
    alerts = wantsAlerts ? alertPipe[0] : nil
  }

  deinit {
    if input >= 0 { close(input) }
    close(output)
    if let alerts { close(alerts) }
    buffer.deallocate()
  }

  /// Sends requests already encoded, each with its LF.
  func send(_ lines: [UInt8]) throws(Failure) {
    var sent = 0
    while sent < lines.count {
      let count = lines.withUnsafeBytes { bytes in
        write(input, bytes.baseAddress?.advanced(by: sent), lines.count - sent)
      }
      guard count >= 0 || errno == EINTR else { throw ChildEngine.failure("write") }
      sent += max(0, count)
    }
  }

  /// One request with the next id; the id.
  func encode(_ method: String, _ params: JSONTree, into lines: inout [UInt8]) -> Int64 {
    lastID += 1
    let request: JSONTree = [
      "jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method), "params": params,
    ]
    var writer = JSONWriter(reservingCapacity: 256)
    request.write(to: &writer)
    lines.append(contentsOf: writer.bytes)
    lines.append(0x0A)
    return lastID
  }

  /// The next answer line; nil when the engine has ended.
  func receive() throws(Failure) -> JSONDocument? {
    while true {
      if let frame = framer.next() {
        guard case .line(let line) = frame, let answer = try? JSONDocument.parse(line) else {
          throw .data("the engine answered what is not JSON")
        }
        return answer
      }
      let count = read(output, buffer.baseAddress, buffer.count)
      guard count >= 0 || errno == EINTR else { throw ChildEngine.failure("read") }
      if count == 0 { return nil }
      if count > 0 { framer.append(UnsafeRawBufferPointer(rebasing: buffer[0..<count])) }
    }
  }

  /// The next line of alerts; nil when none comes within ten seconds.
  func receiveAlert() throws(Failure) -> [UInt8]? {
    guard let alerts else { return nil }
    var line: [UInt8] = []
    while true {
      var set = pollfd(fd: alerts, events: Int16(POLLIN), revents: 0)
      guard poll(&set, 1, 10_000) > 0 else { return nil }
      var byte: UInt8 = 0
      guard read(alerts, &byte, 1) == 1 else { return nil }
      if byte == UInt8(ascii: "\n") { return line }
      line.append(byte)
    }
  }

  /// Closes its input and waits for its end; the exit code, or 128 and the signal.
  func finish() -> Int32 {
    close(input)
    input = -1
    return wait()
  }

  /// Ends it as a power cut would.
  func kill() -> Int32 {
    Glibc.kill(process, SIGKILL)
    return wait()
  }

  private func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }

  private static func failure(_ call: String) -> Failure {
    .io("\(call): \(String(cString: strerror(errno)))")
  }
}
