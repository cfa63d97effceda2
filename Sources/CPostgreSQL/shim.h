// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#ifndef SCRIP_CPOSTGRESQL_SHIM_H
#define SCRIP_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq 14 or later is needed (pipeline mode)"
#endif

// The fields of an error are letters, which Swift does not import as numbers.
enum {
  cpostgresql_sqlstate = PG_DIAG_SQLSTATE,
  cpostgresql_message = PG_DIAG_MESSAGE_PRIMARY,
  cpostgresql_constraint = PG_DIAG_CONSTRAINT_NAME
};

#endif
