// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import EngineProcess
import JSON
import Testing

/// The golden conversations, played against the binary.
@Suite struct TranscriptTests {
  @Test func `every conversation goes as it is written`() throws {
    let transcripts = try Transcript.all()
    #expect(transcripts.count >= 12)
    for transcript in transcripts { try play(transcript) }
  }

  private func play(_ transcript: Transcript) throws {
    let ledger = try TestLedger(transcript.initOptions)
    func start() throws -> EngineProcess {
      try EngineProcess(["--data", ledger.data] + transcript.serveOptions)
    }
    var engine = try start()
    var remembered = Remembered()
    for (line, step) in transcript.steps {
      let place = "\(transcript.name):\(line)"
      switch step {
      case .comment: continue
      case .send(.string(let text)): try engine.send(text)
      case .send(let request): try engine.send(remembered.filled(request).text)
      case .expect(let expected):
        let answer = try engine.next()
        if let problem = remembered.mismatch(expected, answer.tree) {
          Issue.record("\(place): \(problem)\n\(answer)")
          return
        }
      case .kill:
        try engine.kill9()
        engine = try start()
      }
    }
    let end = try engine.finish()
    #expect(end.exit == .code(0), "\(transcript.name)")
    #expect(end.rest.isEmpty, "\(transcript.name): more was answered than is written")
    try ledger.expectSound()
  }

  @Test func `the comparison finds what differs`() throws {
    let cases: [(expected: JSONTree, found: JSONTree, isSame: Bool)] = [
      (["a": 1], ["a": 1], true), (["a": 1], ["a": 2], false), (["a": 1], ["a": 1, "b": 2], false),
      (["a": 1, "…": true], ["b": 2, "a": 1], true), (["a": 1, "…": true], ["b": 2], false),
      (["a": "*"], ["a": nil], true), (["a": "*"], [:], false), ([1, 2], [2, 1], false),
      (["a": "$x", "b": "$x"], ["a": 7, "b": 7], true),
      (["a": "$x", "b": "$x"], ["a": 7, "b": 8], false), (["a": nil], ["a": 0], false),
      ([["…": true]], [["a": 1]], true), ([["…": true]], [1], false),
      (["a": []], ["a": [1]], false),
    ]
    for (expected, found, isSame) in cases {
      var remembered = Remembered()
      let problem = remembered.mismatch(expected, found)
      #expect((problem == nil) == isSame, "\(expected.text) and \(found.text)")
    }
    var remembered = Remembered()
    #expect(remembered.mismatch(["id": "$card"], ["id": "acc_1"]) == nil)
    #expect(try remembered.filled(["a": ["$card"]]) == ["a": ["acc_1"]])
    #expect(throws: HarnessFailure.self) { try remembered.filled("$other") }
  }
}
