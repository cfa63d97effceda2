// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import LedgerCore
package import Program
import Store
import StoredValue

/// `program.set`: the program that judges every later request.
package struct SetProgram: Command {
  package static let method = RequestMethod.programSet
  package let program: Program

  package init(program: Program) { self.program = program }

  package var subject: Subject { .ledger }

  package func decide(at desk: Desk) throws(Interruption) -> Decided {
    Decided(
      .accepted([
        Entry(
          id: desk.working.head.next, at: desk.now, date: desk.calendar.date(at: desk.now),
          kind: .programSet, account: nil, programVersion: desk.programVersion + 1,
          origin: desk.ticket.origin, reason: desk.ticket.reason,
          changes: [.programSet(program.document)], after: nil,
          request: try desk.recordWithoutAccount())
      ]))
  }
}
