// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import Glibc

/// A PostgreSQL server of a test's own: data in a temporary directory, a port on the loopback, run
/// by an ordinary user, and gone when the test lets go of it.
final class DatabaseServer {
  /// Where Debian keeps initdb, postgres and the rest; nil where these tests are not to run.
  static let programs = getenv("SCRIP_TEST_POSTGRESQL_BIN").map { String(cString: $0) }

  let port: UInt16
  private let scratch: TemporaryDirectory
  private var process: ChildProcess?
  private var data: String { scratch.file("data") }

  /// Makes an empty database and starts the server on it.
  convenience init(settings: String = "") throws {
    try self.init()
    try Self.run("initdb", ["-D", data, "-U", "scrip", "-A", "trust", "-E", "UTF8", "--no-sync"])
    try configure(settings)
    try start()
  }

  /// Copies a server that runs, and starts the copy as its standby.
  convenience init(standbyOf primary: DatabaseServer, settings: String) throws {
    try self.init()
    try Self.run(
      "pg_basebackup",
      [
        "-D", data, "-h", "127.0.0.1", "-p", "\(primary.port)", "-U", "scrip", "-R", "-X", "stream",
        "-c", "fast", "--no-sync",
      ])
    try configure(settings)
    try start()
  }

  private init() throws {
    scratch = try TemporaryDirectory()
    port = try Self.freePort()
    guard let user = Self.user else { return }
    chown(scratch.path, user.pw_uid, user.pw_gid)
    chmod(scratch.path, 0o755)
  }

  deinit { kill() }

  /// The URI of its database.
  var target: String { target(as: "scrip") }

  /// The URI of its database for another role.
  func target(as role: String) -> String { "postgresql://\(role)@127.0.0.1:\(port)/postgres" }

  private func configure(_ settings: String) throws {
    let own = """

      listen_addresses = '127.0.0.1'
      port = \(port)
      unix_socket_directories = ''
      max_connections = 50
      shared_buffers = 32MB
      \(settings)

      """
    let path = data + "/postgresql.conf"
    try Files.write((Files.text(of: path) ?? "") + own, to: path)
  }

  // MARK: Life and death

  /// Starts it, and waits until it takes connections.
  func start() throws {
    let command = try Self.command("postgres", ["-D", data])
    process = try ChildProcess(command[0], Array(command.dropFirst()))
    let deadline = Deadline(in: 60)
    while true {
      let command = try Self.command("pg_isready", ["-q", "-h", "127.0.0.1", "-p", "\(port)"])
      let asked = try ChildProcess(command[0], Array(command.dropFirst()))
      if try asked.wait() == .code(0) { return }
      guard !deadline.hasPassed else {
        throw HarnessFailure("the server does not start: \(process?.errors ?? "")")
      }
      pause(seconds: 0.05)
    }
  }

  /// Stops it at once, as a crash does: nothing is written any more.
  func stopImmediately() throws {
    process?.send(signal: SIGQUIT)
    try process?.wait()
    process = nil
  }

  /// Kills it.
  func kill() {
    process?.send(signal: SIGKILL)
    _ = try? process?.wait()
    process = nil
  }

  /// Makes a standby the primary.
  func promote() throws { try Self.run("pg_ctl", ["promote", "-w", "-D", data]) }

  /// Runs a statement, as its owner unless said otherwise; what it shows first, as text.
  @discardableResult
  func run(sql: String, as role: String = "scrip") throws -> String {
    let command = try Self.command("psql", ["-X", "-t", "-A", "-c", sql, target(as: role)])
    let child = try ChildProcess(command[0], Array(command.dropFirst()))
    try child.closeInput()
    let shown = try child.line(Deadline(in: 20)) ?? []
    guard try child.wait() == .code(0) else { throw HarnessFailure("psql: \(child.errors)") }
    return String(decoding: shown, as: UTF8.self)
  }

  // MARK: Programs

  /// The user who runs servers where the tests are run by root, whom PostgreSQL refuses.
  private static var user: passwd? {
    guard geteuid() == 0 else { return nil }
    return (getpwnam("postgres") ?? getpwnam("nobody"))?.pointee
  }

  private static func command(_ program: String, _ arguments: [String]) throws -> [String] {
    guard let programs else { throw HarnessFailure("SCRIP_TEST_POSTGRESQL_BIN is not set") }
    let own = ["\(programs)/\(program)"] + arguments
    guard let user else { return own }
    let drop = ["--reuid=\(user.pw_uid)", "--regid=\(user.pw_gid)", "--clear-groups"]
    return ["/usr/bin/setpriv"] + drop + own
  }

  private static func run(_ program: String, _ arguments: [String]) throws {
    let command = try command(program, arguments)
    let child = try ChildProcess(command[0], Array(command.dropFirst()))
    try child.closeInput()
    while try child.line(Deadline(in: 120)) != nil {}
    guard try child.wait() == .code(0) else {
      throw HarnessFailure("\(program): \(child.errors)")
    }
  }

  private static func freePort() throws -> UInt16 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = LoopbackAddress.make(port: 0)
    guard LoopbackAddress.bind(socket, &address) else { throw HarnessFailure.system("bind") }
    return LoopbackAddress.port(of: socket)
  }
}

/// What tests do with addresses of the loopback.
enum LoopbackAddress {
  static func make(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  static func bind(_ socket: Int32, _ address: inout sockaddr_in) -> Bool {
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }

  static func connect(to port: UInt16) -> Int32 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = make(port: port)
    let isOpen = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if isOpen { return socket }
    close(socket)
    return -1
  }

  static func port(of socket: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(socket, $0, &size)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }
}
