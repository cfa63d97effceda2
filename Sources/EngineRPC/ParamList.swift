// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The members that a method, or an object inside its params, declares; found by name.
///
/// An object, because every request carries its own: looking a name up touches no reference count
/// and compares one number with each declared name.
final class ParamList: Sendable {
  let params: [Param]
  /// One number a name, from its length, its first and its last eight bytes.
  private let marks: [UInt64]

  init(_ params: [Param]) {
    self.params = params
    marks = params.map { param in
      var name = param.name
      return name.withUTF8 { Self.mark(UnsafeRawBufferPointer($0)) }
    }
  }

  var count: Int { params.count }

  /// The place of the member that has this name.
  func place(of member: JSONMember) -> Int? { member.withNameBytes { place(of: $0) } }

  /// The place of the member that has this name.
  func place(of name: String) -> Int? {
    var name = name
    return name.withUTF8 { place(of: $0) }
  }

  private func place(of name: UnsafeBufferPointer<UInt8>) -> Int? {
    let mark = Self.mark(UnsafeRawBufferPointer(name))
    for (place, other) in marks.enumerated() where other == mark {
      var declared = params[place].name
      if declared.withUTF8({ $0.elementsEqual(name) }) { return place }
    }
    return nil
  }

  private static func mark(_ name: UnsafeRawBufferPointer) -> UInt64 {
    let count = name.count
    guard count >= 8 else {
      return name.reduce(UInt64(count)) { $0 << 8 | UInt64($1) }
    }
    let first = name.loadUnaligned(as: UInt64.self)
    let last = name.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    return first ^ last &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(count)
  }
}
