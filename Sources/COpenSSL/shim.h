// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

// Swift cannot call OpenSSL's function-like macros. These inline functions do only that; everything
// else is called directly.

#ifndef SCRIP_COPENSSL_SHIM_H
#define SCRIP_COPENSSL_SHIM_H

// SHA-256 by the functions that take their state from the caller (spec/decisions/0066).
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

/// `OPENSSL_secure_malloc` without the header's own path in the binary.
static inline void *scrip_secure_malloc(size_t count) {
  return CRYPTO_secure_malloc(count, "", 0);
}

/// `OPENSSL_secure_clear_free` without the header's own path in the binary.
static inline void scrip_secure_clear_free(void *memory, size_t count) {
  CRYPTO_secure_clear_free(memory, count, "", 0);
}

#endif
