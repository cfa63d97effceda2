// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import COpenSSL

/// The version of the libcrypto in use, as `3.0.19`.
public var cryptographyLibraryVersion: String {
  String(cString: OpenSSL_version(OPENSSL_VERSION_STRING))
}
