// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

public import JSON

/// Builds the one line that answers a line: a response object, or for a batch an array of them.
///
/// Members stand in the order `jsonrpc`, `id`, `result` or `error`. Notifications are not
/// appended; a line without any answer is no line at all (JSON-RPC 2.0 §6).
public struct ResponseLine: ~Copyable {
  private let isBatch: Bool
  private var writer: JSONWriter
  private var count = 0

  /// - Parameter batch: true if the request line was a batch. A single line, or one that could
  ///   not be read, takes at most one answer.
  public init(batch: Bool = false, reservingCapacity capacity: Int = 0) {
    isBatch = batch
    writer = JSONWriter(reservingCapacity: capacity)
    if batch { writer.beginArray() }
  }

  /// True if nothing was appended.
  public var isEmpty: Bool { count == 0 }

  /// Answers with a result that is already encoded: one JSON value without raw newlines.
  public mutating func append(id: RequestID, result: some Collection<UInt8>) {
    append(id: id) { $0.raw(result) }
  }

  /// Appends the whole line that answers a single request with an encoded result, LF included.
  ///
  /// The same bytes as a line made step by step, for the way that most answers go.
  public static func append(id: RequestID, result: [UInt8], to output: inout [UInt8]) {
    result.withUnsafeBytes { append(id: id, result: $0, to: &output) }
  }

  /// Appends the whole line that answers a single request with an encoded result, LF included.
  public static func append(
    id: RequestID, result: UnsafeRawBufferPointer, to output: inout [UInt8]
  ) {
    precondition(!result.isEmpty, "an encoded value is never empty")
    var id = id.token
    id.withUTF8 { id in
      output.makeRoom(for: id.count + result.count + 40)
      output.append(literal: #"{"jsonrpc":"2.0","id":"#)
      output.append(contentsOf: id)
      output.append(literal: #","result":"#)
      output.append(contentsOf: result)
      output.append(literal: "}\n")
    }
  }

  /// Answers with a result that the closure writes as exactly one value.
  public mutating func append(id: RequestID, result: (inout JSONWriter) -> Void) {
    begin(id: id)
    writer.name("result")
    result(&writer)
    writer.endObject()
  }

  /// Answers with an error.
  ///
  /// A nil id is written as null; `data` is one encoded JSON value.
  public mutating func append(
    id: RequestID?, code: Int, message: String, data: [UInt8]? = nil
  ) {
    begin(id: id)
    writer.name("error")
    writer.beginObject()
    writer.name("code")
    writer.integer(code)
    writer.name("message")
    writer.string(message)
    if let data {
      writer.name("data")
      writer.raw(data)
    }
    writer.endObject()
    writer.endObject()
  }

  /// Answers with a fault; `data` is one encoded JSON value.
  public mutating func append(id: RequestID?, fault: Fault, data: [UInt8]? = nil) {
    append(id: id, code: fault.code, message: fault.message, data: data)
  }

  /// The whole line with its LF, or nil if there is nothing to answer.
  public consuming func finish() -> [UInt8]? {
    guard count > 0 else { return nil }
    if isBatch { writer.endArray() }
    precondition(writer.isComplete, "an answer was left unfinished")
    var line = writer.bytes
    line.append(0x0A)
    return line
  }

  private mutating func begin(id: RequestID?) {
    precondition(isBatch || count == 0, "a single request has one answer")
    count += 1
    writer.beginObject()
    writer.name("jsonrpc")
    writer.string("2.0")
    writer.name("id")
    writer.raw((id ?? .null).token.utf8)
  }
}

extension [UInt8] {
  fileprivate mutating func append(literal text: StaticString) {
    text.withUTF8Buffer { append(contentsOf: $0) }
  }

  /// Reserves for `more` bytes, by doubling, so that appending stays cheap.
  fileprivate mutating func makeRoom(for more: Int) {
    guard capacity - count < more else { return }
    reserveCapacity(Swift.max(count + more, 2 * capacity))
  }
}
