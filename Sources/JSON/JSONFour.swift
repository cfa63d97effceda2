// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// Up to four members of an object, sorted out in one pass by the names that they may have; for
/// objects that are met so often that their members should not be looked for one by one.
public struct JSONFour: Sendable {
  private let storage: JSONStorage
  /// By place of its name the node of a value; 0, which is no member's, where there is none.
  private var nodes = SIMD4<UInt32>()

  /// Those of an object; traps on another value, and on more names than four.
  public init(of object: JSONValue, by names: JSONNames) {
    precondition(object.kind == .object && names.count <= 4, "four members of an object")
    storage = object.storage
    nodes = storage.withTape { tape in
      var nodes = SIMD4<UInt32>()
      let last = Int(tape.nodes[object.index].link)
      var name = object.index + 1
      while name < last {
        if let place = names.place(of: tape.content(tape.nodes[name])) {
          nodes[place] = UInt32(name + 1)
        }
        name = tape.followingName(name)
      }
      return nodes
    }
  }

  /// The value under the name at this place, which may be null; nil where there is none.
  public subscript(place: Int) -> JSONValue? {
    nodes[place] == 0 ? nil : JSONValue(storage: storage, index: Int(nodes[place]))
  }

  /// Calls `body` with the value under the name at this place, if there is one.
  public func look(at place: Int, _ body: (JSONPeek) -> Void) {
    let node = Int(nodes[place])
    guard node != 0 else { return }
    storage.withTape { body(JSONPeek($0, node)) }
  }
}
