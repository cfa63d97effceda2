// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Secrets
import Store
import StoreSQLite

/// All checks of `scrip doctor`, in the order in which one problem explains the next.
struct Diagnosis {
  let ledger: LedgerOptions
  var directory: String { ledger.data }

  init(_ ledger: LedgerOptions) { self.ledger = ledger }

  func findings() -> [Finding] {
    // Looked at first: who reads keys turns core dumps off.
    let coreDumps = coreDumpFinding()
    let place = directoryFinding()
    guard place.isThere else { return [place.finding] }
    var findings = [place.finding, filesFinding(), fileSystemFinding()] + spaceFindings()
    let identity: LedgerIdentity
    do {
      identity = try SQLiteStore.identity(directory: directory)
    } catch {
      return findings + [Finding(.fail, "ledger", error.message), libraryFinding()]
    }
    findings.append(Finding(.ok, "ledger", Self.words(identity)))
    findings.append(timeZoneFinding(identity))
    findings += keyFindings(identity)
    findings += ledgerFindings(identity)
    findings += logFindings()
    findings += [usersFinding(), writerFinding(), libraryFinding(), coreDumps]
    return findings
  }

  private static func words(_ identity: LedgerIdentity) -> String {
    let kind = identity.isTest ? "test ledger" : "ledger"
    return "\(kind) \(identity.id), \(identity.currency), \(identity.timezone), day start "
      + identity.dayStart
  }

  // MARK: Keys

  /// A signing key older than this may be rotated: two years, in milliseconds.
  private static let keyAge: Int64 = 2 * 365 * 86_400_000

  private func keyFindings(_ identity: LedgerIdentity) -> [Finding] {
    let ring: KeyRing
    do {
      ring = try OpenedLedger.readKeys(ledger.keyringPath)
    } catch {
      return [Finding(.fail, "keyring", error.message)]
    }
    return [belongingFinding(ring, identity), ageFinding(ring, identity)]
  }

  private func belongingFinding(_ ring: KeyRing, _ identity: LedgerIdentity) -> Finding {
    let genesis: [UInt8]
    do {
      genesis = try LedgerPlace(directory).inspection().genesisLink
    } catch {
      return Finding(.fail, "keyring", error.message)
    }
    guard let link = ChainLink(bytes: genesis),
      HashChain(ring).check(genesis: link, over: identity.sealedBytes) == .intact
    else {
      return Finding(.fail, "keyring", "\(ledger.keyringPath) is not this ledger's")
    }
    return Finding(.ok, "keyring", "\(ledger.keyringPath) is this ledger's")
  }

  private func ageFinding(_ ring: KeyRing, _ identity: LedgerIdentity) -> Finding {
    let now = OpenedLedger.wallClock().milliseconds
    var texts: [String] = []
    var isOld = false
    for purpose in KeyRing.Purpose.allCases {
      let key = ring.signing(purpose)
      let age = now - key.createdAt
      if identity.isTest {
        texts.append("\(purpose.rawValue) \(key.id)")
      } else {
        isOld = isOld || age > Self.keyAge
        let days = counted(max(0, age) / 86_400_000, "day", "days")
        texts.append("\(purpose.rawValue) \(key.id) for \(days)")
      }
    }
    let text = "signing: " + texts.joined(separator: ", ")
    let advice = "; `scrip keys rotate` makes new ones"
    return Finding(isOld ? .warn : .ok, "key_age", isOld ? text + advice : text)
  }
}
