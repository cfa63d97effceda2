// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The keys of one ledger, by purpose, with their history.
///
/// Exactly one key of each purpose signs; ids of one purpose are unique and only grow. Never
/// printed. Holds no file handling: `KeyRingFile` stores it.
public struct KeyRing: Sendable, Equatable, Unprintable {
  /// What a key is used for; a key never serves two purposes.
  public enum Purpose: String, Sendable, CaseIterable {
    /// PIN verifiers.
    case pin
    /// Coupon payloads.
    case coupon
    /// The journal's hash chain and the digests of secret request members in it.
    case journal
  }

  /// What a key may still do.
  public enum State: String, Sendable {
    /// Makes new tags and checks old ones.
    case signing
    /// Checks old tags only.
    case verifying
    /// Checks nothing, except that links of the journal made before stay checkable.
    case revoked
  }

  /// One key and its history.
  public struct Key: Sendable, Equatable, Unprintable {
    /// What it is used for.
    public let purpose: Purpose
    /// 1...255, unique within the purpose.
    public let id: UInt8
    /// What it may still do.
    public fileprivate(set) var state: State
    /// When it was made, in milliseconds since 1970.
    public let createdAt: Int64
    /// When its state last changed, in milliseconds since 1970.
    public fileprivate(set) var changedAt: Int64
    /// The key itself.
    public let secret: SecretKey

    /// Names the key, not its content.
    public var description: String { "<\(purpose.rawValue) key \(id), \(state.rawValue)>" }
  }

  /// The ledger's random 24-bit issuer number, printed in coupon payloads; not secret.
  public let issuer: UInt32

  // By purpose in the order of `Purpose.allCases`, then by id: the order they are written in.
  private var all: [Key]

  /// A new ring: one signing key of id 1 for each purpose and a random issuer.
  ///
  /// `at` is the time in milliseconds since 1970. Traps without entropy.
  public static func fresh(at: Int64) -> KeyRing {
    let issuer = randomBytes(3).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let keys = Purpose.allCases.map { purpose in
      Key(
        purpose: purpose, id: 1, state: .signing, createdAt: at, changedAt: at, secret: .random())
    }
    return KeyRing(issuer: issuer, sorted: keys)
  }

  private init(issuer: UInt32, sorted keys: [Key]) {
    self.issuer = issuer
    all = keys
  }

  /// A ring of these keys, in any order; throws when they break the ring's rules.
  init(issuer: UInt32, keys: [Key]) throws(KeyRingError) {
    var sorted: [Key] = []
    for purpose in Purpose.allCases {
      let own = keys.filter { $0.purpose == purpose }.sorted { $0.id < $1.id }
      for (key, following) in zip(own, own.dropFirst()) where key.id == following.id {
        throw .duplicateID(purpose, id: key.id)
      }
      switch own.count(where: { $0.state == .signing }) {
      case 0: throw .noSigningKey(purpose)
      case 1: sorted += own
      default: throw .severalSigningKeys(purpose)
      }
    }
    self.init(issuer: issuer, sorted: sorted)
  }

  /// All keys, by purpose and then by id.
  public var keys: [Key] { all }

  /// The keys of one purpose, by id.
  public func keys(_ purpose: Purpose) -> [Key] {
    all.filter { $0.purpose == purpose }
  }

  /// The one key of this purpose that signs.
  public func signing(_ purpose: Purpose) -> Key {
    guard let key = all.first(where: { $0.purpose == purpose && $0.state == .signing }) else {
      preconditionFailure("a ring has a signing key of each purpose")
    }
    return key
  }

  /// The key of this purpose and id, whatever its state; nil when there is none.
  public func key(_ purpose: Purpose, id: UInt8) -> Key? {
    all.first { $0.purpose == purpose && $0.id == id }
  }
}

extension KeyRing {
  /// Whether this is what `scrip keys` may have made of `earlier`: the same issuer, every key it
  /// had, and none of them good again for what it had ceased to be good for.
  public func continues(_ earlier: KeyRing) -> Bool {
    issuer == earlier.issuer
      && earlier.all.allSatisfy { old in
        guard let now = key(old.purpose, id: old.id), now.secret == old.secret else { return false }
        return switch old.state {
        case .signing: true
        case .verifying: now.state != .signing
        case .revoked: now.state == .revoked
        }
      }
  }

  /// Adds a new random key that signs from now on; the one that signed before verifies.
  ///
  /// Answers the new id, which is the highest of the purpose plus 1. Throws `exhausted` when 255
  /// is taken, and changes nothing then. `at` is in milliseconds since 1970.
  @discardableResult
  public mutating func rotate(_ purpose: Purpose, at: Int64) throws(KeyRingError) -> UInt8 {
    guard let last = all.lastIndex(where: { $0.purpose == purpose }), all[last].id < 255 else {
      throw .exhausted(purpose)
    }
    let id = all[last].id + 1
    for index in all.indices
    where all[index].purpose == purpose && all[index].state == .signing {
      all[index].state = .verifying
      all[index].changedAt = at
    }
    let key = Key(
      purpose: purpose, id: id, state: .signing, createdAt: at, changedAt: at, secret: .random())
    all.insert(key, at: last + 1)
    return id
  }

  /// Stops a key from verifying; one revoked already stays as it is.
  ///
  /// Throws `unknownKey`, or `signingKeyCannotBeRevoked`: rotate first, so that there is always a
  /// key that signs. `at` is in milliseconds since 1970.
  public mutating func revoke(
    _ purpose: Purpose, id: UInt8, at: Int64
  ) throws(KeyRingError) {
    guard let index = all.firstIndex(where: { $0.purpose == purpose && $0.id == id }) else {
      throw .unknownKey(purpose, id: id)
    }
    switch all[index].state {
    case .signing:
      throw .signingKeyCannotBeRevoked(purpose, id: id)
    case .verifying:
      all[index].state = .revoked
      all[index].changedAt = at
    case .revoked:
      break
    }
  }
}
