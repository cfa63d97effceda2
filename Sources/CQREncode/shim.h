// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

#ifndef SCRIP_CQRENCODE_SHIM_H
#define SCRIP_CQRENCODE_SHIM_H

#include <qrencode.h>

#endif
