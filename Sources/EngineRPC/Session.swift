// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

package import Engine
import JSON
import JSONRPC
package import LedgerCore
package import Store

/// One client's conversation: bytes in, bytes out, groups of requests in between.
///
/// Does no I/O of its own, so that a pipe, a test and a simulator drive the same code. Requests
/// are served in the order read; one that waits for a stretched PIN is overtaken only by requests
/// on other cards.
package final class Session {
  /// How many requests one group serves at most.
  package static let groupLimit = WorkQueue.groupLimit
  /// How many requests may wait for stretched PINs before no more are served.
  private static let parkLimit = 64
  /// How many bytes the results of a group may take and their room be kept for the next.
  private static let keptResults = 1 << 20

  package let engine: Engine
  let about: About
  /// Where requests of the session's client come from that do not say.
  package var defaults: Origin { about.defaults }
  private var framer = LineFramer()
  var queue = WorkQueue()
  /// Whether guests have ever asked for anything.
  var hadGuests = false
  private var parking = Parking()
  private var reports: [UInt64: Work] = [:]
  private var lastNumber: UInt64 = 0
  private var jobs: [Job] = []
  private var outbox = Subscription()
  /// The results of a group, until it is durable.
  private var results = JSONWriter(reservingCapacity: 4096)
  /// Requests that have been answered, until there is time to let go of them.
  private var spent: [Work] = []
  /// The client asked for the end: nothing more is to be read.
  package private(set) var isShuttingDown = false
  /// Has those guests marked who are gone.
  package var beforeServingGuests: () -> Void = {}

  package init(engine: Engine, about: About) {
    self.engine = engine
    self.about = about
  }

  // MARK: Input

  package func receive(_ bytes: UnsafeRawBufferPointer) {
    framer.append(bytes)
    queue.add(all: &framer)
  }

  /// No more bytes will come; an unterminated last line counts.
  package func endOfInput() {
    if let frame = framer.finish() { queue.add(frame) }
  }

  // MARK: Turns

  /// Whether a turn would serve anything.
  package var hasWork: Bool {
    parking.count < Self.parkLimit && queue.hasNext(besides: waitingHere)
  }

  private var waitingHere: Int { parking.count + reports.count }

  /// Whether enough is waiting that no more should be read for now.
  package var isSaturated: Bool {
    parking.heldBackCount >= Self.groupLimit || (!queue.isEmpty && !hasWork)
  }

  /// Whether answers are still to come from jobs.
  package var isWaiting: Bool { waitingHere > 0 || waitsForHost }

  /// Whether something is due though nobody asks: alerts that have ended, value that lapses.
  ///
  /// Not while an error would keep it from being done; the next request meets that.
  package var isSweepDue: Bool { (try? engine.somethingIsDue()) ?? false }

  /// Does what is due in a group of its own.
  package func sweep() throws(StoreError) {
    guard try begin(writing: true) else { return }
    let aside = engine.aside
    do {
      _ = try engine.sweep(limit: Self.groupLimit)
      try engine.store.end()
    } catch {
      engine.aside = aside
      if error.keptNothing || error.isMendable { try engine.store.abandon() }
      guard error.keptNothing || error.isMendable else { throw error }
    }
  }

  /// Folds in what other processes have appended, where somebody waits for events of theirs.
  package func lookForEvents() throws(StoreError) {
    guard outbox.isOpen, try begin(writing: false) else { return }
    try engine.store.end()
  }

  /// Begins a group that nobody asked for; false while the ledger cannot be had, which the next
  /// request will be told.
  private func begin(writing: Bool) throws(StoreError) -> Bool {
    do {
      try engine.begin(writing: writing)
      return true
    } catch  where error.keptNothing {
      return false
    }
  }

  /// Whether the client waits for events that other processes may raise.
  package var waitsForEvents: Bool { outbox.isOpen }

  /// Appends notifications of events that are durable and not sent yet; whether there are more.
  package func sendEvents(into output: inout [UInt8]) throws(StoreError) -> Bool {
    do {
      return try outbox.send(engine, into: &output)
    } catch  where error.keptNothing {
      return false
    }
  }

  /// Serves one group and appends its answers to `output`, durable when this returns.
  ///
  /// Throws `StoreError` when nothing more may be served: every request that was read has then
  /// been answered as unavailable, and the process must end.
  package func turn(into output: inout [UInt8]) throws(StoreError) {
    let group = queue.takeGroup(besides: waitingHere, at: engine.now)
    guard !group.isEmpty else { return }
    spent = group
    do {
      try serve(group, into: &output)
    } catch {
      for work in group + parking.all + Array(reports.values) + queue.all {
        work.fail(into: &output)
      }
      throw error
    }
  }

  /// Lets go of what the last turn has answered: dozens of pieces a request, which the client need
  /// not wait for.
  package func tidy() {
    spent = []
    if results.count > Self.keptResults { results.removeAll(keepingCapacity: false) }
  }

  private func serve(_ group: [Work], into output: inout [UInt8]) throws(StoreError) {
    do {
      try serveTogether(group, into: &output)
    } catch  where error.isMendable {
      // A group makes a lost state anew when it begins; then this one is served as if for the first
      // time. Damage that is still there stops the engine.
      try engine.begin(writing: false)
      try engine.store.end()
      try serveTogether(group, into: &output)
    } catch  where error.keptNothing {
      for work in group { try serveAlone(work, into: &output) }
    }
  }

  private func serveAlone(_ work: Work, into output: inout [UInt8]) throws(StoreError) {
    do {
      try serveTogether([work], into: &output)
    } catch .full {
      work.answer(.refused(Refusal(.storageFull)), into: &output)
    } catch .busy {
      work.fail(into: &output)
    }
  }

  /// Serves the group under one commit; where it throws an error that kept nothing, nothing was
  /// answered either.
  private func serveTogether(_ group: [Work], into output: inout [UInt8]) throws(StoreError) {
    if engine.store.wantsFootprint { engine.store.foresee(Footprint(of: group, about.defaults)) }
    let isDue = try engine.somethingIsDue()
    let writing = isDue || group.contains { $0.isWriting }
    var cards: [UInt64] = []
    let prepareAll = { for work in group { self.prepare(work, noting: &cards) } }
    try engine.begin(writing: writing, meanwhile: prepareAll)
    // Where there was nothing to wait for.
    prepareAll()
    engine.working.touch(cardsHashed: cards)
    let group = present(group)
    let parkedBefore = parking
    let aside = engine.aside
    results.removeAll()
    do {
      if isDue { _ = try engine.sweep(limit: Self.groupLimit) }
      for work in group {
        work.progress =
          parking.holdsBack(work, engine) ? .heldBack : park(work, try progress(work))
      }
      // Nothing of what is written meanwhile leaves before the group is durable.
      try engine.store.end(meanwhile: { Session.write(group, to: &results) })
    } catch {
      parking = parkedBefore
      // What is dropped may have changed the program that a ticket was made under.
      for work in group { work.forgetTicket() }
      engine.aside = aside
      if error.keptNothing || error.isMendable { try engine.store.abandon() }
      throw error
    }
    for work in group { settle(work, into: &output) }
  }

  /// A request that needs a stretched PIN waits from here on, and keeps back those behind it.
  private func park(_ work: Work, _ progress: consuming Progress) -> Progress {
    guard case .needsStretch(let job, _) = progress else { return progress }
    if work.isDeclined() { return .leftToGuest }
    lastNumber += 1
    parking.park(work, job, number: lastNumber, engine)
    return .needsStretch(job, number: lastNumber)
  }

  // MARK: One request

  private func progress(_ work: Work) throws(StoreError) -> Progress {
    if work.source?.guest.isDeclined == true { return .leftToGuest }
    if work.isUncertain { return .answered(.refused(Refusal(.unavailable))) }
    do {
      // What was read ahead is known to be a mutation.
      if let ticket = work.ticket { return try execute(ticket, of: work) }
      return try read(work)
    } catch {
      switch error {
      case .invalid(let problem): return .answered(.invalid(problem))
      case .refused(let refusal): return .answered(.refused(refusal))
      case .needsStretch(let job): return .needsStretch(job, number: 0)
      case .store(let error): throw error
      }
    }
  }

  /// Reads a request and serves it.
  private func read(_ work: Work) throws(Answering) -> Progress {
    guard case .request(let request) = work.call else {
      guard case .invalid(_, let fault) = work.call else { preconditionFailure("two cases") }
      return .answered(.fault(fault))
    }
    guard let method = work.method else { return .answered(.fault(.methodNotFound)) }
    guard case .mutation = method.kind else {
      return try read(work, method, try params(of: work, request, method))
    }
    let ticket = try ticket(for: work, request, method)
    work.ticket = ticket
    return try execute(ticket, of: work)
  }

  private func params(
    of work: Work, _ request: Request, _ method: Method
  ) throws(Answering) -> Params {
    do {
      return try Params(
        request.params, as: method.members,
        defaults: work.source?.guest.defaults ?? about.defaults)
    } catch {
      throw .invalid(error)
    }
  }

  private func ticket(
    for work: Work, _ request: Request, _ method: Method
  ) throws(Answering) -> MutationTicket {
    let params = try params(of: work, request, method)
    return try MutationTicket(method, params, engine)
  }

  /// Reads a request while its group is on its way to the ledger, and notes the hash of its card;
  /// what is wrong with it is told when it is decided.
  private func prepare(_ work: Work, noting cards: inout [UInt64]) {
    guard work.ticket == nil, let method = work.method, method.isReadAhead,
      case .request(let request) = work.call
    else { return }
    guard let ticket = try? ticket(for: work, request, method) else { return }
    if case .account(.card(let number)) = ticket.ticket.command.subject {
      cards.append(CardDirectory.hash(of: number))
    }
    work.ticket = ticket
  }

  /// Serves a request that is no mutation.
  private func read(_ work: Work, _ method: Method, _ params: Params) throws(Answering) -> Progress
  {
    switch method.kind {
    case .report: return .needsReport(.verification)
    case .backtest: return .needsReport(.backtest(try params.proposedRules(engine)))
    case .mutation, .query, .settledQuery, .clock, .subscription, .session: break
    }
    guard work.isLineOfItsOwn else {
      var writer = JSONWriter(reservingCapacity: 512)
      try write(method, params, to: &writer)
      return .answered(.result(writer.bytes))
    }
    do {
      try write(method, params, to: &results)
    } catch {
      results.dropText()
      throw error
    }
    return .written(results.endText())
  }

  /// Does what is asked and writes the result.
  private func write(
    _ method: Method, _ params: Params, to writer: inout JSONWriter
  ) throws(Answering) {
    switch method.kind {
    case .mutation, .report, .backtest: preconditionFailure("it is served another way")
    case .query(let answer), .settledQuery(let answer):
      try answer(params, engine, &writer)
    case .clock(let move):
      try move(params, engine)
      about.writeClock(engine, to: &writer)
    case .subscription:
      let next = engine.working.point.alertSequence + 1
      let first = params.integer("from_seq") ?? next
      outbox.subscribe(from: first)
      writer.beginObject()
      writer.name("from_seq")
      writer.integer(first)
      writer.endObject()
    case .session(let method):
      if method == .shutdown { isShuttingDown = true }
      about.answer(method, engine, to: &writer)
    }
  }

  private func execute(_ ticket: MutationTicket, of work: Work) throws(Answering) -> Progress {
    let outcome = try asking { () throws(Interruption) in try engine.execute(ticket.ticket) }
    work.forgetTicket()
    switch outcome {
    case .refused(let refusal): return .answered(.refused(refusal))
    case .done(let entry, replayed: false) where entry.kind == .couponIssue && entry.account == nil:
      return .issued(ticket, entry)
    case .done(let entry, let replayed):
      let isRepeated = replayed && !work.mayHaveMade(entry)
      return .answered(try ticket.answer(entry, replayed: isRepeated, engine))
    }
  }

  private func settle(_ work: Work, into output: inout [UInt8]) {
    switch work.progress {
    case nil: preconditionFailure("it was served")
    case .heldBack: break
    case .answered(let answer): work.answer(answer, into: &output)
    case .written(let part):
      results.withBytes { work.answer(result: .init(rebasing: $0[part]), into: &output) }
    case .issued(let ticket, let entry):
      work.answer(.result(ticket.result(ofNobodys: entry, engine)), into: &output)
    case .leftToGuest: work.leaveToGuest()
    case .needsStretch(let job, let number): jobs.append(.stretch(number: number, job))
    case .needsReport(let kind):
      lastNumber += 1
      reports[lastNumber] = work
      switch kind {
      case .verification: jobs.append(.verify(number: lastNumber))
      case .backtest(let plan): jobs.append(.backtest(number: lastNumber, plan))
      }
    }
  }

  // MARK: Jobs

  /// Work to be done away from the loop.
  package enum Job: Sendable {
    case stretch(number: UInt64, StretchJob)
    case verify(number: UInt64)
    case backtest(number: UInt64, BacktestPlan)
  }

  /// The jobs that have come up since the last call.
  package func takeJobs() -> [Job] {
    defer { jobs = [] }
    return jobs
  }

  /// A PIN has been stretched: its request, and those it held back, are next.
  package func deliver(_ result: [UInt8], number: UInt64) {
    guard let released = parking.release(number, result) else { return }
    queue.putBack(released)
  }

  /// A report is ready: one encoded JSON value, or nil when it could not be made.
  package func deliver(report: [UInt8]?, number: UInt64, into output: inout [UInt8]) {
    guard let work = reports.removeValue(forKey: number) else { return }
    let answer = report.map { Answer.result($0) } ?? .refused(Refusal(.unavailable))
    work.answer(answer, into: &output)
  }
}
