// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

// Swift cannot call OpenSSL's function-like macros, nor hold the borrowed C strings that an
// OSSL_PARAM points to. These inline functions do only that; everything else is called directly.

#ifndef SCRIP_COPENSSL_SHIM_H
#define SCRIP_COPENSSL_SHIM_H

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

/// Keys `context`, made from the MAC "HMAC", for HMAC-SHA-256. Answers 1 on success.
static inline int scrip_hmac_sha256_init(
    EVP_MAC_CTX *context, const unsigned char *key, size_t count) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[2];
  parameters[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
  parameters[1] = OSSL_PARAM_construct_end();
  return EVP_MAC_init(context, key, count, parameters);
}

/// `OPENSSL_secure_malloc` without the header's own path in the binary.
static inline void *scrip_secure_malloc(size_t count) {
  return CRYPTO_secure_malloc(count, "", 0);
}

/// `OPENSSL_secure_clear_free` without the header's own path in the binary.
static inline void scrip_secure_clear_free(void *memory, size_t count) {
  CRYPTO_secure_clear_free(memory, count, "", 0);
}

#endif
