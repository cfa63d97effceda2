// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSON

/// The sections that are read and kept, and that nothing acts on yet.
extension Fields {
  func checkAnomaly() throws(ProgramProblem) {
    guard let anomaly = try section("anomaly", allowing: ["rules"]), let rules = anomaly["rules"]
    else { return }
    guard rules.value.kind == .array, rules.value.count == 0 else {
      throw rules.problem("must be an empty array: anomaly rules are not served by this version")
    }
  }
}
