// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import LedgerCore

/// The engine that serves the requests of the others on its machine, and who they are.
final class SharingHost {
  private static let guestLimit = 128
  static let welcome = Array("scrip-host 1".utf8)
  private static let greetingWord = "scrip-guest 1"

  private final class Seat {
    let wire: SharingWire
    /// nil until it has greeted.
    var guest: Guest?

    init(_ wire: SharingWire) { self.wire = wire }
  }

  private let place: SharingPlace
  private let lock: Int32
  private let listener: Int32
  private var seats: [Seat] = []

  /// Takes the place whose lock this is; nil, and the lock given back, where that is impossible.
  init?(_ place: SharingPlace, lock: Int32) {
    guard let listener = place.listen() else {
      Glibc.close(lock)
      return nil
    }
    self.place = place
    self.lock = lock
    self.listener = listener
  }

  /// What a guest says first: where its requests come from that do not say.
  static func greeting(_ defaults: Origin) -> [UInt8] {
    let words = [greetingWord, defaults.store ?? "", defaults.terminal ?? ""]
    return Array(words.joined(separator: "\n").utf8)
  }

  private static func guest(greeting bytes: [UInt8]) -> Guest? {
    let words = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    guard words.count == 3, words[0] == greetingWord else { return nil }
    let names = words.dropFirst().map { $0.isEmpty ? nil : String($0) }
    return Guest(defaults: Origin(store: names[0], terminal: names[1]))
  }

  var hasGuests: Bool { !seats.isEmpty }

  /// The door first, then the seats.
  var watched: [pollfd] {
    [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)] + seats.map(\.wire.watched)
  }

  func receive(_ polled: [pollfd], for session: Session) {
    for (seat, state) in zip(seats, polled.dropFirst()) where state.revents & ~Int16(POLLOUT) != 0 {
      seat.wire.receive()
      while let frame = seat.wire.next() {
        guard take(frame, of: seat, for: session) else {
          seat.guest?.isGone = true
          seat.wire.shut()
          break
        }
      }
      if seat.wire.isOver { seat.guest?.isGone = true }
    }
    seats.removeAll { $0.wire.isOver }
    if polled.first?.revents != 0 { welcomeThoseWhoCome() }
  }

  private func take(_ frame: SharingFrames.Frame, of seat: Seat, for session: Session) -> Bool {
    if let guest = seat.guest {
      return session.receive(HostedRequest(number: frame.number, line: frame.content), of: guest)
    }
    seat.guest = Self.guest(greeting: frame.content)
    seat.wire.add(Self.welcome, number: 0)
    return seat.guest != nil
  }

  private func welcomeThoseWhoCome() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      let wire = SharingWire(descriptor)
      if seats.count < Self.guestLimit, wire.isOfSameUser { seats.append(Seat(wire)) }
    }
  }

  /// Sends the answers that have come up.
  func send() {
    for seat in seats {
      for answer in seat.guest?.takeAnswers() ?? [] {
        seat.wire.add(answer.line, number: answer.number)
      }
      seat.wire.flush()
    }
  }

  /// Finds out who waits no more.
  func lookAfterGuests() {
    var set = seats.map { pollfd(fd: $0.wire.descriptor, events: 0, revents: 0) }
    while poll(&set, nfds_t(set.count), 0) < 0, errno == EINTR {}
    for (seat, state) in zip(seats, set) where state.revents != 0 { seat.guest?.isGone = true }
  }

  /// Sends what can be sent, and ends all conversations.
  func close() {
    send()
    for seat in seats { seat.guest?.isGone = true }
    seats = []
    place.leave()
    Glibc.close(listener)
    Glibc.close(lock)
  }
}
