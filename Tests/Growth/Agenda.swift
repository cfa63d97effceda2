// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// What is to happen, in order of time; what is for the same time, in order of its planning.
struct Agenda<Event> {
  private struct Item {
    let time: Int64
    let number: Int
    let event: Event

    func isBefore(_ other: Item) -> Bool {
      (time, number) < (other.time, other.number)
    }
  }

  /// A binary heap.
  private var items: [Item] = []
  private var planned = 0

  mutating func plan(_ event: Event, at time: Int64) {
    planned += 1
    items.append(Item(time: time, number: planned, event: event))
    var place = items.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      guard items[place].isBefore(items[parent]) else { return }
      items.swapAt(place, parent)
      place = parent
    }
  }

  mutating func next() -> (time: Int64, event: Event)? {
    guard let first = items.first else { return nil }
    let last = items.removeLast()
    if !items.isEmpty {
      items[0] = last
      sink()
    }
    return (first.time, first.event)
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = 2 * place + 1
      guard least < items.count else { return }
      if least + 1 < items.count, items[least + 1].isBefore(items[least]) { least += 1 }
      guard items[least].isBefore(items[place]) else { return }
      items.swapAt(place, least)
      place = least
    }
  }
}

/// What waits its turn: first come, first served.
struct Queue<Element> {
  private var elements: [Element] = []
  private var start = 0

  var count: Int { elements.count - start }
  var isEmpty: Bool { count == 0 }

  mutating func add(_ element: Element) { elements.append(element) }

  mutating func take() -> Element? {
    guard start < elements.count else { return nil }
    let element = elements[start]
    start += 1
    if start > 1024, start * 2 > elements.count {
      elements.removeFirst(start)
      start = 0
    }
    return element
  }

  /// Takes all, in order.
  mutating func takeAll() -> [Element] {
    defer { (elements, start) = ([], 0) }
    return Array(elements[start...])
  }
}

/// Random numbers that a seed determines (Steele, Lea and Flood, 2014).
struct Chance {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

  /// From 0 on, below 1.
  private mutating func fraction() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((value ^ value >> 31) >> 11) / 9_007_199_254_740_992
  }

  /// Exponential, of this mean.
  mutating func pause(_ mean: Double) -> Double { -log(1 - fraction()) * mean }
}
