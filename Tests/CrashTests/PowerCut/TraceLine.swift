// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A line of `strace -f -y -xx`: the thread, and the call, perhaps in two parts.
struct TraceLine {
  let thread: Int?
  private let text: ArraySlice<UInt8>

  init(_ line: ArraySlice<UInt8>) {
    let digits = line.prefix { $0 != 0x20 }
    thread = Int(String(decoding: digits, as: UTF8.self))
    text = line.dropFirst(digits.count).drop { $0 == 0x20 }
  }

  init(call: [UInt8]) {
    thread = 0
    text = call[...]
  }

  private static let cut = Array(" <unfinished ...>".utf8)
  private static let resumed = Array("<... ".utf8)

  /// Another thread's call comes before the end of this one.
  var isCut: Bool { text.suffix(Self.cut.count).elementsEqual(Self.cut) }

  /// What stands before the cut.
  var beginning: [UInt8] { Array(text.dropLast(Self.cut.count)) }

  /// What follows a cut; nil in a line that is whole.
  var resumption: [UInt8]? {
    guard text.starts(with: Self.resumed), let end = text.firstIndex(of: UInt8(ascii: ">")) else {
      return nil
    }
    return Array(text[text.index(after: end)...])
  }

  /// The name of the call.
  var name: String { String(decoding: text.prefix { $0 != UInt8(ascii: "(") }, as: UTF8.self) }

  /// What it returned; nil when a kill came before that.
  var result: Int? {
    guard let equals = text.lastIndex(of: UInt8(ascii: "=")) else { return nil }
    let value = text[text.index(after: equals)...].drop { $0 == 0x20 }
    return Int(String(decoding: value.prefix { $0 != 0x20 && $0 != 0x3C }, as: UTF8.self))
  }

  /// The paths that strace puts behind descriptors, and the strings, in their order.
  func parts() -> (paths: [[UInt8]], strings: [[UInt8]], numbers: [Int]) {
    var paths: [[UInt8]] = []
    var strings: [[UInt8]] = []
    var rest = text.drop { $0 != UInt8(ascii: "(") }.dropFirst()
    var plain: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "<"):
        let end = rest.firstIndex(of: UInt8(ascii: ">")) ?? rest.endIndex
        paths.append(Self.decoded(rest[..<end]))
        rest = rest[end...].dropFirst()
      case UInt8(ascii: "\""):
        let end = rest.firstIndex(of: UInt8(ascii: "\"")) ?? rest.endIndex
        strings.append(Self.decoded(rest[..<end]))
        rest = rest[end...].dropFirst()
      default: plain.append(byte)
      }
    }
    let numbers = plain.split { !(0x30...0x39).contains($0) }.compactMap {
      Int(String(decoding: $0, as: UTF8.self))
    }
    return (paths, strings, numbers)
  }

  /// Text in which some or all bytes stand as `\x2f`.
  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4)
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "\\"), index + 3 < text.endIndex,
        text[index + 1] == UInt8(ascii: "x")
      {
        bytes.append(digit(text[index + 2]) << 4 | digit(text[index + 3]))
        index += 4
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte - 0x30 : byte - 0x57 }
}

/// A call that matters, as a line tells it.
enum TraceCall {
  /// `count`: how much of it was written; nil when a kill came first.
  case output(bytes: [UInt8], count: Int?)
  /// `isKnown`: it returned, and wrote all.
  case write(path: String, offset: Int, bytes: [UInt8], isKnown: Bool)
  case truncate(path: String, size: Int)
  case sync(path: String)
  case create(path: String)
  case rename(from: String, to: String)
  case remove(path: String)

  init?(_ line: TraceLine) {
    let result = line.result
    if let result, result < 0 { return nil }
    let (paths, strings, numbers) = line.parts()
    func path(_ index: Int) -> String? {
      index < paths.count ? String(decoding: paths[index], as: UTF8.self) : nil
    }
    func string(_ index: Int) -> String? {
      index < strings.count ? String(decoding: strings[index], as: UTF8.self) : nil
    }
    switch line.name {
    case "write":
      // Files of the ledger are written at offsets, and logs go to descriptor 2: what is left is
      // the till's pipe, and the engine's own one, on which no line ends.
      guard let bytes = strings.first, let place = path(0), numbers.first != 2,
        place.hasPrefix("pipe:") || place.hasPrefix("socket:")
      else { return nil }
      self = .output(bytes: bytes, count: result)
    case "pwrite64":
      guard let place = path(0), let bytes = strings.first, numbers.count >= 3 else { return nil }
      self = .write(
        path: place, offset: numbers[2], bytes: Array(bytes.prefix(result ?? bytes.count)),
        isKnown: result != nil)
    case "ftruncate":
      guard let place = path(0), numbers.count >= 2, result != nil else { return nil }
      self = .truncate(path: place, size: numbers[1])
    case "fsync", "fdatasync":
      guard let place = path(0), result == 0 else { return nil }
      self = .sync(path: place)
    case "openat":
      guard let place = string(0), result != nil else { return nil }
      // Whether it made the file shows in whether there was one.
      self = .create(path: place)
    case "rename", "renameat", "renameat2":
      guard let from = string(0), let to = string(1), result == 0 else { return nil }
      self = .rename(from: from, to: to)
    case "unlink", "unlinkat":
      guard let place = string(0), result == 0 else { return nil }
      self = .remove(path: place)
    default: return nil
    }
  }
}
