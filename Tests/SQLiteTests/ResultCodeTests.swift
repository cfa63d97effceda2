// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import SQLite
import Testing

@Suite struct ResultCodeTests {
  @Test(arguments: [
    (ResultCode.busySnapshot, 517, "SQLITE_BUSY_SNAPSHOT (517)"),
    (.ioerrFsync, 1034, "SQLITE_IOERR_FSYNC (1034)"),
    (.ioerrDirFsync, 1290, "SQLITE_IOERR_DIR_FSYNC (1290)"),
    (.ioerrShmMap, 5386, "SQLITE_IOERR_SHMMAP (5386)"),
    (.ioerrData, 8202, "SQLITE_IOERR_DATA (8202)"),
    (.ioerrCorruptFS, 8458, "SQLITE_IOERR_CORRUPTFS (8458)"),
    (.readonlyDirectory, 1544, "SQLITE_READONLY_DIRECTORY (1544)"),
    (.constraintUnique, 2067, "SQLITE_CONSTRAINT_UNIQUE (2067)"),
    (.constraintPrimaryKey, 1555, "SQLITE_CONSTRAINT_PRIMARYKEY (1555)"),
    (.constraintDataType, 3091, "SQLITE_CONSTRAINT_DATATYPE (3091)"),
    (.notADatabase, 26, "SQLITE_NOTADB (26)"),
    (.full, 13, "SQLITE_FULL (13)"),
    (.done, 101, "SQLITE_DONE (101)"),
  ])
  func `a code has the number and the name that SQLite's documentation gives it`(
    code: ResultCode, number: Int32, name: String
  ) {
    #expect(code.rawValue == number)
    #expect(code.description == name)
  }

  @Test func `a primary pattern matches its refinements and an extended one only itself`() {
    func kind(_ code: ResultCode) -> String {
      switch code {
      case .ioerrFsync: "sync"
      case .ioerr: "other input or output"
      case .busy: "busy"
      default: "other"
      }
    }
    #expect(kind(.ioerrFsync) == "sync")
    #expect(kind(.ioerrWrite) == "other input or output")
    #expect(kind(.ioerr) == "other input or output")
    #expect(kind(.busySnapshot) == "busy")
    #expect(kind(.full) == "other")
    #expect(ResultCode.ioerr != .ioerrFsync)
    #expect(ResultCode.ioerrFsync.primary == .ioerr)
  }

  @Test func `a code without a name here shows its primary name and its own number`() {
    #expect(ResultCode(rawValue: 10 | 99 << 8).description == "SQLITE_IOERR (25354)")
    #expect(ResultCode(rawValue: 77).description == "SQLite result code (77)")
  }
}
