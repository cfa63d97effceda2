// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import LedgerCore
import Store

/// Why a request is not answered with a result now.
enum Answering: Error, Sendable {
  case invalid(InvalidParams)
  case refused(Refusal)
  case needsStretch(StretchJob)
  case store(StoreError)

  init(_ interruption: Interruption) {
    switch interruption {
    case .refused(let refusal): self = .refused(refusal)
    case .needsStretch(let job): self = .needsStretch(job)
    case .store(let error): self = .store(error)
    }
  }
}

/// Runs engine work inside code that throws `Answering`.
func asking<Value>(
  _ body: () throws(Interruption) -> Value
) throws(Answering) -> Value {
  do {
    return try body()
  } catch {
    throw Answering(error)
  }
}
