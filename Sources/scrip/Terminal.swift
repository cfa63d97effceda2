// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What the file descriptors lead to, as far as it changes what people are shown.
enum Terminal {
  /// Whether a person reads standard error as it is written.
  static var showsProgress: Bool { isatty(2) == 1 && variable("TERM") != "dumb" }

  /// Whether a person reads standard output as it is written.
  static var isOutputShown: Bool { isatty(1) == 1 }

  /// Whether standard output takes colours: a terminal, unless NO_COLOR or a dumb TERM says no;
  /// CLICOLOR_FORCE says yes where there is no terminal.
  static var showsColour: Bool {
    if variable("NO_COLOR") != nil { return false }
    if let forced = variable("CLICOLOR_FORCE"), forced != "0" { return true }
    return isOutputShown && variable("TERM") != "dumb"
  }

  /// A variable of the environment that is set and not empty.
  private static func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
