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

  /// No rows yet, with room for about so many.
  package init(reserving accounts: Int) { reserve(240 * accounts) }

  mutating func reserve(_ capacity: Int) { bytes.reserveCapacity(capacity) }

  /// Gives back what it has taken and does not need.
  package mutating func trim() {
    guard bytes.capacity > bytes.count + bytes.count / 8 else { return }
    bytes = bytes.withUnsafeBytes { Array($0) }
  }

  /// All accounts among these records.
  package init(of records: Unfolded) {
    reserve(240 * records.accounts.count)
    for (id, account) in records.accounts {
      append(
        id, account.encoded(),
        watch: records.subjects[.account(id)].map { .record($0.encoded()) } ?? .unknown)
    }
  }

  package mutating func append(_ id: AccountID, _ account: [UInt8], watch: Watch) {
    let (mark, record): (UInt32, [UInt8]) =
      switch watch {
      case .unknown: (Self.unknownWatch, [])
      case .nothing: (Self.noWatch, [])
      case .record(let record): (UInt32(record.count), record)
      }
    withUnsafeBytes(of: id.value) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: UInt32(account.count)) { bytes.append(contentsOf: $0) }
    withUnsafeBytes(of: mark) { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: account)
    bytes.append(contentsOf: record)
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
