// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// A file system of a few megabytes of its own, gone when the test lets go of it.
package final class SmallDisk {
  private let place: TemporaryDirectory
  package var path: String { place.path }
  private var ballast: String { place.file("ballast") }

  package init(megabytes: Int) throws {
    place = try TemporaryDirectory()
    guard mount("scrip-test", place.path, "tmpfs", 0, "size=\(megabytes)m,mode=0700") == 0 else {
      throw HarnessFailure.system("mount")
    }
  }

  deinit { umount2(path, Int32(MNT_DETACH)) }

  /// Whether file systems may be mounted here.
  package static let isPossible = (try? SmallDisk(megabytes: 1)) != nil

  /// Takes all the room there is but so many kilobytes.
  package func fill(leaving kilobytes: Int) throws {
    var room = statvfs()
    guard statvfs(path, &room) == 0 else { throw HarnessFailure.system("statvfs") }
    let free = Int(room.f_bfree) * Int(room.f_frsize) - kilobytes * 1024
    let descriptor = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw HarnessFailure.system("open") }
    defer { close(descriptor) }
    guard free <= 0 || posix_fallocate(descriptor, 0, off_t(free)) == 0 else {
      throw HarnessFailure("cannot fill the disk")
    }
  }

  /// Gives the room back.
  package func empty() { unlink(ballast) }
}
