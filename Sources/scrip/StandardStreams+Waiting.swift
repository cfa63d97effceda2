// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

extension StandardStreams {
  /// Whether there is something to read, the end included.
  var hasInput: Bool {
    var set = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    return poll(&set, 1, 0) > 0
  }

  /// Waits until there is input, something wakes the pipe, the output's reader goes away, there is
  /// something with one of the others, or the time is over; -1 waits for ever.
  ///
  /// - Parameters:
  ///   - reading: whether input counts.
  ///   - others: what has come of them is noted there.
  func wait(
    reading: Bool = true, _ pipe: WakePipe, others: inout [pollfd], milliseconds: Int32
  ) throws(Failure) -> (input: Bool, closed: Bool) {
    var set = [
      pollfd(fd: reading ? input : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output, events: 0, revents: 0),
    ]
    set += others
    let count = poll(&set, nfds_t(set.count), milliseconds)
    guard count >= 0 || errno == EINTR else {
      throw .io("cannot wait for input: \(systemReason())")
    }
    others = Array(set[3...])
    if set[1].revents != 0 { pipe.drain() }
    let closed = set[2].revents & Int16(POLLERR | POLLNVAL) != 0
    return (count > 0 && set[0].revents != 0, closed)
  }

  func wait(
    reading: Bool = true, _ pipe: WakePipe, milliseconds: Int32
  ) throws(Failure) -> (input: Bool, closed: Bool) {
    var nobody: [pollfd] = []
    return try wait(reading: reading, pipe, others: &nobody, milliseconds: milliseconds)
  }
}
