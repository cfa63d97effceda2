// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import JSON
import SQLite
import Secrets

/// What this build is made of, for `--version`.
enum Versions {
  /// The layout of the journal that this build writes.
  static let schema = About.schemaVersion

  /// The one line of `--version`.
  static let line = "\(About.engine) \(About.version)"

  /// The one line of `--version --json`.
  static var json: String {
    var writer = JSONWriter()
    writer.beginObject()
    writer.name("engine")
    writer.string(About.engine)
    writer.name("version")
    writer.string(About.version)
    writer.name("protocol")
    writer.integer(About.protocolVersion)
    writer.name("schema_version")
    writer.integer(schema)
    for library in libraries {
      writer.name(library.name)
      writer.string(library.version)
    }
    writer.endObject()
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The libraries in use, as loaded and not as compiled against.
  static var libraries: [(name: String, version: String)] {
    [
      (name: "sqlite", version: Connection.libraryVersion),
      (name: "openssl", version: cryptographyLibraryVersion),
    ]
  }
}
