// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

public import JSON

/// A refusal on the level of JSON-RPC 2.0, with one of its reserved codes (§5.1).
public struct Fault: Error, Equatable, Sendable {
  /// One of the reserved codes -32700 and -32600…-32603.
  public let code: Int
  /// A short sentence for the developer; never a part of the request.
  public let message: String

  /// A fault of this code.
  public init(code: Int, message: String) {
    self.code = code
    self.message = message
  }

  /// The line is not JSON: -32700.
  public static let parseError = Fault(code: -32700, message: "Parse error")
  /// The JSON is not a request: -32600.
  public static let invalidRequest = Fault(code: -32600, message: "Invalid Request")
  /// There is no such method: -32601.
  public static let methodNotFound = Fault(code: -32601, message: "Method not found")
  /// The params do not fit the method: -32602.
  public static let invalidParams = Fault(code: -32602, message: "Invalid params")
  /// The server is at fault: -32603.
  public static let internalError = Fault(code: -32603, message: "Internal error")

  /// -32700 naming what is wrong and at which byte of the line.
  public static func parseError(_ error: JSONError) -> Fault {
    Fault(code: parseError.code, message: "\(parseError.message): \(error)")
  }

  /// This fault with a reason after its message: `Invalid Request: method must be a string`.
  public func because(_ reason: String) -> Fault {
    Fault(code: code, message: "\(message): \(reason)")
  }
}
