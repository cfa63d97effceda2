// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import CSQLite
import Glibc
import Synchronization

/// Has the kernel begin to write what is being copied into a database, a piece at a time, so that
/// the sync at the end finds little left to do.
///
/// A hint and nothing more: what is durable when is as it would be without. Where pages lie
/// scattered over a large file, one sync of them all takes a tenth of a second, and whoever syncs
/// another file meanwhile waits behind thousands of small writes.
///
/// That takes a descriptor of our own for the file, and closing one lets go of all locks that the
/// process holds on that file (POSIX). So there is one for each file, closed when no connection of
/// this process has that file open any more.
enum BegunWrites {
  /// How many pages are written before the kernel is told to begin with them.
  static let pagesAtOnce: Int32 = 512

  private struct Opened {
    var count = 0
    /// None until something is written.
    var descriptor: Int32 = -1
    var timesBegun = 0
  }

  /// A file, also when its path leads to another one since.
  struct Key: Hashable, Sendable {
    let path: String
    /// 0 where there is none yet.
    let inode: UInt64

    /// The file that stands there now.
    init(_ path: String) {
      self.path = path
      var status = stat()
      inode = stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
  }

  private static let files = Mutex<[Key: Opened]>([:])

  /// How often the kernel was told to begin with this file, since it was first open.
  static func timesBegun(_ path: String) -> Int {
    let key = Key(path)
    return files.withLock { $0[key]?.timesBegun ?? 0 }
  }

  /// Says that a file is about to be opened; before that, so that no descriptor is closed between.
  static func enter(_ key: Key) { files.withLock { $0[key, default: Opened()].count += 1 } }

  /// Says that a file was closed, or could not be opened.
  static func leave(_ key: Key) {
    files.withLock { files in
      guard var file = files[key] else { return }
      file.count -= 1
      files[key] = file.count > 0 ? file : nil
      if file.count <= 0, file.descriptor >= 0 { _ = Glibc.close(file.descriptor) }
    }
  }

  /// Has the kernel begin with these bytes of a file that is open.
  ///
  /// Whatever keeps it from that, a sync writes all there is.
  static func begin(_ key: Key, _ bytes: Range<Int64>) {
    let descriptor = files.withLock { files in
      guard var file = files[key] else { return Int32(-1) }
      if file.descriptor < 0, Key(key.path) == key {
        file.descriptor = Glibc.open(key.path, O_RDONLY | O_CLOEXEC)
        files[key] = file
      }
      return file.descriptor
    }
    guard descriptor >= 0 else { return }
    let count = Int64(bytes.count)
    guard csqlite_begin_writing_part(descriptor, bytes.lowerBound, count) == 0 else { return }
    files.withLock { $0[key]?.timesBegun += 1 }
  }
}

extension BegunWrites {
  /// What is remembered of an open file: which it is, and what was written to it since the kernel
  /// was told last.
  final class Record {
    let key: Key
    private var pages: Int32 = 0
    private var bytes: Range<Int64> = 0..<0

    init(_ key: Key) { self.key = key }

    /// Takes note of a page, and has the kernel begin once there are enough.
    func wrote(_ offset: Int64, _ count: Int32) {
      let end = offset + Int64(count)
      bytes = pages == 0 ? offset..<end : min(bytes.lowerBound, offset)..<max(bytes.upperBound, end)
      pages += 1
      guard pages == BegunWrites.pagesAtOnce else { return }
      pages = 0
      BegunWrites.begin(key, bytes)
    }
  }
}
