// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc
import Seeds
import Synchronization

/// Stands between engines and their server, and cuts connections in the middle of commits.
///
/// The statements that write a group are the only ones that hold idempotency keys as text, so a
/// packet with the mark in it belongs to a commit.
final class CuttingProxy: Sendable {
  /// What becomes of a commit that is cut.
  private enum Cut: Int, CaseIterable {
    /// The server never sees it.
    case before
    /// The server sees a part of it.
    case within
    /// The server has it, and may answer nobody.
    case after
    /// The server has answered, and nobody hears it.
    case answered
  }

  private struct State {
    var random: SplitMix64
    /// One commit in so many is cut; 0: none.
    var oneIn = 0
    var cuts = 0
    var isStopping = false
  }

  let port: UInt16
  private let server: UInt16
  private let mark: [UInt8]
  private let listener: Int32
  private let state: Mutex<State>

  init(to server: UInt16, mark: String, seed: UInt64) throws {
    self.server = server
    self.mark = Array(mark.utf8)
    state = Mutex(State(random: SplitMix64(seed: seed)))
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = LoopbackAddress.make(port: 0)
    guard LoopbackAddress.bind(listener, &address), listen(listener, 64) == 0 else {
      throw HarnessFailure.system("listen")
    }
    port = LoopbackAddress.port(of: listener)
    Self.thread { [self] in acceptAll() }
  }

  deinit { stop() }

  func stop() {
    let wasStopping = state.withLock { state in
      defer { state.isStopping = true }
      return state.isStopping
    }
    if !wasStopping { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  /// How many commits were cut.
  var cuts: Int { state.withLock { $0.cuts } }

  /// Cuts one commit in so many from now on; 0: none.
  func cut(oneIn share: Int) { state.withLock { $0.oneIn = share } }

  private func acceptAll() {
    while true {
      let client = accept(listener, nil, nil)
      guard client >= 0 else {
        close(listener)
        return
      }
      let upstream = LoopbackAddress.connect(to: server)
      guard upstream >= 0 else {
        close(client)
        continue
      }
      Self.thread { [self] in relay(client, upstream) }
    }
  }

  private static func thread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
  }

  /// Carries bytes both ways until either side ends or the connection is cut.
  private func relay(_ client: Int32, _ upstream: Int32) {
    defer {
      close(client)
      close(upstream)
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var set = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&set, 2, -1) > 0 || errno == EINTR else { return }
      if set[0].revents != 0 {
        let count = read(client, &buffer, buffer.count)
        guard count > 0 else { return }
        let packet = buffer[..<count]
        if let cut = decide(packet) { return carryOut(cut, packet, upstream) }
        guard Self.send(packet, to: upstream) else { return }
      }
      if set[1].revents != 0 {
        let count = read(upstream, &buffer, buffer.count)
        guard count > 0, Self.send(buffer[..<count], to: client) else { return }
      }
    }
  }

  private func decide(_ packet: ArraySlice<UInt8>) -> Cut? {
    guard packet.firstRange(of: mark) != nil else { return nil }
    return state.withLock { state in
      guard state.oneIn > 0, state.random.once(in: state.oneIn) else { return nil }
      state.cuts += 1
      return Cut(rawValue: state.random.below(Cut.allCases.count))
    }
  }

  private func carryOut(_ cut: Cut, _ packet: ArraySlice<UInt8>, _ upstream: Int32) {
    switch cut {
    case .before: break
    case .within: _ = Self.send(packet.prefix(packet.count / 2), to: upstream)
    case .after: _ = Self.send(packet, to: upstream)
    case .answered:
      _ = Self.send(packet, to: upstream)
      var set = pollfd(fd: upstream, events: Int16(POLLIN), revents: 0)
      _ = poll(&set, 1, 2000)
    }
  }

  private static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let count = Glibc.send(
          socket, bytes.baseAddress?.advanced(by: sent), bytes.count - sent,
          Int32(MSG_NOSIGNAL))
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }
}
