// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import Coupons
import LedgerCore
import Testing

struct OccasionTests {
  private let now = LocalMoment(
    instant: Instant(milliseconds: 1_000_000), date: CivilDate(daysSince1970: 0),
    millisecondsOfDay: 1_000_000)

  private func account(_ bits: UInt64) throws -> AccountID { try #require(AccountID(random: bits)) }

  private func barrier(
    _ members: String, store: String? = nil, account: UInt64? = nil, level: String? = nil,
    owner: UInt64? = nil, end: Int64? = nil, state: CouponRefusal? = nil
  ) throws -> CouponRefusal? {
    let occasion = Occasion(
      moment: now, store: store.map { Label($0) },
      account: try account.map { try self.account($0) },
      level: level.map { Label($0) })
    return occasion.barrier(
      to: try terms(cash(members)), end: end.map { Instant(milliseconds: $0) },
      owner: try owner.map { try self.account($0) }, state: state)
  }

  @Test func `a coupon of some stores serves there only`() throws {
    let stores = #""scope":{"store_ids":["S1","S2"]}"#
    #expect(try barrier(stores, store: "S1") == nil)
    #expect(try barrier(stores, store: "S2") == nil)
    #expect(try barrier(stores, store: "S3") == .wrongStore)
    #expect(try barrier(stores) == .wrongStore)
    #expect(try barrier("", store: "S3") == nil)
    #expect(try barrier("") == nil)
  }

  @Test func `a bound coupon serves its owner, and whoever names no account`() throws {
    #expect(try barrier("", account: 7, owner: 7) == nil)
    #expect(try barrier("", account: 8, owner: 7) == .wrongAccount)
    #expect(try barrier("", owner: 7) == nil)
    #expect(try barrier("", account: 8) == nil)
  }

  @Test func `a coupon of some levels needs an account of one of them`() throws {
    let levels = #""scope":{"levels":["gold","silver"]}"#
    #expect(try barrier(levels, account: 7, level: "gold") == nil)
    #expect(try barrier(levels, account: 7, level: "silver", owner: 7) == nil)
    #expect(try barrier(levels, account: 7, level: "bronze") == .wrongAccount)
    #expect(try barrier(levels, account: 7) == .wrongAccount)
    #expect(try barrier(levels) == .wrongAccount)
    #expect(try barrier(levels, level: "gold") == .wrongAccount)
    #expect(try barrier(levels, owner: 7) == .wrongAccount)
  }

  @Test func `of several barriers the first in order is named`() throws {
    let all = #""scope":{"levels":["gold"],"store_ids":["S1"]}"#
    #expect(try barrier(all, end: 1_000_000, state: .void) == .expired)
    #expect(try barrier(all, end: 1_000_001, state: .void) == .void)
    #expect(try barrier(all, state: .paused) == .paused)
    #expect(try barrier(all) == .wrongStore)
    #expect(try barrier(all, store: "S1") == .wrongAccount)
    #expect(try barrier(all, store: "S1", account: 7, level: "gold", owner: 8) == .wrongAccount)
  }

  @Test func `the reasons stand in the order of the contract`() {
    #expect(
      CouponRefusal.allCases.map(\.rawValue) == [
        "duplicate", "expired", "not_yet_valid", "outside_window", "blackout", "already_redeemed",
        "reserved", "void", "paused", "wrong_store", "wrong_account", "not_combinable",
        "checkout_limit", "below_minimum", "no_eligible_items", "cap_reached",
      ])
  }
}
