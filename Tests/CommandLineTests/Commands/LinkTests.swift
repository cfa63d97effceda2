// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Testing

/// What the binary needs to be there, and what it does without.
@Suite struct LinkTests {
  @Test func `libpq is linked where PostgreSQL is built in, and only there`() throws {
    let listing = try ChildProcess("/usr/bin/ldd", [ScripBinary.path()])
    var libraries = ""
    while let line = try listing.line() { libraries += String(decoding: line, as: UTF8.self) }
    #expect(libraries.contains("libsqlite3"))
    #if PostgreSQL
      #expect(libraries.contains("libpq.so"))
    #else
      #expect(!libraries.contains("libpq"))
      let outcome = try ScripBinary.run([
        "verify", "--store", "postgresql://till:secret@localhost/shop", "--keyring", "k",
      ])
      #expect(outcome.code == 78)
      #expect(outcome.errors.contains("built without PostgreSQL"))
      #expect(!outcome.errors.contains("secret"))
    #endif
  }

  @Test(arguments: [
    ["verify"], ["verify", "--data=x", "--store", "postgresql://localhost/x"],
    ["verify", "--store", "postgresql://localhost/x"],
    ["verify", "--store", "x", "--keyring", "k"],
    ["verify", "--data=postgresql://localhost/x"],
  ])
  func `a ledger is named by a directory, or by a server and a keyring`(arguments: [String]) throws
  {
    #expect(try ScripBinary.run(arguments).code == 64)
  }
}
