// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import Glibc
import LedgerCore
import Store

/// The other engines of this machine that serve the same ledger on the same server.
///
/// One of them, the host, serves the requests of all in its groups; the others are its guests, and
/// hand over what they are asked (decision 0063). Each can serve for itself at any time, and does
/// while there is no host that answers. Belongs to the loop's thread.
final class Neighbours {
  private enum Role {
    case alone
    /// There is a host; it has not answered the greeting.
    case greeting(SharingWire)
    case guest(SharingWire)
    case host(SharingHost)
  }

  /// How long a host may say nothing while something is asked of it, in milliseconds.
  private static let hostPatience: Int64 = 2_000
  /// How long after that another host is looked for.
  private static let sulk: Int64 = 5_000
  /// How often a host is looked for where there is none that answers.
  private static let lookAgain: Int64 = 100

  private let place: SharingPlace
  private let defaults: Origin
  private let session: Session
  private let server: any SharedServer
  /// Whether it may hand over: one that tells of alerts has to see them come.
  private let mayBeGuest: Bool
  private var role = Role.alone
  private var nextLook = Int64.min
  /// When the host was heard of last, or first asked for what it has not answered.
  private var lastHeard = Int64.min
  /// Whether the host was asked for something, by the last that was sent.
  private var isAsked = false

  init(
    _ place: SharingPlace, session: Session, server: any SharedServer, defaults: Origin,
    mayBeGuest: Bool
  ) {
    self.server = server
    self.place = place
    self.session = session
    self.defaults = defaults
    self.mayBeGuest = mayBeGuest
  }

  // MARK: Waiting

  /// Whether there is somebody to share with.
  var isSharing: Bool {
    switch role {
    case .alone, .greeting: false
    case .guest: true
    case .host(let host): host.hasGuests
    }
  }

  /// What to wait for beside the client.
  var watched: [pollfd] {
    switch role {
    case .alone: []
    case .greeting(let wire), .guest(let wire): [wire.watched]
    case .host(let host): host.watched
    }
  }

  /// How long the loop may sleep at most, in milliseconds; -1 for ever.
  var timeout: Int32 {
    switch role {
    case .greeting: Int32(Self.lookAgain)
    case .guest where session.waitsForHost: 250
    default: -1
    }
  }

  // MARK: What the loop does

  /// Looks for a host, becomes one, or leaves one that does not answer.
  func attend() {
    let now = Self.now
    switch role {
    case .alone: if now >= nextLook { look(now) }
    case .greeting(let wire):
      if wire.isOver || now - lastHeard > Self.hostPatience { part(now + Self.sulk) }
    case .guest(let wire):
      if wire.isOver {
        part(now)
      } else if session.waitsForHost, now - lastHeard > Self.hostPatience {
        part(now + Self.sulk)
      }
    case .host: break
    }
  }

  /// Takes in what has come: requests of guests, answers of the host.
  ///
  /// - Parameter polled: `watched`, with what has come of it.
  func receive(_ polled: [pollfd], into output: inout [UInt8]) {
    switch role {
    case _ where polled.allSatisfy { $0.revents == 0 }: break
    case .alone: break
    case .greeting(let wire):
      wire.receive()
      guard let frame = wire.next() else { break }
      // Two may reach different servers by the same words.
      guard let name = SharingHost.session(welcome: frame.content), server.sees(session: name)
      else { return part(Self.now + Self.sulk) }
      role = .guest(wire)
      session.openHost()
    case .guest(let wire):
      wire.receive()
      while let frame = wire.next() {
        lastHeard = Self.now
        if frame.number == 0 {
          // Before what was answered from it is passed on.
          if let mark = JournalMark(bytes: frame.content) { server.note(answered: mark) }
          continue
        }
        session.deliver(
          HostedAnswer(number: frame.number, line: frame.content), into: &output)
      }
      isAsked = session.waitsForHost
    case .host(let host): host.receive(polled, for: session)
    }
    attend()
  }

  /// Sends what has come up: requests to the host, answers to guests.
  func send() {
    switch role {
    case .alone: break
    case .greeting(let wire): wire.flush()
    case .guest(let wire):
      let requests = session.takeHostedRequests()
      if !requests.isEmpty, !isAsked { lastHeard = Self.now }
      isAsked = session.waitsForHost
      for request in requests { wire.add(request.line, number: request.number) }
      wire.flush()
    case .host(let host): host.send()
    }
  }

  /// Serves nobody else any more: guests go on for themselves.
  func stopHosting() {
    nextLook = .max
    guard case .host(let host) = role else { return }
    host.close()
    role = .alone
  }

  /// Ends what there is; nothing may be waiting for the host.
  func leave() {
    stopHosting()
    part(.max)
  }

  // MARK: Roles

  private func look(_ now: Int64) {
    nextLook = now + Self.lookAgain
    if let lock = place.lock() {
      if let host = SharingHost(place, lock: lock, server: server) {
        session.beforeServingGuests = { host.lookAfterGuests() }
        role = .host(host)
      }
      return
    }
    guard mayBeGuest, let descriptor = place.connect() else { return }
    let wire = SharingWire(descriptor)
    guard wire.isOfSameUser else { return }
    wire.add(SharingHost.greeting(defaults), number: 0)
    wire.flush()
    lastHeard = now
    role = .greeting(wire)
  }

  /// Parts from the host; what it has not answered is served here.
  ///
  /// The host sees the conversation end before that, and carries nothing of it out from then on.
  private func part(_ nextLook: Int64) {
    switch role {
    case .greeting(let wire), .guest(let wire): wire.shut()
    case .alone, .host: break
    }
    role = .alone
    self.nextLook = nextLook
    session.closeHost()
  }

  /// Monotonic, in milliseconds.
  static var now: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
