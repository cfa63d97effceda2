// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import JSONRPC
import LedgerCore

/// What one request is answered, kept back until its group is durable.
enum Answer {
  /// One encoded JSON value.
  case result([UInt8])
  /// A result that is written once there is time.
  case unwritten(MutationResult)
  case refused(Refusal)
  case invalid(InvalidParams)
  case fault(Fault)

  /// This answer, its result written.
  var written: Answer {
    guard case .unwritten(let result) = self else { return self }
    return .result(result.written)
  }

  func append(to response: inout ResponseLine, id: RequestID?) {
    switch written {
    case .unwritten: preconditionFailure("it was just written")
    case .result(let bytes): response.append(id: id ?? .null, result: bytes)
    case .refused(let refusal):
      response.append(
        id: id, code: refusal.code.rawValue, message: refusal.code.message, data: refusal.data)
    case .invalid(let problem):
      response.append(
        id: id, code: Fault.invalidParams.code,
        message: "Invalid params: \(problem.field.isEmpty ? "params" : problem.field) "
          + problem.message,
        data: problem.data)
    case .fault(let fault): response.append(id: id, fault: fault)
    }
  }
}

/// The answer line to a batch; complete when every call of it is answered.
final class BatchAnswer {
  /// By the place of the call in its line.
  private var answers: [(answer: Answer, id: RequestID?)?]
  private var outstanding: Int

  init(calls: Int) {
    answers = Array(repeating: nil, count: calls)
    outstanding = calls
  }

  /// Takes the answer to the call at `place`, nil for a notification; appends the line to `output`
  /// once it is complete, its answers in the order of the calls.
  func take(_ answer: Answer?, id: RequestID?, at place: Int, into output: inout [UInt8]) {
    answers[place] = answer.map { (answer: $0, id: id) }
    outstanding -= 1
    guard outstanding == 0 else { return }
    var response = ResponseLine(batch: true)
    for case (let answer, let id)? in answers { answer.append(to: &response, id: id) }
    if let line = response.finish() { output.append(contentsOf: line) }
  }
}

/// One call on its way through the session.
///
/// An object, because it is handed on several times and is mostly references.
final class Work {
  /// The batch it belongs to, and its place in it; nil for a line of one call.
  let batch: BatchAnswer?
  let place: Int
  let call: Call
  /// The line as it came, where it may be handed over.
  private(set) var line: [UInt8]?
  /// Who asks, where that is not the session's client.
  let source: (guest: Guest, number: UInt64)?
  /// nil where there is no such method.
  let method: Method?
  /// What it is about, for the host.
  private(set) lazy var touch: Touch = {
    guard case .request(let request) = call, let method else { preconditionFailure("no request") }
    return Touch(request, method)
  }()
  /// Whether a host may have counted a wrong PIN for it: once is enough.
  var isUncertain = false
  /// When it was handed over to a host.
  var handedOverAt: Instant?
  /// Made when the call is first served, and kept while it waits for a stretched PIN.
  var ticket: MutationTicket?
  /// How far it has come in its group; nil before it is served.
  var progress: Session.Progress?
  /// Whether it has been answered, or left to whom it was asked by: once is all.
  private(set) var isDone = false

  init(
    _ call: consuming Call, in batch: BatchAnswer? = nil, at place: Int = 0, line: [UInt8]? = nil,
    from source: (guest: Guest, number: UInt64)? = nil
  ) {
    self.batch = batch
    self.place = place
    self.line = line
    self.source = source
    switch consume call {
    case .request(let request):
      method = Method.of(request)
      self.call = .request(request)
    case .invalid(let id, let fault):
      method = nil
      self.call = .invalid(id: id, fault)
    }
  }

  /// Drops the ticket, unless something has been computed for it that would be costly to compute
  /// again.
  func forgetTicket() {
    if ticket?.ticket.isPlain ?? false { ticket = nil }
  }

  /// Whether the entry that answers it is what a host has made of it, of which nobody has heard:
  /// it is then answered as if for the first time.
  func mayHaveMade(_ entry: Entry) -> Bool { handedOverAt.map { entry.at >= $0 } ?? false }

  /// It is served here from now on, whatever host there may be.
  func stays() { line = nil }

  /// Whether anybody waits for the answer.
  var id: RequestID? {
    switch call {
    case .request(let request): request.id
    case .invalid(let id, _): id
    }
  }

  var isNotification: Bool {
    if case .request(let request) = call { request.id == nil } else { false }
  }

  var isBulkIssue: Bool { method?.isBulkIssue ?? false }

  /// Whether it may append to the journal.
  var isWriting: Bool { method?.isWriting ?? false }

  /// Appends the answer's line to `output`, or keeps the answer until its batch is complete; a
  /// notification's is dropped, and a guest's is kept for it.
  func answer(_ answer: Answer, into output: inout [UInt8]) {
    isDone = true
    guard let source else { return append(answer, to: &output) }
    var line: [UInt8] = []
    append(answer, to: &line)
    source.guest.take(HostedAnswer(number: source.number, line: line))
  }

  /// Whether its answer is a line of its own, for the session's client.
  var isLineOfItsOwn: Bool { batch == nil && source == nil && !isNotification }

  /// Appends the line that answers a request of which that holds.
  func answer(result: UnsafeRawBufferPointer, into output: inout [UInt8]) {
    isDone = true
    ResponseLine.append(id: id ?? .null, result: result, to: &output)
  }

  /// Whether a guest asks, who is left to stretch the PIN itself and so to serve this, and what it
  /// asked for behind that.
  func isDeclined() -> Bool {
    source?.guest.isDeclined = true
    return source != nil
  }

  /// Leaves it to the guest who asks to serve this.
  func leaveToGuest() {
    isDone = true
    if let source { source.guest.take(HostedAnswer(number: source.number, line: [])) }
  }

  private func append(_ answer: Answer, to output: inout [UInt8]) {
    if let batch {
      return batch.take(isNotification ? nil : answer, id: id, at: place, into: &output)
    }
    guard !isNotification else { return }
    if case .result(let bytes) = answer.written {
      return ResponseLine.append(id: id ?? .null, result: bytes, to: &output)
    }
    var response = ResponseLine()
    answer.append(to: &response, id: id)
    if let line = response.finish() { output.append(contentsOf: line) }
  }
}
