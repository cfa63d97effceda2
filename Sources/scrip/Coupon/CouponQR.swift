// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import ArgumentParser
import EngineRPC
import Glibc
import JSON
import LedgerCore
import QRPicture

/// `scrip coupon qr`.
struct CouponQR: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qr", abstract: "Draws the QR code of a coupon.",
    discussion: """
      Whoever has the picture has the coupon: files are made for their owner alone.

        scrip coupon qr cpn_04HMASW9NF6YY093 --data shop
        scrip coupon qr cpn_04HMASW9NF6YY093 --data shop --format png --dots 384 --output c.png

      A dot is an eighth of a millimetre, as thermal printers with 203 dpi have it: 58 mm paper \
      takes 384 of them, 80 mm paper 576. Level Q stands more creases than M and still fits; a \
      module should have 4 dots or more.
      """)

  /// What the picture is made of.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case terminal
    case utf8
    case svg
    case png
  }

  @Argument(help: "The coupon: cpn_… .")
  var coupon: String

  @OptionGroup var ledger: LedgerOptions

  @Option(help: "terminal sets its colours, utf8 is plain text, svg and png are pictures.")
  var format = Format.terminal

  @Option(help: "How much damage can be put right: L, M, Q or H (7, 15, 25, 30 %).")
  var level = QRSymbol.Level.medium

  @Option(help: "The width of an svg or png in dots: the code fills it and stands in its middle.")
  var dots: Int?

  @Option(help: "The side of a module of an svg or png in dots, instead of --dots; else 8.")
  var module: Int?

  @Option(help: "Write to this file, readable for its owner alone.", completion: .file())
  var output: String?

  @Option(help: "Start the clock of a test ledger at this RFC 3339 time.")
  var testClock: TestClock?

  func validate() throws {
    if dots != nil, module != nil { throw ValidationError("give --dots or --module, not both") }
    if dots != nil || module != nil, format == .terminal || format == .utf8 {
      throw ValidationError("--dots and --module are for svg and png")
    }
  }

  func run() throws {
    var exitCode: Int32 = 0
    try scrip.run { () throws(Failure) in exitCode = try draw() }
    if exitCode != 0 { throw ExitCode(exitCode) }
  }

  private func draw() throws(Failure) -> Int32 {
    if format == .png, output == nil, Terminal.isOutputShown {
      throw .usage("a png is not for a terminal: give --output")
    }
    _ = try ledger.identity()
    CoreDumps.forbid()
    let opened = try OpenedLedger(
      directory: ledger.data, keyring: ledger.keyring, testClock: testClock?.instant)
    let request = SoleRequest(
      method: "coupon.payload", params: ["coupon_id": .string(coupon)])
    let answer = try request.answer(on: opened, directory: ledger.data)
    guard case .string(let payload)? = answer["result"]?["payload"] else {
      let error = RequestError(answer["error"] ?? .null)
      StandardError.write(error.text)
      return error.isRetryable ? 75 : 1
    }
    guard let symbol = QRSymbol(text: payload, level: level) else {
      preconditionFailure("every payload has a symbol at every level")
    }
    let picture = try picture(of: symbol)
    if let output {
      try PrivateFile(path: output).write(picture)
    } else {
      try StandardOutput.write(picture)
    }
    return 0
  }

  private func picture(of symbol: QRSymbol) throws(Failure) -> [UInt8] {
    switch format {
    case .terminal: Array(symbol.terminalText.utf8)
    case .utf8: Array(symbol.blockText.utf8)
    case .svg: Array(symbol.svg(try layout(of: symbol)).utf8)
    case .png: symbol.png(try layout(of: symbol))
    }
  }

  private func layout(of symbol: QRSymbol) throws(Failure) -> DotLayout {
    if let dots {
      guard let layout = DotLayout(of: symbol, width: dots) else {
        throw .usage(
          "--dots takes \(symbol.framedSize) to \(DotLayout.widthLimit) for this code")
      }
      return layout
    }
    guard let layout = DotLayout(of: symbol, module: module ?? 8) else {
      throw .usage("--module takes 1 to \(DotLayout.moduleLimit)")
    }
    return layout
  }
}

extension QRSymbol.Level: ExpressibleByArgument {
  /// Takes the letter in either case.
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// The time a test ledger's clock starts at, as a value on the command line.
struct TestClock: ExpressibleByArgument {
  let instant: Instant

  init?(argument: String) {
    guard let instant = Instant(text: argument), instant < .clockLimit else { return nil }
    self.instant = instant
  }
}

/// A file for its owner alone.
struct PrivateFile {
  let path: String

  /// Writes all of `bytes`, over what was there; throws `.cannotCreate` or `.io`.
  func write(_ bytes: [UInt8]) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotCreate("cannot write \(path): \(systemReason())")
    }
    defer { close(descriptor) }
    // A file that was there keeps its mode otherwise.
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    guard !isFile || fchmod(descriptor, 0o600) == 0 else {
      throw .cannotCreate("cannot keep \(path) private: \(systemReason())")
    }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      guard count >= 0 || errno == EINTR else {
        throw .io("cannot write \(path): \(systemReason())")
      }
      written += max(0, count)
    }
  }
}
