// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import LedgerCore
import Testing

/// Names on the wire and numbers in the journal: both are for ever.
@Suite struct VocabularyTests {
  @Test func `kinds of entries have unique names, and come back from them`() {
    let kinds = EntryKind.allCases
    #expect(Set(kinds.map(\.name)).count == kinds.count)
    for kind in kinds { #expect(EntryKind(name: kind.name) == kind) }
    #expect(EntryKind(name: "top_up") == nil)
    #expect(EntryKind(name: "") == nil)
  }

  @Test func `the numbers in the journal are those that were first written`() {
    #expect(
      EntryKind.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 open", "2 topup", "3 topup_clear", "4 topup_bounce", "5 debit", "6 authorize",
        "7 capture", "8 release", "9 refund", "10 reverse", "11 close", "12 expire", "20 freeze",
        "21 unfreeze", "22 report_lost", "23 replace_card", "30 pin_set", "31 pin_change",
        "32 pin_reset", "33 pin_verify", "34 pin_failed", "35 pin_accepted", "40 program_set",
        "41 key_blocked", "50 campaign_create", "51 campaign_pause", "52 campaign_resume",
        "53 coupon_issue", "54 coupon_reserve", "55 coupon_release", "56 coupon_redeem",
        "57 coupon_unredeem", "58 coupon_void", "59 checkout", "60 checkout_refund",
        "70 declined", "71 alerts_ended", "72 code_failures", "73 alert_ack",
      ])
    #expect(
      RequestMember.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 account_id", "2 card_no", "3 amount", "4 pin", "5 store_id", "6 terminal_id",
        "7 operator_id", "8 tender", "9 entry_id", "10 hold_id", "11 reason", "12 allow_partial",
        "13 expires_in", "14 original_idempotency_key", "15 registered", "16 holder", "17 level",
        "18 topup", "19 same_day_spend", "20 new_card_no", "21 new_pin", "22 current_pin",
        "23 override_reason", "24 proof", "25 program", "30 campaign", "31 campaign_id", "32 count",
        "33 coupon_id", "34 payload", "35 seconds", "36 reservation_id", "37 redemption_id",
        "38 cart", "39 without_price", "40 coupons", "41 expected_payable", "42 stored_value",
        "43 checkout_id", "44 lines", "45 all", "46 reservation_ids", "50 name", "51 kind",
        "52 off_basis_points", "53 max_discount", "54 steps", "55 repeat", "56 sku", "57 quantity",
        "58 validity", "59 scope", "60 min_spend", "61 stacking", "62 caps",
        "120 alert_id", "121 disposition", "122 note",
      ])
    #expect(
      RequestMethod.allCases.map(\.rawValue) == [
        1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 33, 34, 40, 50,
        60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70,
        120,
      ])
    #expect(
      Entry.Relation.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 reverses", "2 refunds", "3 captures", "4 releases", "5 clears", "6 bounces", "7 opens",
        "8 unredeems",
      ])
    #expect(
      AccountStatus.allCases.map { "\($0.rawValue) \($0.name)" } == [
        "1 active", "2 frozen", "3 lost", "4 closed", "5 lost",
      ])
    #expect(LotKind.allCases.map { "\($0.rawValue) \($0.name)" } == ["1 principal", "2 bonus"])
    #expect(Asset.allCases.map(\.rawValue) == [1])
  }

  @Test func `the three PINs are secrets and nothing else is`() {
    let secrets = RequestMember.allCases.filter(\.isPIN)
    #expect(secrets == [.pin, .newPIN, .currentPIN])
  }

  @Test(
    arguments: [
      .cardPrincipal, .cardBonus, .cash(tender: "cash"), .cash(tender: ""),
      .cash(tender: "uncleared:x"), .uncleared(tender: "cheque"), .uncleared(tender: "支票"),
      .cash(tender: "\u{301}x"), .uncleared(tender: "\u{301}"), .cash(tender: "\u{200D}x"),
      .cash(tender: "e\u{301}"), .cash(tender: ":"),
      .pendingTopUps, .sales, .bonusExpense, .couponDiscount, .breakage, .payouts,
    ] as [LedgerAccount])
  func `a ledger account comes back from its name`(account: LedgerAccount) {
    #expect(LedgerAccount(name: account.name) == account)
  }

  @Test func `names that only look alike are two`() {
    let (one, other) = ("caf\u{E9}", "cafe\u{301}")
    #expect(one == other)
    #expect(LedgerAccount.cash(tender: one) != .cash(tender: other))
    #expect(LedgerAccount.uncleared(tender: one) != .uncleared(tender: other))
    #expect(LedgerAccount.cash(tender: one) != .uncleared(tender: one))
    #expect(Set([one, other, one].map { LedgerAccount.cash(tender: $0) }).count == 2)
    let subjects: [(String) -> WatchedSubject] = [
      { .terminal($0) }, { .operator($0) }, { .store($0) },
    ]
    for (place, subject) in subjects.enumerated() {
      #expect(subject(one) == subject(one))
      #expect(subject(one) != subject(other))
      #expect(subject(one) != subjects[(place + 1) % 3](one))
      #expect(Set([subject(one), subject(other), subject(one)]).count == 2)
    }
  }

  @Test func `ledger accounts have the names of the contract`() {
    #expect(LedgerAccount.cash(tender: "wechat").name == "cash:wechat")
    #expect(LedgerAccount.uncleared(tender: "cheque").name == "uncleared:cheque")
    let others: [LedgerAccount] = [
      .cardPrincipal, .cardBonus, .pendingTopUps, .sales, .bonusExpense, .couponDiscount,
      .breakage, .payouts,
    ]
    #expect(
      others.map(\.name) == [
        "card_principal", "card_bonus", "pending_topups", "sales", "bonus_expense",
        "coupon_discount", "breakage", "payouts",
      ])
    for name in ["", "cash", "card", "Sales", "pending"] {
      #expect(LedgerAccount(name: name) == nil)
    }
  }

  @Test func `a repetition that differs names every member that does, by name`() throws {
    let key = try #require(IdempotencyKey("k"))
    func record(_ digests: [MemberDigest]) -> RequestRecord {
      RequestRecord(key: key, method: .debitCreate, digestKey: 1, digests: digests)
    }
    let first = record([.init(.amount, 1), .init(.cardNumber, 2), .init(.pin, 3)])
    #expect(first.differences(from: first).isEmpty)
    let other = record([.init(.amount, 9), .init(.cardNumber, 2), .init(.pin, 4)])
    #expect(other.differences(from: first) == [.amount, .pin])
    let fewer = record([.init(.cardNumber, 2), .init(.pin, 3)])
    #expect(fewer.differences(from: first) == [.amount])
    let more = record(
      [.init(.storeID, 1), .init(.accountID, 5), .init(.amount, 1), .init(.cardNumber, 2)])
    #expect(more.differences(from: first) == [.accountID, .pin, .storeID])
    #expect(first.differences(from: more) == [.accountID, .pin, .storeID])
  }
}
