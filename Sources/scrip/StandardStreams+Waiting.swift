// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

extension StandardStreams {
  /// Whether there is something to read, the end included.
  var hasInput: Bool {
    var set = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    return poll(&set, 1, 0) > 0
  }

  /// Waits until there is input, something wakes the pipe, the output's reader goes away, or the
  /// time is over; -1 waits for ever.
  ///
  /// - Parameter reading: whether input counts.
  func wait(
    reading: Bool = true, _ pipe: WakePipe, milliseconds: Int32
  ) throws(Failure) -> (input: Bool, closed: Bool) {
    var set = [
      pollfd(fd: reading ? input : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: pipe.reading, events: Int16(POLLIN), revents: 0),
      pollfd(fd: output, events: 0, revents: 0),
    ]
    let count = poll(&set, 3, milliseconds)
    guard count >= 0 || errno == EINTR else {
      throw .io("cannot wait for input: \(systemReason())")
    }
    if set[1].revents != 0 { pipe.drain() }
    let closed = set[2].revents & Int16(POLLERR | POLLNVAL) != 0
    return (count > 0 && set[0].revents != 0, closed)
  }
}
