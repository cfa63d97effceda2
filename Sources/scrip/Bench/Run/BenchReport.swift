// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineRPC
import JSON
import SQLite

/// What was measured, for people and for machines.
struct BenchReport {
  let settings: BenchSettings
  let results: Results

  var text: String {
    var parts = [heading, seriesTable.text]
    if !results.figures.isEmpty { parts.append(figureTable.text) }
    parts.append(goalTable.text)
    return parts.joined(separator: "\n\n")
  }

  private var heading: String {
    "\(settings.cards) cards, \(settings.history) debits of history; medians of "
      + "\(settings.rounds) interleaved rounds, [least-most]; times in µs"
  }

  private var seriesTable: TextTable {
    var table = TextTable(
      ["what", "per s", "spread", "p50", "p90", "p99", "p99.9", "most", "CPU", "KiB", "group"],
      rightAligned: Set(1...10))
    for series in results.series {
      let rate = Spread(series.samples.map(\.perSecond))
      var row = [
        series.name, rate?.median.fixed(0) ?? "-",
        rate.map { "[\($0.least.fixed(0))-\($0.most.fixed(0))]" } ?? "-",
      ]
      for share in Sample.shares {
        let values = series.samples.compactMap { $0.latency[share] }.map { Double($0) / 1000 }
        row.append(Spread(values)?.median.fixed(0) ?? "-")
      }
      row.append(Spread(series.samples.map(\.processor))?.median.fixed(1) ?? "-")
      row.append(Spread(series.samples.map { $0.written / 1024 })?.median.fixed(2) ?? "-")
      row.append(Spread(series.samples.map(\.together))?.median.fixed(1) ?? "-")
      table.add(row)
    }
    return table
  }

  private var figureTable: TextTable {
    var table = TextTable(["figure", "median", "spread", "unit"], rightAligned: [1, 2])
    for figure in results.figures {
      guard let spread = Spread(figure.values) else { continue }
      table.add([
        figure.name, spread.median.fixed(3),
        "[\(spread.least.fixed(3))-\(spread.most.fixed(3))]", figure.unit,
      ])
    }
    return table
  }

  private var goalTable: TextTable {
    var table = TextTable(
      ["goal", "must", "aim", "measured", "spread", "unit", "verdict"], rightAligned: [1, 2, 3, 4])
    for goal in Goals.all(results) where goal.measured != nil { table.add(goal.row) }
    return table
  }

  var tree: JSONTree {
    [
      "version": .string(About.version), "sqlite": .string(Connection.libraryVersion),
      "settings": [
        "cards": .integer(Int64(settings.cards)), "history": .integer(Int64(settings.history)),
        "rounds": .integer(Int64(settings.rounds)), "seconds": .decimal(settings.seconds, 2),
      ],
      "series": .array(results.series.map(Self.tree)),
      "figures": .array(
        results.figures.map { figure in
          [
            "name": .string(figure.name), "unit": .string(figure.unit),
            "values": .array(figure.values.map { .decimal($0, 3) }),
          ]
        }),
      "goals": .array(Goals.all(results).map(\.tree)),
    ]
  }

  private static func tree(_ series: Results.Series) -> JSONTree {
    [
      "name": .string(series.name),
      "rounds": .array(
        series.samples.map { sample in
          [
            "per_second": .decimal(sample.perSecond, 1),
            "latency_ns": .array(
              Sample.shares.compactMap { share in
                sample.latency[share].map {
                  ["share_basis_points": .integer(Int64(share)), "at_most": .integer($0)]
                }
              }),
            "cpu_us": .decimal(sample.processor, 3), "written_bytes": .decimal(sample.written, 1),
            "together": .decimal(sample.together, 2),
          ]
        }),
    ]
  }
}
