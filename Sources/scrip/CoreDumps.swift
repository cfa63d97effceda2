// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Glibc

/// Keys and PINs must not end up in a file when the process crashes.
enum CoreDumps {
  /// Forbids core dumps of this process, and other processes of its user to look into its memory.
  ///
  /// Call it before a key is read. A program started from here is not bound by the second part.
  /// Answers whether both took hold.
  @discardableResult
  static func forbid() -> Bool {
    var nothing = rlimit(rlim_cur: 0, rlim_max: 0)
    let isLimited = setrlimit(resource, &nothing) == 0
    // A dump that is piped to a program ignores the limit, so the process is made undumpable too.
    // prctl(2) takes a variable number of arguments, which Swift does not import; on Linux these
    // five are passed as those of any other function.
    typealias ProcessControl =
      @convention(c) (
        CInt, CUnsignedLong, CUnsignedLong, CUnsignedLong, CUnsignedLong
      ) -> CInt
    guard let address = dlsym(nil, "prctl") else { return false }
    let prctl = unsafeBitCast(address, to: ProcessControl.self)
    return prctl(setDumpable, 0, 0, 0, 0) == 0 && isLimited
  }

  /// Whether a crash of this process writes no file, as far as its limit says.
  static var areOff: Bool {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur == 0
  }

  private static let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
  /// `PR_SET_DUMPABLE` of <sys/prctl.h>, which Glibc's module leaves out.
  private static let setDumpable: CInt = 4
}
