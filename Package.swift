// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import PackageDescription

let package = Package(
  name: "scrip",
  targets: [
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    .target(name: "JSON"),
    .target(name: "JSONRPC", dependencies: ["JSON"]),
    .target(name: "LedgerCore"),
    .target(name: "Secrets", dependencies: ["COpenSSL", "JSON"]),
    .target(name: "SQLite", dependencies: ["CSQLite"]),
    .target(name: "StoredValue", dependencies: ["LedgerCore"]),
    .target(name: "Program", dependencies: ["JSON", "LedgerCore", "StoredValue"]),
    .target(name: "Store", dependencies: ["LedgerCore", "StoredValue"]),
    .target(
      name: "Engine", dependencies: ["LedgerCore", "Program", "Secrets", "Store", "StoredValue"]),
  ],
  swiftLanguageModes: [.v6]
)

// Every target is held to the same rules: the upcoming features of the language that Swift 6 mode
// leaves off, and warnings as errors.
for target in package.targets where ![.system, .binary, .plugin].contains(target.type) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
      .enableUpcomingFeature("InferIsolatedConformances"),
      .enableUpcomingFeature("ImmutableWeakCaptures"),
      .treatAllWarnings(as: .error),
    ]
}
