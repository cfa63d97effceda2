// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc

/// Nanoseconds of processor time.
struct Usage {
  var engines: Int64 = 0
  /// Of the server's sessions.
  var sessions: Int64 = 0
  /// Of what the server does beside them: writing its log and its pages, cleaning up.
  var beside: Int64 = 0
  /// Of this process.
  var client: Int64 = 0
  /// Of everything on this machine.
  var machine: Int64 = 0

  /// Of everything that has nothing to do with this run.
  var others: Int64 { max(0, machine - engines - sessions - beside - client) }

  static func now(_ engines: [pid_t]) -> Usage {
    var usage = Usage()
    usage.machine = machineTime()
    usage.engines = engines.reduce(0) { $0 + time(of: $1) }
    usage.client = time(of: getpid())
    guard let server = getenv("SCRIP_TEST_POSTGRESQL_PID").flatMap({ Int32(String(cString: $0)) })
    else { return usage }
    let children = Files.text(of: "/proc/\(server)/task/\(server)/children") ?? ""
    for child in children.split(separator: " ").compactMap({ pid_t($0) }) {
      // A session names its user, its database and where it is from: `postgres: a b 127.0.0.1…`.
      let name = Files.text(of: "/proc/\(child)/cmdline") ?? ""
      if name.contains("127.0.0.1") {
        usage.sessions += time(of: child)
      } else {
        usage.beside += time(of: child)
      }
    }
    return usage
  }

  static func - (later: Usage, earlier: Usage) -> Usage {
    Usage(
      engines: later.engines - earlier.engines, sessions: later.sessions - earlier.sessions,
      beside: later.beside - earlier.beside, client: later.client - earlier.client,
      machine: later.machine - earlier.machine)
  }

  /// All but what was idle or waited for disks.
  private static func machineTime() -> Int64 {
    let text = Files.text(of: "/proc/stat") ?? ""
    let ticks = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().compactMap {
      Int64($0)
    }
    // user nice system idle iowait irq softirq steal
    guard ticks.count >= 8 else { return 0 }
    let used = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7]
    return used * (1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK))))
  }

  /// Of all threads.
  private static func time(of process: pid_t) -> Int64 {
    var total: Int64 = 0
    let tasks = Files.names(in: "/proc/\(process)/task")
    for task in tasks {
      let text = Files.text(of: "/proc/\(process)/task/\(task)/schedstat") ?? ""
      total += text.split(separator: " ").first.flatMap { Int64($0) } ?? 0
    }
    return total
  }
}
