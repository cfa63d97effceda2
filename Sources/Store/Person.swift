// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore

/// A card holder's particulars.
///
/// They stand beside the journal, never in it, and can be erased.
package struct Person: Hashable, Sendable {
  /// What can be known of a holder, by its name on the wire; each 1–200 characters.
  package enum Particular: String, Sendable, CaseIterable {
    case name
    case phone
    case documentType = "document_type"
    case documentNumber = "document_no"
    case email
    case birthday
    case address
    case note
  }

  /// Random; makes the digest in the journal useless without this record.
  package let salt: [UInt8]
  package let particulars: [Particular: String]

  package init(salt: [UInt8], particulars: [Particular: String]) {
    self.salt = salt
    self.particulars = particulars
  }

  /// Name, phone and document number are all there.
  package var isComplete: Bool {
    [.name, .phone, .documentNumber].allSatisfy { particulars[$0] != nil }
  }

  /// What the digest in the journal is made over; deterministic.
  package var digestedBytes: [UInt8] {
    var writer = ByteWriter(reserving: 128)
    writer.blob(salt)
    for particular in Particular.allCases {
      writer.optional(particulars[particular]) { $0.text($1) }
    }
    return writer.bytes
  }
}
