// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import Secrets
import Store

/// A mutation on its way: what was asked, and what has been prepared for it.
///
/// Lives until it is answered; a request that waits for a stretched PIN is decided again with the
/// same ticket.
package final class Ticket {
  package let command: any Command
  package let key: IdempotencyKey
  package let origin: Origin
  package let reason: String?
  package let members: [SubmittedMember]
  private var stretched: [StretchJob: [UInt8]] = [:]
  /// The id drawn for an account this request would open.
  private var drawn: AccountID?

  package init(
    command: any Command, key: IdempotencyKey, origin: Origin, reason: String?,
    members: [SubmittedMember]
  ) {
    self.command = command
    self.key = key
    self.origin = origin
    self.reason = reason
    self.members = members
  }

  /// Whether nothing was computed for it yet that would be costly to compute again.
  package var isPlain: Bool { stretched.isEmpty }

  package func deliver(_ result: [UInt8], for job: StretchJob) { stretched[job] = result }

  func stretched(_ job: StretchJob) throws(Interruption) -> [UInt8] {
    guard let result = stretched[job] else { throw .needsStretch(job) }
    return result
  }

  func drawAccountID(_ random: (Int) -> [UInt8]) -> AccountID {
    if let drawn { return drawn }
    while true {
      let bits = random(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if let id = AccountID(random: bits) {
        drawn = id
        return id
      }
    }
  }
}

/// A member of the params as it was submitted, for comparison with a repetition.
package struct SubmittedMember: Sendable {
  package enum Value: Sendable {
    /// The hash of its canonical value.
    case plain(UInt64)
    /// Canonical bytes of something personal, digested under a key.
    case personal([UInt8])
    case pin(PIN)
  }

  package let member: RequestMember
  package let value: Value

  package init(_ member: RequestMember, _ value: Value) {
    self.member = member
    self.value = value
  }
}

/// A mutation: how it loads its footprint and comes to a decision.
///
/// One type a method; each is pure but for what it reads through the desk.
package protocol Command: Sendable {
  static var method: RequestMethod { get }

  /// Whose value or secret it concerns, as far as the params tell.
  var subject: Subject { get }

  /// Decides on the state as it is now; appends nothing itself.
  func decide(at desk: Desk) throws(Interruption) -> Decided
}

/// What a request concerns, for keeping requests on one card in order.
package enum Subject: Sendable {
  case account(AccountName)
  case entry(EntryID)
  case ledger
}

/// How a request names an account.
package enum AccountName: Hashable, Sendable {
  case id(AccountID)
  case card(CardNumber)
}
