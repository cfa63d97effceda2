// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import JSON

/// A golden conversation of `spec/transcripts`: what is sent, and what must come back.
///
/// One JSON object a line, the first with the options of `scrip init` and `scrip serve`, then
///
///     {"#": "a comment"}
///     {"->": request}         is sent; a string is sent as it stands
///     {"<-": answer}          is the next line that must come
///     {"!": "kill -9"}        the engine is killed and another started
///
/// In an answer `"*"` stands for anything, and `"$name"` for a value that is remembered where the
/// name is met first and must come again wherever it is met later; in a request it stands for the
/// value remembered. Objects must have the same members in any order, or at least those named
/// where the member `"…": true` is among them.
struct Transcript {
  let name: String
  let initOptions: [String]
  let serveOptions: [String]
  let steps: [(line: Int, step: Step)]

  enum Step {
    case comment
    case send(JSONTree)
    case expect(JSONTree)
    case kill
  }

  init(path: String) throws {
    name = String(path.split(separator: "/").last ?? "")
    guard let text = Files.text(of: path) else { throw HarnessFailure("cannot read \(path)") }
    var steps: [(line: Int, step: Step)] = []
    var options: JSONTree?
    for (index, line) in text.split(separator: "\n").enumerated() {
      let tree = try JSONTree(text: String(line))
      guard let member = tree.members.first else { throw HarnessFailure("line \(index + 1)") }
      if options == nil {
        options = tree
        continue
      }
      switch member.name {
      case "#": steps.append((index + 1, .comment))
      case "->": steps.append((index + 1, .send(member.value)))
      case "<-": steps.append((index + 1, .expect(member.value)))
      case "!" where member.value == "kill -9": steps.append((index + 1, .kill))
      default: throw HarnessFailure("\(name):\(index + 1): no such step")
      }
    }
    self.steps = steps
    initOptions = (options?["init"]?.elements ?? []).compactMap(\.string)
    serveOptions = (options?["serve"]?.elements ?? []).compactMap(\.string)
  }

  /// All conversations, by name.
  static func all() throws -> [Transcript] {
    // This file lies in Tests/CommandLineTests/Transcripts of the repository.
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let folder = "/" + root + "/spec/transcripts"
    return try Files.names(in: folder).filter { $0.hasSuffix(".ndjson") }
      .map { try Transcript(path: folder + "/" + $0) }
  }
}

/// What the names of a transcript stand for, and how answers are compared with what is expected.
struct Remembered {
  private var values: [String: JSONTree] = [:]

  /// A request with the values its names stand for.
  func filled(_ tree: JSONTree) throws -> JSONTree {
    switch tree {
    case .string(let text) where text.hasPrefix("$"):
      guard let value = values[text] else { throw HarnessFailure("\(text) was not met before") }
      return value
    case .array(let elements): return .array(try elements.map { try filled($0) })
    case .object(let members):
      return .object(try members.map { .init($0.name, try filled($0.value)) })
    default: return tree
    }
  }

  /// The first place where an answer is not as expected; nil when it is.
  mutating func mismatch(_ expected: JSONTree, _ found: JSONTree, at place: String = "") -> String?
  {
    switch (expected, found) {
    case (.string("*"), _): return nil
    case (.string(let text), _) where text.hasPrefix("$"):
      guard let value = values[text] else {
        values[text] = found
        return nil
      }
      return value == found ? nil : "\(place): \(found.text) is not \(text), \(value.text)"
    case (.array(let wanted), .array(let elements)):
      guard wanted.count == elements.count else {
        return "\(place): \(elements.count) elements, not \(wanted.count)"
      }
      for (index, pair) in zip(wanted, elements).enumerated() {
        if let problem = mismatch(pair.0, pair.1, at: "\(place)/\(index)") { return problem }
      }
      return nil
    case (.object(let wanted), .object(let members)):
      return mismatch(wanted, members, at: place)
    default: return expected == found ? nil : "\(place): \(found.text), not \(expected.text)"
    }
  }

  private mutating func mismatch(
    _ wanted: [JSONTree.Member], _ members: [JSONTree.Member], at place: String
  ) -> String? {
    let allowsMore = wanted.contains { $0.name == "…" }
    for member in wanted where member.name != "…" {
      guard let found = members.first(where: { $0.name == member.name }) else {
        return "\(place)/\(member.name): is missing"
      }
      let problem = mismatch(member.value, found.value, at: "\(place)/\(member.name)")
      if let problem { return problem }
    }
    guard !allowsMore else { return nil }
    let extra = members.first { member in !wanted.contains { $0.name == member.name } }
    return extra.map { "\(place)/\($0.name): is not expected" }
  }
}
