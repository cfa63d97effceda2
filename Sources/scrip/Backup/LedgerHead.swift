// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import JSON
import LedgerCore
import Secrets
import Store

/// How far a journal goes, with its fingerprint: one line of JSON, as `ledger.head` answers it.
struct LedgerHead {
  let ledger: String
  let sequence: Int64
  let at: String
  let fingerprint: String

  /// The head of the ledger in a directory; needs no keys and proves nothing by itself.
  init(of directory: String) throws(Failure) {
    do {
      ledger = try LedgerPlace(directory).identity().id
      let head = try LedgerPlace(directory).head()
      sequence = head.entry.sequence
      at = head.at.text
      fingerprint = HeadFingerprint.text(ledger: ledger, sequence: sequence, link: head.link)
    } catch {
      throw Failure(error)
    }
  }

  private init?(_ value: JSONValue) {
    guard let ledger = value["ledger_id"]?.string, let sequence = value["seq"]?.integer,
      sequence >= 0, let at = value["at"]?.string, let fingerprint = value["fingerprint"]?.string
    else { return nil }
    self.ledger = ledger
    self.sequence = sequence
    self.at = at
    self.fingerprint = fingerprint
  }

  var line: String {
    let tree: JSONTree = [
      "ledger_id": .string(ledger), "seq": .integer(sequence), "at": .string(at),
      "fingerprint": .string(fingerprint),
    ]
    return tree.lineText
  }

  /// The heads in a file, one a line; answers of `ledger.head` as they came are taken as well.
  static func read(_ path: String) throws(Failure) -> [LedgerHead] {
    guard let bytes = File.bytes(of: path) else {
      throw .io("cannot read \(path): \(systemReason())")
    }
    var heads: [LedgerHead] = []
    for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
    where !line.isEmpty {
      let root = (try? JSONDocument.parse(line))?.root
      guard let head = root.flatMap({ LedgerHead($0["result"] ?? $0) }) else {
        throw .data("\(path), line \(index + 1) is no head of a ledger")
      }
      heads.append(head)
    }
    return heads
  }

  /// What of this head does not hold of the ledger in a directory; nil when it holds.
  func problem(in directory: String) throws(Failure) -> String? {
    do {
      guard try LedgerPlace(directory).identity().id == ledger else {
        return "the head at entry \(sequence) is of another ledger, \(ledger)"
      }
      guard let link = try LedgerPlace(directory).link(of: EntryID(sequence)) else {
        let last = try LedgerPlace(directory).head().entry.sequence
        let missing =
          last + 1 == sequence ? "entry \(sequence) is" : "entries \(last + 1) to \(sequence) are"
        return "\(missing) missing: the head of \(at) stood at entry \(sequence)"
      }
      guard
        HeadFingerprint.text(ledger: ledger, sequence: sequence, link: link) == fingerprint
      else {
        return "the journal up to entry \(sequence) is not the one whose head was taken at \(at)"
      }
      return nil
    } catch {
      throw Failure(error)
    }
  }
}

/// What commands do with small files.
enum File {
  /// All of it; nil, and `errno` set, when it cannot be read.
  static func bytes(of path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Writes a new file for its owner alone; durable when this returns.
  static func create(_ path: String, _ bytes: [UInt8]) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .cannotCreate("cannot make \(path): \(systemReason())") }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .io("cannot write \(path): \(systemReason())") }
      written += count
    }
    guard fsync(descriptor) == 0 else { throw .io("cannot sync \(path): \(systemReason())") }
  }
}
