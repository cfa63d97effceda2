// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import JSONRPC

// Requests of other engines on this machine, and requests that another one serves.
extension Session {
  // MARK: As the host

  /// A request of a guest; false where none would be handed over that is like it.
  package func receive(_ request: HostedRequest, of guest: Guest) -> Bool {
    if request.number == HostedRequest.heard.number {
      guest.isDeclined = false
      return true
    }
    guard case .single(let call) = Incoming.parse(request.line) else { return false }
    let work = Work(call, from: (guest, request.number))
    guard work.id != nil, work.method?.isHosted == true else { return false }
    hadGuests = true
    queue.add(work)
    return true
  }

  /// Leaves out what guests have asked who wait no more.
  ///
  /// Once the group has the ledger: whoever is asked instead gets it only after this group's end.
  func present(_ group: [Work]) -> [Work] {
    guard hadGuests, group.contains(where: { $0.source != nil }) else { return group }
    beforeServingGuests()
    return group.filter { $0.source?.guest.isGone != true }
  }

  // MARK: As a guest

  /// From now on what can be is handed over to a host.
  package func openHost() { queue.handedOver.open() }

  /// The host is gone: what it has not answered is served here, as if it had not been there.
  package func closeHost() { queue.putBack(queue.handedOver.close()) }

  /// Whether the host has not answered all it was asked.
  package var waitsForHost: Bool { !queue.handedOver.isEmpty }

  /// What is for the host and has come up since the last call.
  package func takeHostedRequests() -> [HostedRequest] { queue.handedOver.takeUnsent() }

  /// The host's answer to one of them, empty where it leaves it to us.
  package func deliver(_ answer: HostedAnswer, into output: inout [UInt8]) {
    let isServed = !answer.line.isEmpty
    guard queue.handedOver.answered(answer.number, isServed: isServed) else { return }
    output.append(contentsOf: answer.line)
    if queue.handedOver.isEmpty { queue.putBack(queue.handedOver.takeDeclined()) }
  }
}
