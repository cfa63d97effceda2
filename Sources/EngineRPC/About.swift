// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
package import LedgerCore
import Store

/// What the engine says of itself, and where requests come from that do not say.
package struct About: Sendable {
  package static let engine = "scrip"
  package static let version = "0.1.0"
  /// The version of the protocol; what is added does not raise it.
  package static let protocolVersion: Int64 = 1

  /// The layout of the journal that this build writes.
  package static let schemaVersion: Int64 = 1

  /// Store and terminal of requests that name none.
  package let defaults: Origin
  /// Names and versions of the libraries in use.
  package let libraries: [(name: String, version: String)]

  package init(defaults: Origin, libraries: [(name: String, version: String)]) {
    self.defaults = defaults
    self.libraries = libraries
  }

  func answer(_ method: Method.SessionMethod, _ engine: Engine, to writer: inout JSONWriter) {
    if method == .discover {
      OpenRPC.description.write(to: &writer)
      return
    }
    if method == .info {
      writeInfo(engine, to: &writer)
      return
    }
    writer.beginObject()
    switch method {
    case .ping:
      writer.name("pong")
      writer.bool(true)
    case .initialize:
      writeVersions(to: &writer)
      writer.name("methods")
      writer.beginArray()
      for method in Method.all { writer.string(method.name) }
      writer.endArray()
    case .shutdown, .info, .discover: break
    }
    writer.endObject()
  }

  func writeClock(_ engine: Engine, to writer: inout JSONWriter) {
    let now = engine.now
    writer.beginObject()
    writer.name("now")
    writer.string(now.text)
    writer.name("business_date")
    writer.string(engine.calendar.date(at: now).text)
    writer.endObject()
  }

  private func writeVersions(to writer: inout JSONWriter) {
    writer.name("engine")
    writer.string(About.engine)
    writer.name("version")
    writer.string(About.version)
    writer.name("protocol")
    writer.integer(About.protocolVersion)
  }

  private func writeInfo(_ engine: Engine, to writer: inout JSONWriter) {
    let identity = engine.store.identity
    writer.beginObject()
    writeVersions(to: &writer)
    writer.name("schema_version")
    writer.integer(About.schemaVersion)
    writer.name("ledger_id")
    writer.string(identity.id)
    writer.name("currency")
    writer.string(identity.currency)
    writer.name("timezone")
    writer.string(identity.timezone)
    writer.name("day_start")
    writer.string(identity.dayStart)
    writer.name("test_mode")
    writer.bool(identity.isTest)
    writer.name("program_version")
    writer.integer(engine.programVersion)
    writer.name("entries")
    writer.integer(engine.working.head.sequence)
    writer.name("clock")
    writeClock(engine, to: &writer)
    writer.name("libraries")
    writer.beginObject()
    for library in libraries {
      writer.name(library.name)
      writer.string(library.version)
    }
    writer.endObject()
    writer.endObject()
  }
}
