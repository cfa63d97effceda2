// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Store

/// A thread that runs one function to its end.
final class Worker {
  private var thread = pthread_t()
  private var isJoined = false

  /// Starts the thread, which gets no signals: those belong to the thread that serves.
  init(_ body: @escaping @Sendable () -> Void) throws(StoreError) {
    let context = Unmanaged.passRetained(Body(body))
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard code == 0 else {
      context.release()
      isJoined = true
      throw .failed("pthread_create: errno \(code)")
    }
  }

  /// Waits for the end; a second call does nothing.
  func join() {
    guard !isJoined else { return }
    isJoined = true
    pthread_join(thread, nil)
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
