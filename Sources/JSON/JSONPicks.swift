// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// An object's members, sorted out by the names that it may have.
///
/// Refers to the document once, however many members there are: one value for each would count a
/// reference for each whenever the picks are handed on.
public struct JSONPicks {
  private let storage: JSONStorage?
  /// Where its members are, so that looking at one counts no reference; lives while the storage
  /// is kept.
  private let tape: JSONTape?
  /// How many names there are to be found.
  private let nameCount: Int
  /// By place the node of the value, 0, which is no member's, where there is none; then for each
  /// member in the order written the node of its name and the place of that, `unknown` for none.
  private var slots: [UInt32]

  private static let unknown = UInt32.max

  /// None, of so many names.
  public init(none count: Int) {
    (storage, tape) = (nil, nil)
    nameCount = count
    slots = Self.empty(count)
  }

  /// Those of an object; one that is null is among its members, but counts as absent.
  public init(of object: JSONValue, by names: JSONNames) {
    precondition(object.kind == .object, "members are an object's")
    let tape = object.storage.tape
    (storage, self.tape) = (object.storage, tape)
    nameCount = names.count
    slots = Self.empty(nameCount &+ 2 &* object.count)
    let first = object.index + 1
    slots.withUnsafeMutableBufferPointer { slots in
      let last = Int(tape.nodes[first - 1].link)
      var (name, slot) = (first, names.count)
      while name < last {
        let place = names.place(of: tape.content(tape.nodes[name]))
        slots[slot] = UInt32(name)
        slots[slot + 1] = place.map { UInt32($0) } ?? Self.unknown
        if let place, tape.nodes[name + 1].kind != .null { slots[place] = UInt32(name + 1) }
        slot += 2
        name = tape.followingName(name)
      }
    }
    withExtendedLifetime(object) {}
  }

  /// Zeros; `Array(repeating:count:)` is not specialised and costs five times as much.
  private static func empty(_ count: Int) -> [UInt32] { Array(repeatElement(0, count: count)) }

  /// How many members there are in all.
  public var memberCount: Int { (slots.count - nameCount) / 2 }

  /// The place of the name of a member, by its order; nil where the name is not known.
  public func place(ofMember order: Int) -> Int? {
    let place = slots[nameCount + 2 * order + 1]
    return place == Self.unknown ? nil : Int(place)
  }

  /// The name of a member, by its order.
  public func name(ofMember order: Int) -> String { nameValue(order).string ?? "" }

  /// Whether the name of a member, by its order, starts with these bytes.
  public func isMember(_ order: Int, namedStartingWith prefix: StaticString) -> Bool {
    nameValue(order).isString(startingWith: prefix)
  }

  /// Whether there is a value that is not null under the name at this place.
  public func hasValue(at place: Int) -> Bool { slots[place] != 0 }

  /// The value under the name at this place; nil where there is none, or null.
  public subscript(place: Int) -> JSONValue? {
    let node = slots[place]
    guard node != 0, let storage else { return nil }
    return JSONValue(storage: storage, index: Int(node))
  }

  /// The string under the name at this place; nil where there is none.
  public func string(at place: Int) -> String? {
    var string: String?
    look(at: place) { string = $0.string }
    return string
  }

  /// The integer under the name at this place; nil where there is none.
  public func integer(at place: Int) -> Int64? {
    var integer: Int64?
    look(at: place) { integer = $0.integer }
    return integer
  }

  /// Calls `body` with the value under the name at this place, if there is one that is not null.
  @inline(__always)
  public func look(at place: Int, _ body: (JSONPeek) -> Void) {
    let node = slots[place]
    guard node != 0, let tape else { return }
    body(JSONPeek(tape, Int(node)))
    withExtendedLifetime(storage) {}
  }

  /// The first member by order that does not fit, or whose name is not known; nil for none.
  ///
  /// Asked by the place of its name; what is null fits. Members before `first` are passed over.
  public func firstMisfit(from first: Int, _ fits: (Int, JSONPeek) -> Bool) -> Int? {
    guard let tape else { return nil }
    defer { withExtendedLifetime(storage) {} }
    return slots.withUnsafeBufferPointer { slots in
      var slot = nameCount + 2 * first
      while slot < slots.count {
        guard slots[slot + 1] != Self.unknown else { return (slot - nameCount) / 2 }
        let node = Int(slots[slot]) + 1
        if tape.nodes[node].kind != .null, !fits(Int(slots[slot + 1]), JSONPeek(tape, node)) {
          return (slot - nameCount) / 2
        }
        slot += 2
      }
      return nil
    }
  }

  private func nameValue(_ order: Int) -> JSONValue {
    guard let storage else { preconditionFailure("a member has a document") }
    return JSONValue(storage: storage, index: Int(slots[nameCount + 2 * order]))
  }
}
