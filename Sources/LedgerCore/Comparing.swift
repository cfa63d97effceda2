// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

// Comparisons that other modules make dozens of times a request, spelt out: what the compiler
// derives is reached from there through the table of a conformance, and costs six times a call.

extension EntryID {
  package static func == (left: Self, right: Self) -> Bool { left.sequence == right.sequence }
  package static func <= (left: Self, right: Self) -> Bool { left.sequence <= right.sequence }
  package static func > (left: Self, right: Self) -> Bool { left.sequence > right.sequence }
  package static func >= (left: Self, right: Self) -> Bool { left.sequence >= right.sequence }
}

extension AccountID {
  package static func == (left: Self, right: Self) -> Bool { left.value == right.value }
}

extension LotID {
  package static func == (left: Self, right: Self) -> Bool {
    left.topUp == right.topUp && left.index == right.index
  }
}

extension CardNumber {
  package static func == (left: Self, right: Self) -> Bool { left.text == right.text }
}

extension Amount {
  package static func == (left: Self, right: Self) -> Bool { left.minorUnits == right.minorUnits }
  package static func <= (left: Self, right: Self) -> Bool { left.minorUnits <= right.minorUnits }
  package static func > (left: Self, right: Self) -> Bool { left.minorUnits > right.minorUnits }
  package static func >= (left: Self, right: Self) -> Bool { left.minorUnits >= right.minorUnits }
}

extension Instant {
  package static func == (left: Self, right: Self) -> Bool {
    left.milliseconds == right.milliseconds
  }
  package static func <= (left: Self, right: Self) -> Bool {
    left.milliseconds <= right.milliseconds
  }
  package static func > (left: Self, right: Self) -> Bool { left.milliseconds > right.milliseconds }
  package static func >= (left: Self, right: Self) -> Bool {
    left.milliseconds >= right.milliseconds
  }
}

extension BusinessDate {
  package static func == (left: Self, right: Self) -> Bool {
    left.daysSince1970 == right.daysSince1970
  }
}

extension EntryKind {
  package static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }
}

extension AccountStatus {
  package static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }
}

extension LotKind {
  package static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }
}
