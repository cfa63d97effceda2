// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Engine
import JSON
import LedgerCore

extension Method {
  private static let statusRefusals: [RefusalCode] = [
    .pinFormat, .notFound, .accountClosed, .accountLost, .accountFrozen,
  ]

  static let pinSet = mutation(
    "pin.set", "Gives a card its PIN; over one it has only with override_reason.",
    Param.account + [
      .required("pin", .pin, "The PIN."),
      .optional("override_reason", .text(1...200), "Why a PIN that stands is overridden."),
    ],
    result: [.account], refusals: statusRefusals + [.pinAlreadySet],
    command: { params, engine throws(Answering) in
      SetPIN(
        name: try params.accountName(), pin: try params.requiredNewPIN("pin", engine),
        isOverride: params.text("override_reason") != nil)
    })

  static let pinChange = mutation(
    "pin.change", "Changes the PIN on proof of the current one.",
    Param.account + [
      .required("current_pin", .pin, "The PIN as it is."),
      .required("new_pin", .pin, "The PIN as it shall be."),
    ],
    result: [.account],
    refusals: statusRefusals + [.pinNotSet, .pinLocked, .pinKeyMissing, .pinIncorrect],
    command: { params, engine throws(Answering) in
      ChangePIN(
        name: try params.accountName(), currentPIN: try params.requiredPIN("current_pin"),
        newPIN: try params.requiredNewPIN("new_pin", engine))
    })

  static let pinReset = mutation(
    "pin.reset", "Sets a new PIN on another proof, also while the PIN is locked.",
    Param.account + [
      .required("new_pin", .pin, "The PIN as it shall be."),
      .required("proof", .text(1...200), "What proved the holder; recorded as the reason."),
    ],
    result: [.account], refusals: statusRefusals + [.pinNotSet],
    command: { params, engine throws(Answering) in
      ResetPIN(
        name: try params.accountName(), newPIN: try params.requiredNewPIN("new_pin", engine))
    })

  static let pinVerify = mutation(
    "pin.verify", "Checks the PIN; a wrong one counts.",
    Param.account + [.required("pin", .pin, "The PIN.")],
    result: [.account],
    refusals: statusRefusals + [.pinNotSet, .pinLocked, .pinKeyMissing, .pinIncorrect],
    command: { params, _ throws(Answering) in
      VerifyPIN(name: try params.accountName(), pin: try params.requiredPIN("pin"))
    })
}

extension Params {
  /// A PIN to be compared that the method requires.
  func requiredPIN(_ name: StaticString) throws(Answering) -> PIN {
    guard let given = try optionalPIN(name) else { preconditionFailure("\(name) was checked") }
    return given
  }

  /// A PIN to be set that the method requires.
  func requiredNewPIN(_ name: StaticString, _ engine: Engine) throws(Answering) -> PIN {
    guard let given = try optionalNewPIN(name, engine) else {
      preconditionFailure("\(name) was checked")
    }
    return given
  }

  /// A PIN to be set, where one is given.
  func optionalNewPIN(_ name: StaticString, _ engine: Engine) throws(Answering) -> PIN? {
    do {
      return try newPIN(name, engine)
    } catch {
      throw .refused(error)
    }
  }

  /// A PIN to be compared, where one is given.
  func optionalPIN(_ name: StaticString) throws(Answering) -> PIN? {
    do {
      return try pin(name)
    } catch {
      throw .refused(error)
    }
  }
}
