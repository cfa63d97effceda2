// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

public import JSON

/// One JSON-RPC 2.0 request or notification (§4).
///
/// An object, because it is handed on several times and is mostly references.
public final class Request: Sendable {
  /// Nil for a notification: it is carried out and not answered.
  public let id: RequestID?
  private let members: JSONFour
  /// The params as they came, or nil if there are none.
  ///
  /// They may be of any JSON type: what is
  /// not an object is the dispatcher's to refuse with -32602 and this request's id (contract §9).
  public var params: JSONValue? { members[3] }

  fileprivate init(id: RequestID?, members: JSONFour) {
    self.id = id
    self.members = members
  }

  /// The method's name, unescaped; what is looked for among many is looked for by its place.
  public var method: String { members[2]?.string ?? "" }

  /// The place of the method's name among these; nil when it is none of them.
  public func place(among names: JSONNames) -> Int? {
    var place: Int?
    members.look(at: 2) { place = names.place(of: $0) }
    return place
  }
}

/// One call of a line: on its own, or a member of a batch.
public enum Call: Sendable {
  /// A well-formed request or notification.
  case request(Request)
  /// Not a request; to be answered with this fault. The id is the one it carries, if that can
  /// be read, else nil, which is answered as null.
  indirect case invalid(id: RequestID?, Fault)

  /// Judges one JSON value as a request object.
  ///
  /// `jsonrpc` must be exactly "2.0" and `method` a string. Members besides `jsonrpc`, `id`,
  /// `method` and `params` are ignored: the specification does not forbid them, and clients put
  /// trace ids there.
  public init(_ value: JSONValue) {
    guard value.kind == .object else {
      self = .invalid(id: nil, .invalidRequest.because("a request is an object"))
      return
    }
    let members = JSONFour(of: value, by: Self.names)
    var id: RequestID?
    var isIDWrong = false
    members.look(at: 0) {
      id = RequestID($0)
      isIDWrong = id == nil
    }
    var isVersionRight = false
    members.look(at: 1) { isVersionRight = $0.isString("2.0") }
    var isNamed = false
    members.look(at: 2) { isNamed = $0.kind == .string }
    if isIDWrong {
      self = .invalid(id: nil, .invalidRequest.because("id must be a string, integer or null"))
    } else if !isVersionRight {
      self = .invalid(id: id, .invalidRequest.because("jsonrpc must be \"2.0\""))
    } else if isNamed {
      self = .request(Request(id: id, members: members))
    } else {
      self = .invalid(id: id, .invalidRequest.because("method must be a string"))
    }
  }

  private static let names = JSONNames(["id", "jsonrpc", "method", "params"])
}

/// What one line asks for.
public enum Incoming: Sendable {
  /// One call, answered by one object.
  case single(Call)
  /// A batch of at least one call, served in order and answered by one array (§6).
  case batch([Call])
  /// Neither: answered by one error object with id null.
  indirect case fault(Fault)

  /// Reads one line, without its terminator.
  ///
  /// Never throws: whatever comes has an answer.
  public static func parse(_ line: [UInt8]) -> Incoming {
    line.withUnsafeBufferPointer { parse($0) }
  }

  /// Reads one line, without its terminator; see `parse(_: [UInt8])`.
  public static func parse(_ line: UnsafeBufferPointer<UInt8>) -> Incoming {
    let document: JSONDocument
    do {
      document = try JSONDocument.parse(line)
    } catch {
      return .fault(.parseError(error))
    }
    let root = document.root
    guard root.kind == .array else { return .single(Call(root)) }
    guard root.count > 0 else { return .fault(.invalidRequest.because("an empty batch")) }
    return .batch(root.elements.map { Call($0) })
  }

  /// What a framer found: a line is parsed, an oversized one is -32600 (contract §1).
  public init(_ frame: LineFramer.LentFrame) {
    switch frame {
    case .line(let bytes): self = .parse(bytes)
    case .oversized: self = .fault(.invalidRequest.because("the line is longer than 1 MiB"))
    }
  }
}
