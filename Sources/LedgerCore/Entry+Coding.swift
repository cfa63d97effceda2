// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension Entry {
  /// The version of the body that is written; every version ever written is read for ever.
  private static let bodyVersion: UInt8 = 1

  /// The encoding of all but what stands in the row's own columns: id, time, kind, account, key.
  ///
  /// Deterministic: entries whose texts are the same byte for byte have equal bodies.
  package func encodedBody() -> [UInt8] {
    var writer = ByteWriter(reserving: 384)
    writeBody(to: &writer)
    return writer.bytes
  }

  /// As `encodedBody`, behind what was written before.
  package func writeBody(to writer: inout ByteWriter) {
    writer.byte(Self.bodyVersion)
    writer.signed(date.daysSince1970)
    writer.unsigned(UInt64(previous.sequence))
    writer.unsigned(UInt64(programVersion))
    writer.optional(text: origin.store)
    writer.optional(text: origin.terminal)
    writer.optional(text: origin.operator)
    writer.optional(text: reason)
    writer.optional(text: tender)
    writer.byte(asset.rawValue)
    writer.amount(amount)
    writer.amount(principal)
    writer.amount(bonus)
    writer.count(links.count)
    for link in links {
      writer.byte(link.relation.rawValue)
      writer.unsigned(UInt64(link.entry.sequence))
    }
    writer.optional(entry: hold?.authorizedBy)
    writer.count(changes.count)
    // By index: an element that is handed out is copied.
    for index in changes.indices { changes[index].write(to: &writer) }
    writer.count(postings.count)
    for index in postings.indices { postings[index].write(to: &writer) }
    writer.bool(after != nil)
    if let after { after.write(to: &writer) }
    writer.bool(request != nil)
    if let request { request.write(to: &writer) }
  }

  /// Reads an entry from its row.
  ///
  /// Throws `MalformedRecord` for anything `encodedBody` does not write.
  package convenience init(
    id: EntryID, at: Instant, kind: UInt8, account: Int64?, key: String?, body: ArraySlice<UInt8>
  ) throws(MalformedRecord) {
    var reader = ByteReader(body)
    guard try reader.byte() == Self.bodyVersion else {
      throw MalformedRecord("unknown version of an entry")
    }
    guard (0...Instant.latest.milliseconds).contains(at.milliseconds) else {
      throw MalformedRecord("time out of range")
    }
    guard let kind = EntryKind(rawValue: kind) else { throw MalformedRecord("unknown kind") }
    self.init(
      id: id, at: at, date: try reader.date(), kind: kind, account: try Self.readAccount(account),
      previous: try reader.entryID(), programVersion: try Self.readVersion(from: &reader),
      origin: Origin(
        store: try reader.optionalText(), terminal: try reader.optionalText(),
        operator: try reader.optionalText()),
      reason: try reader.optionalText(), tender: try reader.optionalText(),
      asset: try Self.readAsset(from: &reader), amount: try reader.amount(),
      principal: try reader.amount(), bonus: try reader.amount(),
      links: try reader.list { r throws(MalformedRecord) in try Link(from: &r) },
      hold: try reader.optional { r throws(MalformedRecord) in HoldID(try r.entryID()) },
      changes: try reader.list { r throws(MalformedRecord) in try Change(from: &r) },
      postings: try reader.list { r throws(MalformedRecord) in try Posting(from: &r) },
      after: try reader.optional { r throws(MalformedRecord) in try AccountSnapshot(from: &r) },
      request: try Self.readRequest(key: key, from: &reader))
    try reader.finish()
  }

  private static func readVersion(from reader: inout ByteReader) throws(MalformedRecord) -> Int64 {
    guard let version = Int64(exactly: try reader.unsigned()) else {
      throw MalformedRecord("program version out of range")
    }
    return version
  }

  private static func readAsset(from reader: inout ByteReader) throws(MalformedRecord) -> Asset {
    guard let asset = Asset(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown asset")
    }
    return asset
  }

  private static func readAccount(_ stored: Int64?) throws(MalformedRecord) -> AccountID? {
    guard let stored else { return nil }
    guard let id = AccountID(stored: stored) else { throw MalformedRecord("bad account") }
    return id
  }

  private static func readRequest(
    key: String?, from reader: inout ByteReader
  ) throws(MalformedRecord) -> RequestRecord? {
    guard try reader.bool() else {
      guard key == nil else { throw MalformedRecord("key without request") }
      return nil
    }
    guard let key = key.flatMap({ IdempotencyKey($0) }) else {
      throw MalformedRecord("request without key")
    }
    guard let method = RequestMethod(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown method")
    }
    let digestKey = try reader.byte()
    let pinsStretched = try reader.bool()
    let digests = try reader.list { r throws(MalformedRecord) in
      guard let member = RequestMember(rawValue: try r.byte()) else {
        throw MalformedRecord("unknown member")
      }
      return MemberDigest(member, try r.fixed())
    }
    return RequestRecord(
      key: key, method: method, digestKey: digestKey, pinsStretched: pinsStretched,
      digests: digests)
  }
}

extension RequestRecord {
  /// All but the key, which stands in a column of its own.
  fileprivate func write(to writer: inout ByteWriter) {
    writer.byte(method.rawValue)
    writer.byte(digestKey)
    writer.bool(pinsStretched)
    writer.count(digests.count)
    for digest in digests {
      writer.byte(digest.member.rawValue)
      writer.fixed(digest.digest)
    }
  }
}

extension Entry.Link {
  fileprivate init(from reader: inout ByteReader) throws(MalformedRecord) {
    guard let relation = Entry.Relation(rawValue: try reader.byte()) else {
      throw MalformedRecord("unknown relation")
    }
    self.init(relation, try reader.entryID())
  }
}
