// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// Everything measured: samples by name and round, and single figures.
struct Results {
  /// A series of samples, one a round.
  struct Series {
    let name: String
    var samples: [Sample] = []
  }

  /// A figure that is no rate: start-up time, memory, a count.
  struct Figure {
    let name: String
    let unit: String
    var values: [Double] = []
  }

  private(set) var series: [Series] = []
  private(set) var figures: [Figure] = []

  mutating func add(_ name: String, _ sample: Sample) {
    if let index = series.firstIndex(where: { $0.name == name }) {
      series[index].samples.append(sample)
    } else {
      series.append(Series(name: name, samples: [sample]))
    }
  }

  mutating func add(_ name: String, _ value: Double, unit: String) {
    if let index = figures.firstIndex(where: { $0.name == name }) {
      figures[index].values.append(value)
    } else {
      figures.append(Figure(name: name, unit: unit, values: [value]))
    }
  }

  func samples(_ name: String) -> [Sample] {
    series.first { $0.name == name }?.samples ?? []
  }

  func figure(_ name: String) -> Spread? {
    figures.first { $0.name == name }.flatMap { Spread($0.values) }
  }

  /// One series over another, round by round, by a property of theirs.
  func ratio(
    _ name: String, over other: String, _ value: (Sample) -> Double = \.perSecond
  ) -> Spread? {
    let pairs = zip(samples(name), samples(other))
    return Spread(pairs.map { value($0) / value($1) })
  }
}
