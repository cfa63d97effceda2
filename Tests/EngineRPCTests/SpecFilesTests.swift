// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import JSON
import Testing

/// `spec/openrpc.json` and `spec/errors.json` are what the engine itself says.
///
/// Run with SCRIP_UPDATE_SPEC=1 to write them anew after a change that was meant.
@Suite struct SpecFilesTests {
  @Test func `the OpenRPC file is the description the engine gives`() throws {
    try compare(OpenRPC.description, with: "openrpc.json")
  }

  @Test func `the file of errors is the catalogue the engine refuses by`() throws {
    try compare(Errors.catalogue, with: "errors.json")
  }

  private func compare(_ tree: JSONTree, with name: String) throws {
    let path = root + "/spec/" + name
    let made = tree.prettyText + "\n"
    if getenv("SCRIP_UPDATE_SPEC") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(made, file)
      fclose(file)
    }
    let kept = try #require(contents(path), "spec/\(name) is missing")
    #expect(kept == made, "spec/\(name) is not what the engine says; see the suite's comment")
  }

  private var root: String {
    String(#filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 })
  }

  private func contents(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: chunk[0..<count])
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
