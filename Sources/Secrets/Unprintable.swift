// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A value whose content is never shown: not by interpolation, `print`, `dump` or a debugger's
/// summary.
///
/// Without it the standard library would print every stored property by reflection, so that one
/// careless log line would write a key.
package protocol Unprintable: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{}

extension Unprintable {
  /// Always `<secret>`.
  package var description: String { "<secret>" }

  /// Always `<secret>`.
  package var debugDescription: String { description }

  /// A mirror without children.
  package var customMirror: Mirror { Mirror(self, children: [:]) }
}
