// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc
import Testing

@testable import Secrets

/// A directory of its own for each test, removed with all files in it at the end.
private final class TemporaryDirectory {
  let path: String

  init() throws {
    let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(parent)/scrip-secrets-XXXXXX".utf8CString)
    path = String(cString: try #require(mkdtemp(&template)))
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    for name in names { rmdir("\(path)/\(name)") }
    rmdir(path)
  }

  var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  var file: KeyRingFile { KeyRingFile(path: path + "/keyring.json") }

  func put(_ text: some Collection<UInt8>, mode: mode_t = 0o600) throws {
    let descriptor = open(file.path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    try #require(descriptor >= 0)
    let bytes = Array(text)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    fchmod(descriptor, mode)
    close(descriptor)
  }

  func mode() throws -> mode_t {
    var status = stat()
    try #require(lstat(file.path, &status) == 0)
    return status.st_mode
  }
}

private func failure(_ body: () throws(KeyRingFileError) -> Void) -> KeyRingFileError? {
  do throws(KeyRingFileError) {
    try body()
    return nil
  } catch {
    return error
  }
}

private func readFailure(_ file: KeyRingFile) -> KeyRingFileError? {
  failure { () throws(KeyRingFileError) in _ = try file.read() }
}

struct `Key ring file` {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `a ring that was created is read back, mode 0600 and alone`() throws {
    let ring = KeyRing.fresh(at: 1)
    try directory.file.create(ring)
    #expect(try directory.file.read() == ring)
    #expect(try directory.mode() == S_IFREG | 0o600)
    #expect(directory.names == ["keyring.json"])
  }

  @Test func `creating never takes the place of what is there`() throws {
    let ring = KeyRing.fresh(at: 1)
    try directory.file.create(ring)
    #expect(
      failure { () throws(KeyRingFileError) in
        try directory.file.create(.fresh(at: 2))
      } == .exists)
    #expect(try directory.file.read() == ring)
    #expect(directory.names == ["keyring.json"])
    unlink(directory.file.path)
    symlink("nowhere", directory.file.path)
    #expect(
      failure { () throws(KeyRingFileError) in
        try directory.file.create(ring)
      } == .exists)
    #expect(directory.names == ["keyring.json"])
  }

  @Test func `replacing puts the changed ring there, mode 0600 and alone`() throws {
    var ring = KeyRing.fresh(at: 1)
    try directory.file.create(ring)
    try ring.rotate(.pin, at: 2)
    try directory.file.replace(with: ring)
    #expect(try directory.file.read() == ring)
    #expect(try directory.mode() == S_IFREG | 0o600)
    #expect(directory.names == ["keyring.json"])
  }

  @Test func `replacing refuses where reading would`() throws {
    let ring = KeyRing.fresh(at: 1)
    #expect(
      failure { () throws(KeyRingFileError) in
        try directory.file.replace(with: ring)
      } == .missing)
    #expect(directory.names == [])
    try directory.put(ring.json(), mode: 0o640)
    #expect(
      failure { () throws(KeyRingFileError) in
        try directory.file.replace(with: ring)
      } == .permissions(mode: 0o640))
    #expect(rename(directory.file.path, directory.path + "/real") == 0)
    symlink("real", directory.file.path)
    #expect(
      failure { () throws(KeyRingFileError) in
        try directory.file.replace(with: ring)
      } == .notRegular)
    #expect(try directory.mode() & S_IFMT == S_IFLNK)
  }

  @Test func `a file that others may read, write or run is refused with its mode`() throws {
    let ring = KeyRing.fresh(at: 1)
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666, 0o777] as [mode_t] {
      try directory.put(ring.json(), mode: mode)
      #expect(readFailure(directory.file) == .permissions(mode: mode))
    }
    for mode in [0o600, 0o400, 0o700] as [mode_t] {
      try directory.put(ring.json(), mode: mode)
      #expect(try directory.file.read() == ring)
    }
  }

  @Test func `a missing file, a link, a directory and a pipe are told apart from a ring`() throws {
    #expect(readFailure(directory.file) == .missing)
    #expect(readFailure(KeyRingFile(path: directory.path + "/none/keyring.json")) == .missing)
    mkdir(directory.file.path, 0o700)
    #expect(readFailure(directory.file) == .notRegular)
    rmdir(directory.file.path)
    mkfifo(directory.file.path, 0o600)
    #expect(readFailure(directory.file) == .notRegular)
    unlink(directory.file.path)
    try directory.put(KeyRing.fresh(at: 1).json())
    #expect(rename(directory.file.path, directory.path + "/real") == 0)
    symlink("real", directory.file.path)
    #expect(readFailure(directory.file) == .notRegular)
  }

  @Test func `a file that is not a ring is refused with its fault`() throws {
    try directory.put([])
    #expect(readFailure(directory.file) == .malformed(.notJSON))
    try directory.put("{}".utf8)
    #expect(readFailure(directory.file) == .malformed(.missingMember("/version")))
    try directory.put([UInt8](repeating: 0x20, count: KeyRingFile.sizeLimit + 1))
    #expect(readFailure(directory.file) == .tooLarge)
    try directory.put([UInt8](repeating: 0x20, count: KeyRingFile.sizeLimit))
    #expect(readFailure(directory.file) == .malformed(.notJSON))
  }

  @Test func `a failing system call is named with its errno`() {
    let nowhere = KeyRingFile(path: directory.path + "/none/keyring.json")
    #expect(
      failure { () throws(KeyRingFileError) in
        try nowhere.create(.fresh(at: 1))
      } == .io(errno: ENOENT, operation: "open"))
    let long = KeyRingFile(path: directory.path + "/" + String(repeating: "x", count: 300))
    #expect(readFailure(long) == .io(errno: ENAMETOOLONG, operation: "open"))
  }
}
