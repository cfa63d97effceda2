// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
package import LedgerCore
import StoredValue

/// Accounts as bytes, one behind the other: what they are, and what rules remember of them.
///
/// An account in memory is a dozen pieces in as many places, and takes six times the room.
package struct AccountRows: Sendable {
  /// What rules remember of an account, as far as a row says.
  package enum Watch {
    /// It must be looked up.
    case unknown
    case nothing
    case record([UInt8])
  }

  struct Found {
    let account: ArraySlice<UInt8>
    /// Outer nil: it must be looked up.
    let watch: ArraySlice<UInt8>??
  }

  /// In front of each row: its id, and the lengths of its two parts.
  private static let headerBytes = 16
  private static let noWatch = UInt32.max
  private static let unknownWatch = UInt32.max - 1

  package private(set) var bytes: [UInt8] = []

  package init() {}

  /// No rows yet, with room for so many bytes.
  init(reservingBytes capacity: Int) { reserve(capacity) }

  mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func append(_ id: AccountID, _ account: [UInt8], watch: Watch) {
    switch watch {
    case .unknown: append(id, account, mark: Self.unknownWatch, [])
    case .nothing: append(id, account, mark: Self.noWatch, [])
    case .record(let record): append(id, account, mark: UInt32(record.count), record)
    }
  }

  private mutating func append(
    _ id: AccountID, _ account: [UInt8], mark: UInt32, _ record: [UInt8]
  ) {
    appendHeader(id, account.count, mark: mark)
    bytes.append(contentsOf: account)
    bytes.append(contentsOf: record)
  }

  /// Appends a row whose parts lie one behind the other, the account's first; without a record
  /// what is remembered must be looked up.
  mutating func append(
    _ id: AccountID, _ parts: UnsafeRawBufferPointer, account count: Int, hasRecord: Bool
  ) {
    let mark = hasRecord ? UInt32(parts.count - count) : Self.unknownWatch
    appendHeader(id, count, mark: mark)
    bytes.append(contentsOf: parts)
  }

  private mutating func appendHeader(_ id: AccountID, _ count: Int, mark: UInt32) {
    withUnsafeBytes(of: (id.value, UInt32(count), mark)) { bytes.append(contentsOf: $0) }
  }

  /// Takes a row over from others as it is.
  mutating func append(rowAt offset: Int, of other: AccountRows) {
    bytes.append(contentsOf: other.bytes[offset..<(offset + other.length(at: offset))])
  }

  /// Where a row is, and whose.
  package struct Place: Sendable {
    package let id: AccountID
    let offset: Int
    let length: Int
  }

  /// Where the rows are.
  var places: [Place] {
    var places: [Place] = []
    var offset = 0
    while offset < bytes.count {
      let value = bytes.withUnsafeBytes {
        $0.loadUnaligned(fromByteOffset: offset, as: Int64.self)
      }
      guard let id = AccountID(stored: value) else { preconditionFailure("a row has no id") }
      let length = length(at: offset)
      places.append(Place(id: id, offset: offset, length: length))
      offset += length
    }
    return places
  }

  /// How many bytes the row that begins there takes.
  func length(at offset: Int) -> Int {
    let (account, watch) = counts(at: offset)
    return Self.headerBytes + account + (watch >= Self.unknownWatch ? 0 : Int(watch))
  }

  @inline(__always)
  func row(at offset: Int) -> Found {
    let (account, watch) = counts(at: offset)
    let start = offset + Self.headerBytes
    let end = start + account
    let record: ArraySlice<UInt8>?? =
      switch watch {
      case Self.unknownWatch: .none
      case Self.noWatch: .some(nil)
      default: bytes[end..<(end + Int(watch))]
      }
    return Found(account: bytes[start..<end], watch: record)
  }

  private func counts(at offset: Int) -> (account: Int, watch: UInt32) {
    bytes.withUnsafeBytes { bytes in
      (
        Int(bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)),
        bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self)
      )
    }
  }
}
