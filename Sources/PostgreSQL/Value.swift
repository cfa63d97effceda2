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

    /// Appends its bytes, and answers how many; nil is NULL, of which there are none.
    func encode(into bytes: inout [UInt8]) -> Int? {
      let start = bytes.count
      switch self {
      case .integer(let number): Self.write(UInt64(bitPattern: number), to: &bytes)
      case .optionalInteger(nil): return nil
      case .optionalInteger(let number?): Self.write(UInt64(bitPattern: number), to: &bytes)
      case .text(let text): bytes += text.utf8
      case .bytes(let content): bytes += content
      case .integers(let numbers): Self.write(numbers, to: &bytes)
      case .texts(let texts): Self.write(texts, to: &bytes)
      case .blobs(let blobs): Self.write(blobs, to: &bytes)
      }
      return bytes.count - start
    }

    private static let null = UInt32.max

    private static func write(_ number: UInt64, to bytes: inout [UInt8]) {
      withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private static func write(_ number: UInt32, to bytes: inout [UInt8]) {
      withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// What an array begins with: dimensions, whether there are NULLs, the type; size and lower
    /// bound.
    private static func begin(
      _ count: Int, hasNulls: Bool, type: UInt32, to bytes: inout [UInt8]
    ) {
      write(count == 0 ? 0 : 1 as UInt32, to: &bytes)
      write(hasNulls ? 1 : 0 as UInt32, to: &bytes)
      write(type, to: &bytes)
      guard count > 0 else { return }
      write(UInt32(count), to: &bytes)
      write(1 as UInt32, to: &bytes)
    }

    private static func write(
      _ numbers: [Int64?], to bytes: inout [UInt8]
    ) {
      begin(numbers.count, hasNulls: numbers.contains(nil), type: 20, to: &bytes)
      for number in numbers {
        guard let number else {
          write(null, to: &bytes)
          continue
        }
        write(8 as UInt32, to: &bytes)
        write(UInt64(bitPattern: number), to: &bytes)
      }
    }

    private static func write(_ texts: [String?], to bytes: inout [UInt8]) {
      begin(texts.count, hasNulls: texts.contains(nil), type: 25, to: &bytes)
      for text in texts {
        write(text.map { UInt32($0.utf8.count) } ?? null, to: &bytes)
        if let text { bytes += text.utf8 }
      }
    }

    private static func write(_ blobs: [[UInt8]?], to bytes: inout [UInt8]) {
      begin(blobs.count, hasNulls: blobs.contains(nil), type: 17, to: &bytes)
      for blob in blobs {
        write(blob.map { UInt32($0.count) } ?? null, to: &bytes)
        if let blob { bytes += blob }
      }
    }
  }

  /// A statement's text, prepared once on each connection that runs it.
  package struct Statement: Hashable, Sendable {
    package let sql: String

    package init(_ sql: String) { self.sql = sql }

    /// By its length, which few share: each is looked for with every group.
    package func hash(into hasher: inout Hasher) { hasher.combine(sql.utf8.count) }

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
