// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A place in a JSON document (RFC 6901), as refusals name it: `/lines/0/sku`.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
  /// The pointer's text in UTF-8.
  ///
  /// Bytes rather than `String`, since canonically equivalent names
  /// are different members.
  private var text: [UInt8] = []

  /// The whole document.
  public init() {}

  /// The member `name` of the whole document.
  public init(_ name: String) {
    append(name)
  }

  /// True for the pointer to the whole document.
  public var isRoot: Bool { text.isEmpty }

  /// The pointer as text: empty for the whole document, else with a leading slash.
  public var description: String { String(decoding: text, as: UTF8.self) }

  /// This place's member `name`, with `~` written `~0` and `/` written `~1` (RFC 6901 §3).
  public func appending(_ name: String) -> JSONPointer {
    var result = self
    result.append(name)
    return result
  }

  /// This place's element `index`, counted from 0.
  public func appending(index: Int) -> JSONPointer {
    precondition(index >= 0, "an array has no negative index")
    var result = self
    result.text.append(UInt8(ascii: "/"))
    result.text.append(contentsOf: String(index).utf8)
    return result
  }

  private mutating func append(_ name: String) {
    text.append(UInt8(ascii: "/"))
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "~"): text.append(contentsOf: "~0".utf8)
      case UInt8(ascii: "/"): text.append(contentsOf: "~1".utf8)
      default: text.append(byte)
      }
    }
  }
}
