// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON

/// An entry as `entry.list` shows it.
struct ListedEntry {
  var id: String
  var seq: Int64
  var account: String?
  var key: String?
  var hold: String?
  var status: String
  var movement: Movement
}

/// The whole journal as the engine lists it.
enum JournalListing {
  /// All entries, the oldest first, page by page.
  static func read(from engine: EngineProcess) throws -> [ListedEntry] {
    var entries: [ListedEntry] = []
    var cursor: String?
    repeat {
      let place = cursor.map { JSONTree.string($0) } ?? .null
      try engine.send(
        EngineProcess.line("entry.list", ["limit": 500, "cursor": place], id: "listing"))
      guard let line = try engine.child.line() else {
        throw HarnessFailure("the engine ended: \(engine.child.errors)")
      }
      let response = try JSONDocument.parse(line).root
      guard let page = response["result"]?["entries"], let next = response["result"]?["next_cursor"]
      else { throw HarnessFailure("no page of entries: \(response.rawText)") }
      for element in page.elements { entries.append(try entry(element)) }
      cursor = next.string
    } while cursor != nil
    return entries.reversed()
  }

  private static func entry(_ value: JSONValue) throws -> ListedEntry {
    guard let id = value["entry_id"]?.string, let seq = value["seq"]?.integer,
      let status = value["status"]?.string, let movement = Movement(value)
    else { throw HarnessFailure("no entry: \(value.rawText)") }
    return ListedEntry(
      id: id, seq: seq, account: value["account_id"]?.string,
      key: value["idempotency_key"]?.string, hold: value["hold_id"]?.string, status: status,
      movement: movement)
  }
}
