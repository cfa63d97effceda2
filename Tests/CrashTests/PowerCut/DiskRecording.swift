// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Seeds

/// What an engine asked of the disk, and when it had answered what, in the order it happened.
struct DiskRecording {
  enum Event {
    case write(file: String, offset: Int, bytes: [UInt8])
    case truncate(file: String, size: Int)
    /// Whatever was done to the file before event `began` is on the disk from here on.
    case sync(file: String, began: Int)
    case create(file: String)
    case rename(from: String, to: String)
    case remove(file: String)
    /// So many answers left the process.
    case answers(Int)
  }

  /// The ledger's directory, by its real path.
  let directory: String
  /// Its files before the first event.
  let base: [String: [UInt8]]
  private(set) var events: [Event] = []
  private var answers = 0

  init(of directory: String) throws {
    guard let real = realpath(directory, nil) else { throw HarnessFailure.system("realpath") }
    defer { free(real) }
    self.directory = String(cString: real)
    base = Self.files(in: directory)
  }

  /// The files of a ledger that outlive a power cut; shared memory does not.
  static func files(in directory: String) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in Files.names(in: directory) where !name.hasSuffix("-shm") {
      files[name] = Files.bytes(of: directory + "/" + name)
    }
    return files
  }

  /// The command that starts an engine and writes down what it does; each sync begins so many
  /// microseconds late, that a kill may come before it, or the n-th of each thread fails undone.
  static func command(
    log: String, syncDelay: Int = 0, failingSync: Int? = nil
  ) throws -> [String] {
    guard let path = Tracer.path else { throw HarnessFailure("no strace") }
    let calls = [
      "write", "pwrite64", "pwritev", "writev", "fsync", "fdatasync", "ftruncate", "fallocate",
      "rename", "renameat", "renameat2", "unlink", "unlinkat", "openat",
    ].joined(separator: ",")
    let slow = ["-e", "inject=fdatasync:delay_enter=\(syncDelay)"]
    return [path, "-f", "-y", "-qq", "-xx", "-s", "2000000", "-o", log, "-e", "trace=\(calls)"]
      + (syncDelay > 0 ? slow : [])
      + (failingSync.map { ["-e", "inject=fdatasync:error=EIO:when=\($0)"] } ?? [])
  }

  /// Takes in what one engine did, from its birth to its end.
  ///
  /// `files` are the ledger's after that, and `answers` how many have come since the beginning: a
  /// kill leaves open whether the call under way was done.
  mutating func append(log: String, leaving files: [String: [UInt8]], answers: Int) throws {
    guard let bytes = Files.bytes(of: log) else { throw HarnessFailure("no log \(log)") }
    var begun: [Int: (text: [UInt8], at: Int)] = [:]
    for line in bytes.split(separator: 0x0A) {
      var parser = TraceLine(line)
      guard let thread = parser.thread else { continue }
      if parser.isCut {
        begun[thread] = (parser.beginning, events.count)
        continue
      }
      var began = events.count
      if let rest = parser.resumption {
        guard let first = begun.removeValue(forKey: thread) else { continue }
        began = first.at
        parser = TraceLine(call: first.text + rest)
      }
      guard let call = TraceCall(parser) else { continue }
      take(call, began, leaving: files, answers)
    }
  }

  private mutating func take(
    _ call: TraceCall, _ began: Int, leaving files: [String: [UInt8]], _ answers: Int
  ) {
    // Of a call that a kill cut short, only the files can tell.
    switch call {
    case .output(let bytes, let count):
      let lines = bytes.prefix(count ?? bytes.count).count { $0 == 0x0A }
      let left = count == nil ? min(lines, answers - self.answers) : lines
      if left > 0 {
        events.append(.answers(left))
        self.answers += left
      }
    case .write(let path, let offset, let bytes, let isKnown):
      guard let file = name(path) else { return }
      if !isKnown {
        let now = files[file] ?? []
        guard offset + bytes.count <= now.count,
          now[offset..<(offset + bytes.count)].elementsEqual(bytes)
        else { return }
      }
      events.append(.write(file: file, offset: offset, bytes: bytes))
    case .truncate(let path, let size):
      if let file = name(path) { events.append(.truncate(file: file, size: size)) }
    case .sync(let path):
      if path == directory {
        events.append(.sync(file: "", began: began))
      } else if let file = name(path) {
        events.append(.sync(file: file, began: began))
      }
    case .create(let path):
      if let file = name(path) { events.append(.create(file: file)) }
    case .rename(let from, let to):
      if let from = name(from), let to = name(to) { events.append(.rename(from: from, to: to)) }
    case .remove(let path):
      if let file = name(path) { events.append(.remove(file: file)) }
    }
  }

  /// A moment at which the power may go; every other one comes right after an answer.
  func anyCut(_ random: inout SplitMix64) -> Int {
    let answered = events.indices.filter { if case .answers = events[$0] { true } else { false } }
    if let index = answered.randomElement(using: &random), random.once(in: 2) {
      return index + 1
    }
    return random.below(events.count + 1)
  }

  /// The name of a file of the ledger; nil for any other file and for shared memory.
  private func name(_ path: String) -> String? {
    guard path.hasPrefix(directory + "/"), !path.hasSuffix("-shm"), !path.hasSuffix("(deleted)")
    else { return nil }
    return String(path.dropFirst(directory.count + 1))
  }
}
