// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// Expects a result.
@discardableResult
func expectResult(
  _ answer: Answer, _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation
) -> Answer {
  if !answer.isResult {
    Issue.record(
      "\(comment.map { "\($0): " } ?? "")no result but \(answer)", sourceLocation: location)
  }
  return answer
}

/// Expects a refusal with this string code, and with this field where one is given.
///
/// Whatever the code, the error must have the form that every refusal has.
@discardableResult
func expectRefusal(
  _ answer: Answer, _ code: String, field: String? = nil, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) -> Answer {
  let isRight = answer.refusal == code && (field == nil || answer.field == field)
  let faults = isRight ? RefusalForm.faults(of: answer) : []
  if !isRight || !faults.isEmpty {
    let wanted = code + (field.map { " at \($0)" } ?? "")
    Issue.record(
      "\(comment.map { "\($0): " } ?? "")wanted \(wanted), got \(answer) \(faults)",
      sourceLocation: location)
  }
  return answer
}

/// Expects `-32602` naming the member.
@discardableResult
func expectInvalid(
  _ answer: Answer, _ field: String, _ comment: Comment? = nil,
  at location: SourceLocation = #_sourceLocation
) -> Answer {
  expectRefusal(answer, "invalid_params", field: field, comment, at: location)
}

/// The form of an error that carries `data` (contract §2, Errors).
enum RefusalForm {
  static let bands: [Int64: String] = [
    1: "declined", 2: "invalid", 3: "not_found", 4: "conflict", 5: "not_permitted", 6: "try_again",
  ]

  /// What is wrong with the form of a refusal's error; nothing when it is as it must be.
  static func faults(of answer: Answer) -> [String] {
    guard let error = answer.error, let data = error["data"] else { return ["no data"] }
    var faults: [String] = []
    if answer.isResult { faults.append("result and error") }
    if error["message"]?.string?.isEmpty ?? true { faults.append("no message") }
    let number = error["code"]?.integer ?? 0
    let category = data["category"]?.string
    if data["code"] == "invalid_params" {
      if number != -32602 || category != "invalid" { faults.append("number or category") }
      if data["field"]?.string == nil { faults.append("no field") }
    } else if number < 1000 || bands[number / 1000] != category {
      faults.append("the number is not in the band of its category")
    }
    guard case .bool(let retryable)? = data["retryable"] else { return faults + ["no retryable"] }
    if retryable != (category == "try_again") { faults.append("retryable") }
    if data["field"] == nil { faults.append("no field") }
    if case .object? = data["details"] {} else { faults.append("no details") }
    return faults
  }
}
