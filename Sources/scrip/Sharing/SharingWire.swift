// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// One end of the conversation of two engines of a machine; never waits.
final class SharingWire {
  private static let chunkSize = 1 << 16

  let descriptor: Int32
  private var incoming = SharingFrames()
  private var outgoing: [UInt8] = []
  private var sent = 0
  /// The other end is gone, or sends what nobody should.
  private(set) var isOver = false

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }

  /// Ends the conversation, which the other end sees at once.
  func shut() {
    isOver = true
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// What to wait for.
  var watched: pollfd {
    let events = sent < outgoing.count ? POLLIN | POLLOUT : POLLIN
    return pollfd(fd: descriptor, events: Int16(events), revents: 0)
  }

  /// Whether the other end is of the same user.
  var isOfSameUser: Bool {
    // Process, user and group, which only GNU sources have a name for.
    var peer: [UInt32] = [0, 0, 0]
    var size = socklen_t(peer.count * MemoryLayout<UInt32>.stride)
    guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 else { return false }
    return peer[1] == geteuid()
  }

  func add(_ content: [UInt8], number: UInt64) {
    SharingFrames.append(content, number: number, to: &outgoing)
  }

  /// Sends what there is room for.
  func flush() {
    while sent < outgoing.count, !isOver {
      let count = outgoing.withUnsafeBytes { bytes in
        Glibc.send(
          descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        return
      } else if errno != EINTR {
        isOver = true
      }
    }
    outgoing.removeAll(keepingCapacity: outgoing.count < Self.chunkSize)
    sent = 0
  }

  /// Takes in what has come.
  func receive() {
    withUnsafeTemporaryAllocation(byteCount: Self.chunkSize, alignment: 16) { chunk in
      while !isOver {
        let count = recv(descriptor, chunk.baseAddress, chunk.count, Int32(MSG_DONTWAIT))
        if count > 0 {
          incoming.append(UnsafeRawBufferPointer(rebasing: chunk[0..<count]))
          if count < chunk.count { return }
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
          isOver = true
        } else if errno == EAGAIN {
          return
        }
      }
    }
  }

  /// The next message that has come as a whole.
  func next() -> SharingFrames.Frame? {
    do {
      return try incoming.next()
    } catch {
      isOver = true
      return nil
    }
  }
}
