// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  /// A parameter of a statement, sent in the server's binary form.
  package enum Value: Sendable {
    case integer(Int64)
    case optionalInteger(Int64?)
    case text(String)
    case bytes([UInt8])
    /// One array, so that one statement reads or writes many rows.
    case integers([Int64?])
    case texts([String?])
    case blobs([[UInt8]?])
  }

  extension Value {
    /// The number of its type in every server's catalogue.
    var type: UInt32 {
      switch self {
      case .integer, .optionalInteger: 20
      case .text: 25
      case .bytes: 17
      case .integers: 1016
      case .texts: 1009
      case .blobs: 1001
      }
    }

    /// Its bytes; nil is NULL.
    var encoded: [UInt8]? {
      switch self {
      case .integer(let number): Self.bytes(of: UInt64(bitPattern: number))
      case .optionalInteger(let number): number.map { Self.bytes(of: UInt64(bitPattern: $0)) }
      case .text(let text): Array(text.utf8)
      case .bytes(let bytes): bytes
      case .integers(let numbers):
        Self.array(of: numbers, type: 20) { $0 += Self.bytes(of: UInt64(bitPattern: $1)) }
      case .texts(let texts): Self.array(of: texts, type: 25) { $0 += $1.utf8 }
      case .blobs(let blobs): Self.array(of: blobs, type: 17) { $0 += $1 }
      }
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
      (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }

    private static func write(_ number: Int, to bytes: inout [UInt8], at offset: Int? = nil) {
      let word = UInt32(number)
      for index in 0..<4 {
        let byte = UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32(index)))
        if let offset { bytes[offset + index] = byte } else { bytes.append(byte) }
      }
    }

    /// Dimensions, whether there are NULLs, the type; size and lower bound; the elements.
    private static func array<Element>(
      of elements: [Element?], type: Int, _ encode: (inout [UInt8], Element) -> Void
    ) -> [UInt8] {
      var bytes: [UInt8] = []
      bytes.reserveCapacity(20 + 16 * elements.count)
      write(elements.isEmpty ? 0 : 1, to: &bytes)
      write(elements.contains { $0 == nil } ? 1 : 0, to: &bytes)
      write(type, to: &bytes)
      guard !elements.isEmpty else { return bytes }
      write(elements.count, to: &bytes)
      write(1, to: &bytes)
      for element in elements {
        guard let element else {
          bytes += [0xFF, 0xFF, 0xFF, 0xFF]
          continue
        }
        let start = bytes.count
        bytes += [0, 0, 0, 0]
        encode(&bytes, element)
        write(bytes.count - start - 4, to: &bytes, at: start)
      }
      return bytes
    }
  }

  /// A statement's text, prepared once on each connection that runs it.
  package struct Statement: Hashable, Sendable {
    package let sql: String

    package init(_ sql: String) { self.sql = sql }

    /// The statement with what it is to run with.
    package func with(_ values: Value...) -> Command { Command(statement: self, values: values) }
  }

  /// One statement of a pipeline.
  package struct Command: Sendable {
    let statement: Statement
    let values: [Value]

    package init(statement: Statement, values: [Value]) {
      self.statement = statement
      self.values = values
    }
  }

#endif
