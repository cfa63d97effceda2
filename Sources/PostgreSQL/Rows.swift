// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import CPostgreSQL

  /// What a statement answered, in binary form; freed when it goes out of scope.
  ///
  /// Reading never traps, whatever stands in a row: what is not of the type asked for reads as 0
  /// or empty.
  @safe
  package final class Rows {
    private let handle: OpaquePointer

    /// Takes over the handle, which nobody else may clear.
    @unsafe
    init(_ handle: OpaquePointer) { self.handle = handle }

    deinit { PQclear(handle) }

    package var count: Int { Int(PQntuples(handle)) }

    /// How many rows a statement that writes has written.
    package var affected: Int {
      guard let text = PQcmdTuples(handle) else { return 0 }
      return Int(String(cString: text)) ?? 0
    }

    /// What was done, as the server names it: `COMMIT`, `INSERT 0 3`.
    package var tag: String { PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    package func isNull(_ row: Int, _ column: Int) -> Bool {
      PQgetisnull(handle, Int32(row), Int32(column)) != 0
    }

    /// A number of two, four or eight bytes.
    package func integer(_ row: Int, _ column: Int) -> Int64 {
      withBytes(row, column) { bytes in
        guard let first = bytes.first, [2, 4, 8].contains(bytes.count) else { return 0 }
        let start: Int64 = first & 0x80 == 0 ? 0 : -1
        return bytes.reduce(start) { $0 << 8 | Int64($1) }
      }
    }

    /// The same; nil for NULL.
    package func optionalInteger(_ row: Int, _ column: Int) -> Int64? {
      isNull(row, column) ? nil : integer(row, column)
    }

    package func text(_ row: Int, _ column: Int) -> String {
      withBytes(row, column) { String(decoding: $0, as: UTF8.self) }
    }

    package func bytes(_ row: Int, _ column: Int) -> [UInt8] {
      withBytes(row, column) { Array($0) }
    }

    private func withBytes<Result>(
      _ row: Int, _ column: Int, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
      let count = Int(PQgetlength(handle, Int32(row), Int32(column)))
      return body(
        UnsafeRawBufferPointer(start: PQgetvalue(handle, Int32(row), Int32(column)), count: count))
    }
  }

#endif
