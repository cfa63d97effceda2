// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// A value whose content is never shown: not by interpolation, `print`, `dump` or a debugger's
/// summary.
///
/// Without it the standard library would print every stored property by reflection, so that one
/// careless log line would write a key.
public protocol Unprintable: CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{}

extension Unprintable {
  /// Always `<secret>`.
  public var description: String { "<secret>" }

  /// Always `<secret>`.
  public var debugDescription: String { description }

  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
