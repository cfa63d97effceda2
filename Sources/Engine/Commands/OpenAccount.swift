// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
import Secrets
package import Store
package import StoredValue

/// `account.open`: a new card, with PIN and first top-up where given.
package struct OpenAccount: Command {
  package static let method = RequestMethod.accountOpen
  package let cardNumber: CardNumber
  package let registered: Bool
  package let holder: [Person.Particular: String]?
  package let level: String?
  package let pin: PIN?
  package let topUp: Payment?
  package let sameDaySpend: Amount?

  package init(
    cardNumber: CardNumber, registered: Bool, holder: [Person.Particular: String]?,
    level: String?, pin: PIN?, topUp: Payment?, sameDaySpend: Amount?
  ) {
    self.cardNumber = cardNumber
    self.registered = registered
    self.holder = holder
    self.level = level
    self.pin = pin
    self.topUp = topUp
    self.sameDaySpend = sameDaySpend
  }

  package var subject: Subject { .account(.card(cardNumber)) }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    let id = desk.ticket.drawAccountID(desk.random)
    guard try reading({ () throws(StoreError) in try desk.working.account(id) }) == nil else {
      preconditionFailure("60 random bits named an account twice")
    }
    let person = holder.map { Person(salt: desk.random(16), particulars: $0) }
    var opening = Opening(
      cardNumber: cardNumber, registered: registered, level: level, topUp: topUp,
      sameDaySpend: sameDaySpend)
    if let person {
      opening.holderDigest = desk.digest(of: person)
      opening.holderIsComplete = person.isComplete
    }
    if let pin { opening.pinVerifier = try desk.newVerifier(pin, for: id) }
    let decision = Account.open(
      opening, id: id, cardTaken: try desk.isTaken(cardNumber), gifts: try desk.gifts(to: id),
      in: try desk.context(for: id))
    return Decided(decision, person: person)
  }
}

extension Desk {
  /// The salted digest of a holder's particulars that the journal keeps.
  func digest(of person: Person) -> [UInt8] {
    let digest = digester.digest(
      member: "person", key: "".utf8.span.bytes, bytes: person.digestedBytes.span.bytes)
    var writer = ByteWriter(reserving: 9)
    writer.byte(digester.signingKeyID)
    writer.fixed(digest)
    return writer.bytes
  }
}
