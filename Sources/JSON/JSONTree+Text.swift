// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

extension JSONTree {
  /// One line without spaces, members sorted by the UTF-8 bytes of their names: equal content
  /// in any member order gives equal text.
  ///
  /// Traps if two members of an object share a name.
  public var canonicalText: String {
    var writer = JSONWriter()
    sortedByName.write(to: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Indented by two spaces, members in their order, no newline at the end; for people.
  public var prettyText: String {
    var output = GrowingBytes(capacity: 256)
    appendPretty(to: &output, indent: 0)
    return output.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  private var sortedByName: JSONTree {
    switch self {
    case .array(let elements):
      return .array(elements.map(\.sortedByName))
    case .object(let members):
      let sorted =
        members
        .map { Member($0.name, $0.value.sortedByName) }
        .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      for (left, right) in zip(sorted, sorted.dropFirst()) {
        precondition(!left.name.utf8.elementsEqual(right.name.utf8), "duplicate member name")
      }
      return .object(sorted)
    case .null, .bool, .integer, .number, .string:
      return self
    }
  }

  private func appendPretty(to output: inout GrowingBytes, indent: Int) {
    switch self {
    case .array(let elements) where !elements.isEmpty:
      appendLines(elements.count, "[", "]", to: &output, indent: indent) { index, output in
        elements[index].appendPretty(to: &output, indent: indent + 1)
      }
    case .object(let members) where !members.isEmpty:
      appendLines(members.count, "{", "}", to: &output, indent: indent) { index, output in
        JSONText.appendQuoted(members[index].name, to: &output)
        output.append(contentsOf: ": ".utf8)
        members[index].value.appendPretty(to: &output, indent: indent + 1)
      }
    case .null, .bool, .integer, .number, .string, .array, .object:
      var writer = JSONWriter()
      write(to: &writer)
      writer.withBytes { output.append($0) }
    }
  }

  private func appendLines(
    _ count: Int, _ opening: String, _ closing: String, to output: inout GrowingBytes, indent: Int,
    _ item: (Int, inout GrowingBytes) -> Void
  ) {
    func startLine(_ level: Int) {
      output.append(0x0A)
      output.append(contentsOf: repeatElement(0x20, count: 2 * level))
    }
    output.append(contentsOf: opening.utf8)
    for index in 0..<count {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      startLine(indent + 1)
      item(index, &output)
    }
    startLine(indent)
    output.append(contentsOf: closing.utf8)
  }
}
