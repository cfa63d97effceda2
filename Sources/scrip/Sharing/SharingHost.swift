// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import LedgerCore
import Store

/// The engine that serves the requests of the others on its machine, and who they are.
final class SharingHost {
  private static let guestLimit = 128
  private static let welcomeWord = "scrip-host 1\n"
  private static let greetingWord = "scrip-guest 1"

  private final class Seat {
    let wire: SharingWire
    /// nil until it has greeted.
    var guest: Guest?
    /// The session of ours that it has seen on its own server.
    var session = 0
    /// How far it knows the journal to go.
    var mark: JournalMark?

    init(_ wire: SharingWire) { self.wire = wire }

    /// Nothing of what it has asked for is served from now on.
    func end() {
      guest?.isGone = true
      wire.shut()
    }
  }

  private let place: SharingPlace
  private let server: any SharedServer
  private let lock: Int32
  private let listener: Int32
  private var seats: [Seat] = []
  /// Until when nobody is let in, since there was no descriptor left: who waits at the door would
  /// keep the loop from sleeping.
  private var closedUntil = Int64.min

  /// Takes the place whose lock this is; nil, and the lock given back, where that is impossible.
  init?(_ place: SharingPlace, lock: Int32, server: any SharedServer) {
    guard let listener = place.listen() else {
      Glibc.close(lock)
      return nil
    }
    self.place = place
    self.server = server
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
    let isClosed = Neighbours.now < closedUntil
    return [pollfd(fd: isClosed ? -1 : listener, events: Int16(POLLIN), revents: 0)]
      + seats.map(\.wire.watched)
  }

  func receive(_ polled: [pollfd], for session: Session) {
    for (seat, state) in zip(seats, polled.dropFirst()) where state.revents & ~Int16(POLLOUT) != 0 {
      seat.wire.receive()
      while let frame = seat.wire.next() {
        guard take(frame, of: seat, for: session) else {
          seat.end()
          break
        }
      }
    }
    removeThoseWhoAreGone()
    if polled.first?.revents != 0 { welcomeThoseWhoCome() }
  }

  private func take(_ frame: SharingFrames.Frame, of seat: Seat, for session: Session) -> Bool {
    if let guest = seat.guest {
      return session.receive(HostedRequest(number: frame.number, line: frame.content), of: guest)
    }
    // Whoever does not know the word is not worth asking the server for.
    guard let guest = Self.guest(greeting: frame.content), let name = server.sessionName() else {
      return false
    }
    seat.guest = guest
    seat.session = server.sessionNumber
    seat.wire.add(Array((Self.welcomeWord + name).utf8), number: 0)
    return true
  }

  /// The host's session by its answer to a greeting; nil where that is none.
  static func session(welcome bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.hasPrefix(welcomeWord) ? String(text.dropFirst(welcomeWord.count)) : nil
  }

  private func removeThoseWhoAreGone() {
    for seat in seats where seat.wire.isOver { seat.end() }
    seats.removeAll { $0.wire.isOver }
  }

  private func welcomeThoseWhoCome() {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else {
        let isEmpty = [EAGAIN, EINTR, ECONNABORTED].contains(errno)
        if !isEmpty { closedUntil = Neighbours.now + 1_000 }
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      let wire = SharingWire(descriptor)
      if seats.count < Self.guestLimit, wire.isOfSameUser { seats.append(Seat(wire)) }
    }
  }

  /// Sends the answers that have come up.
  func send() {
    for seat in seats {
      let answers = seat.guest?.takeAnswers() ?? []
      if !answers.isEmpty, seat.mark != server.answeredUpTo {
        seat.mark = server.answeredUpTo
        seat.wire.add(server.answeredUpTo.bytes, number: 0)
      }
      for answer in answers {
        seat.wire.add(answer.line, number: answer.number)
      }
      seat.wire.flush()
    }
  }

  /// Finds out who waits no more, and who does not know the session that there is now.
  func lookAfterGuests() {
    for seat in seats where seat.wire.isOver || seat.session != server.sessionNumber {
      seat.end()
    }
    var set = seats.map { pollfd(fd: $0.wire.descriptor, events: 0, revents: 0) }
    while poll(&set, nfds_t(set.count), 0) < 0, errno == EINTR {}
    for (seat, state) in zip(seats, set) where state.revents != 0 { seat.guest?.isGone = true }
  }

  /// Sends what can be sent, and ends all conversations.
  func close() {
    send()
    for seat in seats { seat.end() }
    seats = []
    place.leave()
    Glibc.close(listener)
    Glibc.close(lock)
  }
}

extension JournalMark {
  /// Its number in eight bytes, the lowest first, and its link.
  fileprivate var bytes: [UInt8] {
    withUnsafeBytes(of: entry.sequence.littleEndian) { Array($0) } + link
  }

  /// nil where these bytes are none.
  init?(bytes: [UInt8]) {
    guard bytes.count > 8 else { return nil }
    let number = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let sequence = Int64(exactly: number) else { return nil }
    self.init(entry: EntryID(sequence), link: Array(bytes[8...]))
  }
}
