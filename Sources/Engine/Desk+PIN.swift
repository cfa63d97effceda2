// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoredValue

extension Desk {
  private var scheme: PINVerifier.Scheme {
    switch rules.pin.hardening {
    case .keyed: .keyed
    case .scrypt: .scrypt(.standard)
    }
  }

  /// What the PIN given is worth against the account's verifier.
  ///
  /// Not looked at where the answer cannot depend on it: no PIN set, locked, or not active. A right
  /// PIN under an older key or hardening comes with its replacement.
  func evidence(_ pin: PIN?, for account: Account) throws(Interruption) -> PINEvidence {
    guard let pin else { return .absent }
    guard account.status == .active, account.pinLock(at: now) == nil,
      let stored = account.pinVerifier
    else { return .differs }
    guard let verifier = PINVerifier(encoded: stored) else {
      throw .store(.damaged(entry: account.lastEntry, reason: "a PIN verifier is malformed"))
    }
    guard pins.holdsKey(of: verifier) else {
      throw .refused(Refusal(.pinKeyMissing, field: "/pin"))
    }
    let owner = UInt64(account.id.value)
    let matches =
      switch verifier.scheme {
      case .keyed:
        pins.matches(verifier, stretchedOrPlain: pin.text.utf8.span.bytes, accountID: owner)
      case .scrypt:
        pins.matches(
          verifier, stretchedOrPlain: try secret(pin, owner: owner, scheme: verifier.scheme),
          accountID: owner)
      }
    guard matches else { return .differs }
    if pins.isCurrent(verifier, scheme: scheme) { return .matches(upgrade: nil) }
    return .matches(upgrade: try newVerifier(pin, for: account.id))
  }

  /// The encoded verifier of a new PIN, whose length the program allows.
  func newVerifier(_ pin: PIN, for account: AccountID) throws(Interruption) -> [UInt8] {
    let owner = UInt64(account.value)
    guard let salt = Bytes16(random(16)) else { preconditionFailure("16 bytes were asked for") }
    let secret = try secret(pin, owner: owner, scheme: scheme)
    return pins.makeVerifier(
      stretchedOrPlain: secret, accountID: owner, salt: salt, scheme: scheme
    ).encoded()
  }

  private func secret(
    _ pin: PIN, owner: UInt64, scheme: PINVerifier.Scheme
  ) throws(Interruption) -> [UInt8] {
    switch scheme {
    case .keyed: pin.digits
    case .scrypt(let cost):
      try ticket.stretched(StretchJob(pin: pin, account: owner, cost: cost))
    }
  }

  // MARK: The request as its entry remembers it

  /// The record of this request under today's key and hardening.
  func record(for account: AccountID) throws(Interruption) -> RequestRecord {
    try record(
      for: account, digestKey: digester.signingKeyID, stretched: rules.pin.hardening == .scrypt)
  }

  /// The record of a request that concerns no account and holds no PIN.
  func recordWithoutAccount() throws(Interruption) -> RequestRecord {
    guard let nobody = AccountID(stored: 1) else { preconditionFailure("1 is an id") }
    return try record(for: nobody)
  }

  /// The record as an earlier entry would have it, so that the two can be compared.
  func record(
    for account: AccountID, digestKey: UInt8, stretched: Bool
  ) throws(Interruption) -> RequestRecord {
    var digests: [MemberDigest] = []
    digests.reserveCapacity(ticket.members.count)
    for submitted in ticket.members {
      switch submitted.value {
      case .plain(let hash): digests.append(MemberDigest(submitted.member, hash))
      case .personal(let bytes):
        digests.append(digest(submitted.member, bytes.span.bytes, digestKey))
      case .pin(let pin) where stretched:
        let secret = try secret(
          pin, owner: UInt64(account.value), scheme: .scrypt(.standard))
        digests.append(digest(submitted.member, secret.span.bytes, digestKey))
      case .pin(let pin):
        digests.append(digest(submitted.member, pin.text.utf8.span.bytes, digestKey))
      }
    }
    return RequestRecord(
      key: ticket.key, method: type(of: ticket.command).method, digestKey: digestKey,
      pinsStretched: stretched, digests: digests)
  }

  private func digest(
    _ member: RequestMember, _ bytes: RawSpan, _ digestKey: UInt8
  ) -> MemberDigest {
    let value = digester.digest(
      member: member.name, key: ticket.key.text.utf8.span.bytes, bytes: bytes,
      keyID: digestKey)
    return MemberDigest(member, value ?? 0)
  }
}
