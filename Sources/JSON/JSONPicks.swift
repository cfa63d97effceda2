// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// An object's members, sorted out by the names that it may have.
///
/// Refers to the document once, however many members there are: one value for each would count a
/// reference for each whenever the picks are handed on.
package struct JSONPicks: Sendable {
  /// A member in the order written.
  private struct Step: Sendable {
    let name: UInt32
    /// The place of its name; -1 for a name that is not known.
    let place: Int32
  }

  private let storage: JSONStorage?
  private var steps: [Step]
  /// By place the node of the value; 0, which is no member's, where there is none.
  private var values: [UInt32]

  /// None, of so many names.
  package init(none count: Int) {
    storage = nil
    steps = []
    values = [UInt32](repeating: 0, count: count)
  }

  /// Those of an object; one that is null is among its members, but counts as absent.
  package init(of object: JSONValue, by names: JSONNames) {
    precondition(object.kind == .object, "members are an object's")
    let storage = object.storage
    self.storage = storage
    var steps: [Step] = []
    steps.reserveCapacity(object.count)
    var values = [UInt32](repeating: 0, count: names.count)
    storage.withTape { tape in
      let last = Int(tape.nodes[object.index].link)
      var name = object.index + 1
      while name < last {
        let place = names.place(of: tape.content(tape.nodes[name]))
        steps.append(Step(name: UInt32(name), place: Int32(place ?? -1)))
        if let place, tape.nodes[name + 1].kind != .null { values[place] = UInt32(name + 1) }
        name = tape.followingName(name)
      }
    }
    self.steps = steps
    self.values = values
  }

  /// How many members there are in all.
  package var memberCount: Int { steps.count }

  /// The place of the name of a member, by its order; nil where the name is not known.
  package func place(ofMember order: Int) -> Int? {
    steps[order].place < 0 ? nil : Int(steps[order].place)
  }

  /// The name of a member, by its order.
  package func name(ofMember order: Int) -> String { nameValue(order).string ?? "" }

  /// Whether the name of a member, by its order, starts with these bytes.
  package func isMember(_ order: Int, namedStartingWith prefix: StaticString) -> Bool {
    nameValue(order).isString(startingWith: prefix)
  }

  /// Whether there is a value that is not null under the name at this place.
  package func hasValue(at place: Int) -> Bool { values[place] != 0 }

  /// The value under the name at this place; nil where there is none, or null.
  package subscript(place: Int) -> JSONValue? {
    guard values[place] != 0, let storage else { return nil }
    return JSONValue(storage: storage, index: Int(values[place]))
  }

  private func nameValue(_ order: Int) -> JSONValue {
    guard let storage else { preconditionFailure("a member has a document") }
    return JSONValue(storage: storage, index: Int(steps[order].name))
  }
}
