// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

// Of the C library, what its module for Swift leaves out.

#ifndef SCRIP_CMALLOC_SHIM_H
#define SCRIP_CMALLOC_SHIM_H

#include <malloc.h>

#endif
