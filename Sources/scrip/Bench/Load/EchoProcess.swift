// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

/// The pipe alone: a process that gives back what it is sent, under the same load.
final class EchoProcess {
  private let process: PipedProcess
  private let load: Load

  init() throws(Failure) {
    process = try PipedProcess(["bench", "echo"])
    load = Load(process, mark: "\"method\":")
  }

  func run(
    window: Int, seconds: Double, _ source: inout some RequestSource
  ) throws(Failure) -> Sample {
    let before = try ProcessUsage.of(process.pid)
    let result = try load.run(window: window, seconds: seconds, &source)
    guard result.errors == 0 else { throw .data("the echo is wrong: \(result.firstError)") }
    var usage = try ProcessUsage.of(process.pid) - before
    usage.written -= result.bytesRead
    return Sample(
      count: result.answered, nanoseconds: result.nanoseconds, latencies: result.latencies,
      usage: usage, groups: result.reads)
  }

  func finish() throws(Failure) { try process.finish() }
}
