// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import Secrets

/// What mutations are decided by that stays the same from one to the next: the program in force,
/// the calendar and the secrets.
///
/// A class, because every request has one: to hand it on is one reference, not the dozen that its
/// parts are.
final class Office {
  let calendar: BusinessCalendar
  let program: Program
  /// -1 where no program has been read yet.
  let programVersion: Int64
  let pins: PINHasher
  let digester: RequestDigester
  let tokens: CouponTokens
  let random: @Sendable (Int) -> [UInt8]

  init(
    calendar: BusinessCalendar, program: Program, programVersion: Int64, keys: Keys,
    random: @escaping @Sendable (Int) -> [UInt8]
  ) {
    self.calendar = calendar
    self.program = program
    self.programVersion = programVersion
    pins = keys.pins
    digester = keys.digester
    tokens = keys.tokens
    self.random = random
  }

  /// What is made of a key ring.
  struct Keys {
    let pins: PINHasher
    let digester: RequestDigester
    let tokens: CouponTokens

    init(_ ring: KeyRing, isTest: Bool, book: TermsBook) {
      pins = PINHasher(ring)
      digester = RequestDigester(ring)
      tokens = CouponTokens(signer: CouponSigner(ring, isTest: isTest), book: book)
    }

    init(of office: Office) {
      (pins, digester, tokens) = (office.pins, office.digester, office.tokens)
    }
  }

  /// The same under another program.
  func under(_ program: Program, version: Int64) -> Office {
    Office(
      calendar: calendar, program: program, programVersion: version, keys: Keys(of: self),
      random: random)
  }

  /// The same with other keys.
  func with(_ keys: Keys) -> Office {
    Office(
      calendar: calendar, program: program, programVersion: programVersion, keys: keys,
      random: random)
  }
}
