// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import JSON
import JSONRPC
import LedgerCore
import Secrets

/// Turns what a scanner types into requests, and the answers to them into lines for a cashier's
/// display, one for each line typed and in the same order.
///
/// Does no I/O of its own.
struct Scanner {
  /// What is asked about each code.
  struct Options {
    /// Use it up, and not only ask whether it could be used.
    var redeems = false
    /// A person types: put look-alikes right, and not too fast.
    var isTyped = false
    /// Minor units that the coupon is to be taken off.
    var amount: Int64?
    var store: String?
    var terminal: String?
    var operatorID: String?
  }

  /// Where the answer to a line comes from.
  private enum Slot {
    /// From the session, in the order asked.
    case asked
    case known(JSONTree)
  }

  /// The longest line that is looked at, in bytes.
  private static let lineLimit = 4_096

  private let options: Options
  private let randomKey: () -> String
  private var framer = LineFramer(limit: Self.lineLimit)
  private var typing = TypingLimit()
  private var slots: [Slot] = []

  /// - Parameter randomKey: a new idempotency key at each call.
  init(_ options: Options, randomKey: @escaping () -> String) {
    self.options = options
    self.randomKey = randomKey
  }

  // MARK: Lines

  /// Takes bytes typed at this time, monotonic in milliseconds; the requests they make, each with
  /// its LF.
  ///
  /// Many serial scanners end a code with a CR alone, which no code holds: it ends a line here too.
  mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Int64) -> [UInt8] {
    framer.append(bytes.map { $0 == UInt8(ascii: "\r") ? UInt8(ascii: "\n") : $0 })
    var requests: [UInt8] = []
    while let frame = framer.next() { ask(frame, at: now, into: &requests) }
    return requests
  }

  /// No more will be typed: an unterminated last line counts.
  mutating func endOfInput(at now: Int64) -> [UInt8] {
    var requests: [UInt8] = []
    if let frame = framer.finish() { ask(frame, at: now, into: &requests) }
    return requests
  }

  private mutating func ask(_ frame: LineFramer.Frame, at now: Int64, into requests: inout [UInt8])
  {
    if options.isTyped, let wait = typing.wait(at: now) {
      let limited: JSONTree = [
        "valid": false, "reason": "rate_limited", "retry_after_ms": .integer(wait),
      ]
      slots.append(.known(limited))
      return
    }
    guard case .line(let line) = frame else {
      slots.append(.known(Self.malformed))
      return
    }
    // What is not UTF-8 comes out as a text that is no code either.
    let text = String(decoding: line, as: UTF8.self)
    request(options.isTyped ? CouponSigner.typed(text) : text).append(to: &requests)
    slots.append(.asked)
  }

  private func request(_ payload: String) -> JSONTree {
    var params: [JSONTree.Member] = [.init("payload", .string(payload))]
    if options.redeems {
      params.append(.init("idempotency_key", .string(randomKey())))
      if let name = options.operatorID { params.append(.init("operator_id", .string(name))) }
    }
    if let amount = options.amount { params.append(.init("amount", .integer(amount))) }
    if let store = options.store { params.append(.init("store_id", .string(store))) }
    if let terminal = options.terminal { params.append(.init("terminal_id", .string(terminal))) }
    return [
      "jsonrpc": "2.0", "id": .integer(Int64(slots.count)),
      "method": options.redeems ? "coupon.redeem" : "coupon.verify", "params": .object(params),
    ]
  }

  // MARK: Answers

  /// The lines for all that was typed since the last call, from the session's answers to it.
  mutating func lines(from answers: [JSONTree]) -> [UInt8] {
    var answers = answers[...]
    var lines: [UInt8] = []
    for slot in slots {
      switch slot {
      case .known(let tree): tree.append(to: &lines)
      case .asked:
        guard let answer = answers.popFirst() else {
          preconditionFailure("every request is answered")
        }
        Self.verdict(answer).append(to: &lines)
      }
    }
    precondition(answers.isEmpty, "no request is answered twice")
    slots = []
    return lines
  }

  /// The result as it is; a refusal as a code that is not valid.
  private static func verdict(_ answer: JSONTree) -> JSONTree {
    if let result = answer["result"] { return result }
    let data = answer["error"]?["data"]
    // What the engine does not take for a payload at all is a bad code, not a bad request.
    if data?["code"] == "invalid_params", data?["field"] == "/payload" { return malformed }
    var members: [JSONTree.Member] = [
      .init("valid", false), .init("reason", data?["code"] ?? "internal_error"),
    ]
    if let message = answer["error"]?["message"] { members.append(.init("message", message)) }
    if case .object(let details)? = data?["details"] {
      members += details.filter { detail in !members.contains { $0.name == detail.name } }
    }
    if data?["retryable"] == true { members.append(.init("retryable", true)) }
    return .object(members)
  }

  private static let malformed: JSONTree = [
    "valid": false, "reason": "malformed",
    "message": .string(RefusalCode.malformed.message),
  ]
}

extension JSONTree {
  /// Adds this value as a line.
  fileprivate func append(to lines: inout [UInt8]) {
    var writer = JSONWriter(reservingCapacity: 256)
    write(to: &writer)
    lines.append(contentsOf: writer.bytes)
    lines.append(0x0A)
  }
}
