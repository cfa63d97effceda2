// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Glibc
import Synchronization

/// A child process with its standard input and output on pipes and its errors in a file.
///
/// One thread uses it at a time. Every wait has a deadline, and writing reads on meanwhile where
/// the caller wants it, so that no test can hang on a full pipe. The child is killed and reaped
/// when the test lets go of it.
package final class ChildProcess {
  package let pid: pid_t
  private var input: Int32
  private var output: Int32
  private let errorFile: String
  private let scratch: TemporaryDirectory

  private var outgoing: [UInt8] = []
  private var outgoingStart = 0
  private var closesInput = false
  private var incoming: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)
  private var incomingStart = 0
  private var scanned = 0
  private var atEnd = false
  private var exit: Exit?
  /// Whether `pump` takes what the child has written.
  package var isReading = true

  /// How a process ended.
  package enum Exit: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  /// Starts `path` with these arguments; what the child inherits beside is the environment, and
  /// `third`, if given, as its descriptor 3.
  package init(_ path: String, _ arguments: [String], third: Int32? = nil) throws {
    signal(SIGPIPE, SIG_IGN)
    let arguments = ServerLedgers.redirect(arguments)
    scratch = try TemporaryDirectory()
    errorFile = scratch.file("stderr")
    let errors = errorFile
    (pid, input, output) = try ChildProcess.birth.withLock { _ in
      let (childInput, ownInput) = try ChildProcess.pipeEnds()
      let (ownOutput, childOutput) = try ChildProcess.pipeEnds()
      defer {
        close(childInput)
        close(childOutput)
      }
      let pid = try ChildProcess.spawn(
        path, arguments, input: childInput, output: childOutput, errors: errors, third: third)
      return (pid, ownInput, ownOutput)
    }
    for descriptor in [input, output] {
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
  }

  deinit {
    if exit == nil {
      kill(pid, SIGKILL)
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }
    for descriptor in [input, output] where descriptor >= 0 { close(descriptor) }
  }

  /// Held while a child is made: a pipe's end that another child inherited before it was marked
  /// would hide the end of input.
  private static let birth = Mutex(())

  /// The reading and the writing end, which no child inherits as they are.
  private static func pipeEnds() throws -> (Int32, Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw HarnessFailure.system("pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(
    _ path: String, _ arguments: [String], input: Int32, output: Int32, errors: String,
    third: Int32?
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    if let third { posix_spawn_file_actions_adddup2(&actions, third, 3) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A POS's child begins with every signal as usual, whatever the test runner has set.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGTERM, SIGINT] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    words.append(nil)
    defer { for word in words { free(word) } }
    var pid = pid_t()
    let failure = posix_spawn(&pid, path, &actions, &attributes, words, environ)
    guard failure == 0 else {
      throw HarnessFailure("cannot start \(path): \(String(cString: strerror(failure)))")
    }
    return pid
  }
}

// MARK: Input and output

extension ChildProcess {
  /// Hands bytes over for the child's standard input and sends what the pipe takes at once.
  package func write(_ bytes: some Sequence<UInt8>) throws {
    outgoing.append(contentsOf: bytes)
    try pump(until: Deadline(in: 0)) { true }
  }

  /// Bytes handed over that the pipe has not taken yet.
  package var unsent: Int { outgoing.count - outgoingStart }

  /// Sends all that was handed over, reading meanwhile if `isReading`.
  package func flush(_ deadline: Deadline = Deadline()) throws {
    try pump(until: deadline) { unsent == 0 }
    guard unsent == 0 else {
      throw HarnessFailure("the child does not read: \(unsent) bytes left. \(errorTail)")
    }
  }

  /// Ends the child's standard input behind what was handed over.
  package func closeInput() throws {
    closesInput = true
    try pump(until: Deadline(in: 0)) { true }
  }

  /// Closes the reading end of the child's standard output.
  package func closeOutput() {
    if output >= 0 { close(output) }
    output = -1
    atEnd = true
  }

  /// The next line without its LF, nil at the end of output; an unfinished last line counts.
  package func line(_ deadline: Deadline = Deadline()) throws -> [UInt8]? {
    var found: [UInt8]?
    try pump(until: deadline) {
      found = takeLine()
      return found != nil || atEnd
    }
    if let found { return found }
    guard atEnd else { throw HarnessFailure("no line came in time. \(errorTail)") }
    guard incomingStart < incoming.count else { return nil }
    defer { incomingStart = incoming.count }
    return Array(incoming[incomingStart...])
  }

  /// All lines that come within the time, without waiting for more once `enough` have.
  package func lines(within seconds: Double, enough: Int = .max) throws -> [[UInt8]] {
    var found: [[UInt8]] = []
    try pump(until: Deadline(in: seconds)) {
      while found.count < enough, let line = takeLine() { found.append(line) }
      return found.count >= enough || atEnd
    }
    return found
  }

  /// Waits until one of the children has written something or ended, or the time is over; the
  /// places of those that have.
  package static func written(of children: [ChildProcess], milliseconds: Int32) -> [Int] {
    var set = children.map {
      pollfd(fd: $0.atEnd ? -1 : $0.output, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&set, nfds_t(set.count), milliseconds) > 0 else { return [] }
    return set.indices.filter { set[$0].revents != 0 }
  }

  /// Moves bytes both ways until `isDone` or the deadline; looks at least once.
  private func pump(until deadline: Deadline, _ isDone: () -> Bool) throws {
    while true {
      let wrote = try sendSome()
      let got = receiveSome()
      if isDone() { return }
      if wrote || got { continue }
      let milliseconds = deadline.milliseconds
      guard milliseconds > 0 else { return }
      var set = [
        pollfd(fd: unsent > 0 ? input : -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: isReading && !atEnd ? output : -1, events: Int16(POLLIN), revents: 0),
      ]
      _ = poll(&set, 2, milliseconds)
    }
  }

  private func sendSome() throws -> Bool {
    guard input >= 0 else {
      outgoingStart = outgoing.count
      return false
    }
    var progressed = false
    if unsent > 0 {
      let count = outgoing.withUnsafeBytes {
        Glibc.write(input, $0.baseAddress?.advanced(by: outgoingStart), min(unsent, 1 << 20))
      }
      if count > 0 {
        outgoingStart += count
        progressed = true
      } else if errno == EPIPE {
        // The child is gone; what it left in its output is still to be read.
        outgoingStart = outgoing.count
      } else if errno != EAGAIN, errno != EINTR {
        throw HarnessFailure.system("write")
      }
    }
    if unsent == 0 {
      outgoing.removeAll(keepingCapacity: true)
      outgoingStart = 0
      if closesInput {
        close(input)
        input = -1
      }
    }
    return progressed
  }

  private func receiveSome() -> Bool {
    guard isReading, !atEnd else { return false }
    if incomingStart > 1 << 20 {
      incoming.removeFirst(incomingStart)
      (scanned, incomingStart) = (scanned - incomingStart, 0)
    }
    let count = buffer.withUnsafeMutableBytes { read(output, $0.baseAddress, $0.count) }
    if count == 0 { atEnd = true }
    guard count > 0 else { return false }
    incoming.append(contentsOf: buffer[0..<count])
    return true
  }

  /// Whether nothing more will come, because the child has closed its output or ended.
  package var isAtEnd: Bool { atEnd }

  /// Whether the last byte read so far was a line's end; true before any byte.
  package var endedWithNewline: Bool { incoming.last.map { $0 == 0x0A } ?? true }

  private func takeLine() -> [UInt8]? {
    let end: Int? = incoming.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, scanned < bytes.count,
        let found = memchr(base.advanced(by: scanned), 0x0A, bytes.count - scanned)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
    guard let end else {
      scanned = incoming.count
      return nil
    }
    defer {
      incomingStart = end + 1
      scanned = end + 1
    }
    return Array(incoming[incomingStart..<end])
  }

  /// What the child has written to standard error so far.
  package var errors: String { Files.text(of: errorFile) ?? "" }

  fileprivate var errorTail: String {
    let state = exit.map { "It ended with \($0)." } ?? "It has process id \(pid)."
    return "\(state) Standard error: \(errors.suffix(2000))"
  }
}

// MARK: Life and death

extension ChildProcess {
  package func send(signal number: Int32) {
    if exit == nil { kill(pid, number) }
  }

  /// Waits for the child's end, reading meanwhile if `isReading`.
  @discardableResult
  package func wait(_ deadline: Deadline = Deadline()) throws -> Exit {
    while true {
      if let exit { return exit }
      var status: Int32 = 0
      let reaped = waitpid(pid, &status, WNOHANG)
      if reaped == pid {
        let signal = status & 0x7F
        let ended: Exit = signal == 0 ? .code(status >> 8 & 0xFF) : .signal(signal)
        exit = ended
        return ended
      }
      guard !deadline.hasPassed else {
        throw HarnessFailure("the child does not end. \(errorTail)")
      }
      try pump(until: Deadline(in: 0.002)) { false }
      if atEnd || !isReading { usleep(1000) }
    }
  }

  /// `kill -9`, and waits until nothing of the child is left but what it wrote.
  package func kill9() throws {
    send(signal: SIGKILL)
    try wait()
  }

  /// Resident memory in bytes; 0 once the process is gone.
  package var residentBytes: Int {
    let text = Files.text(of: "/proc/\(pid)/statm") ?? ""
    let fields = text.split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }
}
