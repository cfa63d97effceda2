// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Program
import Store
import StoredValue

extension Audit {
  /// The program in force, entry by entry.
  struct Rules {
    private let findings: Findings
    private(set) var version: Int64 = 0
    private(set) var document: [UInt8] = FoldPoint().programDocument
    /// nil while what is in force cannot be known.
    private(set) var inForce: StoredValueRules? = Program.neutral.storedValue
    /// An entry could not be read: it may have set a program.
    private var mayHaveMissed = false

    init(_ findings: Findings) { self.findings = findings }

    /// An entry is missing or cannot be read.
    mutating func missEntry() { mayHaveMissed = true }

    /// Moves on to what is in force for this entry.
    mutating func follow(_ entry: Entry) {
      var due = version
      var isSet = false
      for case .programSet(let document) in entry.changes {
        due &+= 1
        isSet = true
        set(document, by: entry.id)
      }
      if entry.programVersion != due {
        if mayHaveMissed {
          due = entry.programVersion
          if !isSet { inForce = nil }
        } else {
          findings.add(
            "it says program version \(entry.programVersion) where \(due) is due", at: entry.id)
        }
      }
      mayHaveMissed = false
      version = due
    }

    private mutating func set(_ document: [UInt8], by entry: EntryID) {
      self.document = document
      do throws(ProgramProblem) {
        let program = try Program.decode(canonical: document)
        inForce = program.storedValue
        if program.document != document {
          findings.add("its program is not in canonical form", at: entry)
        }
      } catch {
        inForce = nil
        findings.add("its program does not decode: \(error.field) \(error.message)", at: entry)
      }
    }
  }
}
