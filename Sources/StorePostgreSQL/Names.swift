// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#if PostgreSQL

  import Anomalies
  import LedgerCore

  extension CouponSerial {
    /// Ten bytes that sort as serials do.
    var stored: [UInt8] {
      var writer = ByteWriter(reserving: Self.byteCount)
      writer.serial(self)
      return writer.bytes
    }

    init?(stored: [UInt8]) {
      var reader = ByteReader(stored[...])
      guard stored.count == Self.byteCount, let serial = try? reader.serial() else { return nil }
      self = serial
    }
  }

  extension WatchedSubject {
    /// What its row goes by: the digit of its kind, then the account's number, or the name in
    /// hexadecimal digits.
    ///
    /// The first form is one that SQL can make of an account's row.
    var rowName: String {
      let kind = "\(self.kind.rawValue)"
      if case .account(let id) = self { return "\(kind)\(id.value)" }
      let digits = Array("0123456789abcdef".utf8)
      return text.utf8.reduce(into: kind) { name, byte in
        name.unicodeScalars.append(UnicodeScalar(digits[Int(byte >> 4)]))
        name.unicodeScalars.append(UnicodeScalar(digits[Int(byte & 15)]))
      }
    }

    /// nil for what `rowName` does not make.
    init?(rowName: String) {
      guard let first = rowName.first.flatMap({ UInt8(String($0)) }),
        let kind = SubjectKind(rawValue: first)
      else { return nil }
      let rest = rowName.dropFirst()
      if kind == .account {
        guard let id = Int64(rest).flatMap({ AccountID(stored: $0) }) else { return nil }
        self = .account(id)
        return
      }
      let digits = Array(rest.utf8)
      guard digits.count % 2 == 0 else { return nil }
      var bytes: [UInt8] = []
      for index in stride(from: 0, to: digits.count, by: 2) {
        let pair = String(decoding: digits[index..<(index + 2)], as: UTF8.self)
        guard let byte = UInt8(pair, radix: 16) else { return nil }
        bytes.append(byte)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      switch kind {
      case .account: return nil
      case .terminal: self = .terminal(text)
      case .operator: self = .operator(text)
      case .store: self = .store(text)
      }
    }
  }

#endif
