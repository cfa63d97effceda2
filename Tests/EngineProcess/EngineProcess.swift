// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
package import JSON

/// `scrip serve` as a till has it: requests go in, answers come out by id.
package final class EngineProcess {
  package let child: ChildProcess
  private var lastID: Int64 = 0
  private var answers: [Int64: Answer] = [:]
  /// Answers and other lines whose id was not given out by `start`.
  private var strays: [Answer] = []

  /// Starts the engine; `wrapper` is a command that starts it in its turn, such as a tracer.
  package init(_ arguments: [String], through wrapper: [String] = []) throws {
    let command = try wrapper + [ScripBinary.path(), "serve"] + arguments
    child = try ChildProcess(command[0], Array(command.dropFirst()))
  }

  // MARK: One request after the other

  /// Sends a request and waits for its answer.
  package func request(
    _ method: String, _ params: JSONTree? = nil, _ deadline: Deadline = Deadline()
  ) throws -> Answer {
    try answer(to: start(method, params), deadline)
  }

  /// Sends a line as it stands, with LF, and waits for the next line.
  package func ask(_ line: String, _ deadline: Deadline = Deadline()) throws -> Answer {
    try send(line)
    return try next(deadline)
  }

  // MARK: Many in flight

  /// Sends a request and gives its id; the answer is fetched later.
  package func start(_ method: String, _ params: JSONTree? = nil) throws -> Int64 {
    lastID += 1
    try send(EngineProcess.line(method, params, id: .integer(lastID)))
    return lastID
  }

  /// Waits for the answer to a request that was started.
  ///
  /// Each answer can be fetched once.
  package func answer(to id: Int64, _ deadline: Deadline = Deadline()) throws -> Answer {
    while true {
      if let answer = answers.removeValue(forKey: id) { return answer }
      guard let line = try child.line(deadline) else {
        throw HarnessFailure("the engine ended without answering \(id): \(child.errors)")
      }
      keep(try Answer(line))
    }
  }

  /// Sends requests at once and gives their answers in the order of the requests.
  package func pipeline(
    _ requests: [(method: String, params: JSONTree)], _ deadline: Deadline = Deadline()
  ) throws -> [Answer] {
    var text = ""
    let first = lastID + 1
    for request in requests {
      lastID += 1
      text += EngineProcess.line(request.method, request.params, id: .integer(lastID)) + "\n"
    }
    try child.write(text.utf8)
    return try requests.indices.map { try answer(to: first + Int64($0), deadline) }
  }

  /// The answers that have come or come within the time, in the order they came, without waiting
  /// for more once `enough` have.
  package func answersSoFar(within seconds: Double, enough: Int = .max) throws -> [Answer] {
    try child.lines(within: seconds, enough: enough).map { try Answer($0) }
  }

  private func keep(_ answer: Answer) {
    if let id = answer.id?.integer { answers[id] = answer } else { strays.append(answer) }
  }

  // MARK: Lines

  /// Sends a line as it stands, with LF.
  package func send(_ line: String) throws {
    try child.write(line.utf8 + [0x0A])
  }

  /// The next line that comes, whatever its id.
  package func next(_ deadline: Deadline = Deadline()) throws -> Answer {
    guard let line = try child.line(deadline) else {
      throw HarnessFailure("the engine ended without an answer: \(child.errors)")
    }
    return try Answer(line)
  }

  /// A request's line without LF; without an id it is a notification.
  package static func line(
    _ method: String, _ params: JSONTree? = nil, id: JSONTree? = nil
  ) -> String {
    var members: [JSONTree.Member] = [.init("jsonrpc", "2.0")]
    if let id { members.append(.init("id", id)) }
    members.append(.init("method", .string(method)))
    if let params { members.append(.init("params", params)) }
    return JSONTree.object(members).text
  }

  // MARK: The end

  /// Ends the input and waits for the end; what still comes out is given back.
  @discardableResult
  package func finish(
    _ deadline: Deadline = Deadline()
  ) throws -> (exit: ChildProcess.Exit, rest: [Answer]) {
    try child.closeInput()
    var rest: [Answer] = []
    while let line = try child.line(deadline) { rest.append(try Answer(line)) }
    return (try child.wait(deadline), rest)
  }

  package func kill9() throws { try child.kill9() }

  /// Asks for the end by SIGTERM; see `ChildProcess.wait`.
  package func terminate() { child.send(signal: SIGTERM) }
}
