// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Seeds

/// What a disk can hold after a power cut: all that was synced, and any part of what was not.
struct DiskImage {
  /// What becomes of that.
  enum Loss: CaseIterable {
    /// What came last is lost.
    case suffix
    /// Anything is lost, whatever the order.
    case reordered
    /// As `reordered`, and of a write any of its sectors of 512 bytes are lost.
    case torn
    /// Nothing is lost: the machine had time.
    case nothing
  }

  private(set) var files: [String: [UInt8]] = [:]
  /// How many answers had left by then.
  private(set) var answers = 0

  /// The disk when the power went before event `cut`; without `keepsSyncs` the disk lies, and
  /// nothing was ever made durable.
  init(
    _ recording: DiskRecording, before cut: Int, _ loss: Loss, keepsSyncs: Bool = true,
    random: inout SplitMix64
  ) {
    let durable = Self.durable(recording, before: cut, keepsSyncs)
    var content: [Int: [UInt8]] = [:]
    // The names in memory, by which later events speak, and those on the disk.
    var live: [String: Int] = [:]
    var names: [String: Int] = [:]
    for (name, bytes) in recording.base {
      live[name] = content.count
      names[name] = content.count
      content[content.count] = bytes
    }
    let lastKept = loss == .suffix ? random.below(cut + 1) : cut
    let lastName = loss == .nothing ? cut : random.below(cut + 1)
    for (index, event) in recording.events[..<cut].enumerated() {
      let isNamed = durable[index] || index < lastName
      switch event {
      case .answers(let count): answers += count
      case .sync: break
      case .create(let file):
        guard live[file] == nil else { break }
        live[file] = content.count
        if isNamed { names[file] = content.count }
        content[content.count] = []
      case .rename(let from, let to):
        live[to] = live.removeValue(forKey: from)
        if isNamed { names[to] = names.removeValue(forKey: from) }
      case .remove(let file):
        live[file] = nil
        if isNamed { names[file] = nil }
      case .write(let file, let offset, let bytes):
        guard let inode = live[file] else { break }
        let kept = durable[index] || Self.keeps(loss, index < lastKept, &random)
        let tears = !durable[index] && loss == .torn
        for start in stride(from: 0, to: bytes.count, by: tears ? 512 : max(1, bytes.count))
        where tears ? !random.once(in: 3) : kept {
          let end = tears ? min(start + 512, bytes.count) : bytes.count
          Self.write(bytes[start..<end], at: offset + start, &content[inode, default: []])
        }
      case .truncate(let file, let size):
        guard let inode = live[file], durable[index] || Self.keeps(loss, index < lastKept, &random)
        else { break }
        Self.resize(&content[inode, default: []], to: size)
      }
    }
    for (name, inode) in names { files[name] = content[inode] }
  }

  private static func keeps(
    _ loss: Loss, _ isEarly: Bool, _ random: inout SplitMix64
  ) -> Bool {
    switch loss {
    case .nothing: true
    case .suffix: isEarly
    case .reordered, .torn: random.once(in: 2)
    }
  }

  /// Which events a sync has made durable before the cut; names by a sync of the directory.
  private static func durable(
    _ recording: DiskRecording, before cut: Int, _ keepsSyncs: Bool
  ) -> [Bool] {
    var durable = [Bool](repeating: false, count: cut)
    guard keepsSyncs else { return durable }
    var pending: [String: [Int]] = [:]
    for (index, event) in recording.events[..<cut].enumerated() {
      switch event {
      case .write(let file, _, _), .truncate(let file, _): pending[file, default: []].append(index)
      case .create, .remove: pending["", default: []].append(index)
      case .rename(let from, let to):
        pending["", default: []].append(index)
        // What is to be synced is the file, whatever it is called.
        pending[to] = pending.removeValue(forKey: from)
      case .sync(let file, let began):
        pending[file]?.removeAll { earlier in
          guard earlier < began else { return false }
          durable[earlier] = true
          return true
        }
      case .answers: break
      }
    }
    return durable
  }

  private static func write(_ bytes: ArraySlice<UInt8>, at offset: Int, _ file: inout [UInt8]) {
    if file.count < offset + bytes.count { resize(&file, to: offset + bytes.count) }
    file.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
  }

  private static func resize(_ file: inout [UInt8], to size: Int) {
    if size <= file.count {
      file.removeSubrange(size...)
    } else {
      file.append(contentsOf: repeatElement(0, count: size - file.count))
    }
  }
}
