// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Anomalies
import JSON

/// The section that is read and kept and that nothing acts on yet, and that of the rules.
extension Fields {
  func anomalyRules() throws(ProgramProblem) -> [Rule] {
    try section("anomaly", allowing: ["rules"])?["rules"]?.anomalyRules() ?? []
  }
}
