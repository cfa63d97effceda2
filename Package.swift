// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
// Part of Scrip, the stored-value and coupon engine.

import PackageDescription

// What is built only with --traits PostgreSQL; its sources are empty without.
let postgreSQL = TargetDependencyCondition.when(traits: ["PostgreSQL"])

let package = Package(
  name: "scrip",
  products: [
    .executable(name: "scrip", targets: ["scrip"])
  ],
  traits: [
    .trait(
      name: "PostgreSQL",
      description: "Ledgers on a PostgreSQL server, beside those in a directory; needs libpq.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // The system's libraries.
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // What knows nothing of a shop.
    .target(name: "JSON"),
    .target(name: "JSONRPC", dependencies: ["JSON"]),
    .target(name: "QRPicture", dependencies: ["CQREncode", "CZlib"]),
    .target(name: "Secrets", dependencies: ["COpenSSL", "JSON"]),
    .target(name: "SQLite", dependencies: ["CSQLite"]),
    .target(
      name: "PostgreSQL", dependencies: [.target(name: "CPostgreSQL", condition: postgreSQL)]),

    // The core: pure, without I/O, clock or randomness.
    .target(name: "LedgerCore"),
    .target(name: "StoredValue", dependencies: ["LedgerCore"]),
    .target(name: "Coupons", dependencies: ["JSON", "LedgerCore"]),
    .target(name: "Anomalies", dependencies: ["LedgerCore"]),
    .target(
      name: "Program", dependencies: ["Anomalies", "Coupons", "JSON", "LedgerCore", "StoredValue"]),

    // The ledger in operation.
    .target(
      name: "Store",
      dependencies: ["Anomalies", "Coupons", "LedgerCore", "Program", "StoredValue"]),
    .target(
      name: "StoreSQLite",
      dependencies: [
        "Anomalies", "Coupons", "LedgerCore", "SQLite", "Secrets", "Store", "StoredValue",
      ]),
    .target(
      name: "StorePostgreSQL",
      dependencies: [
        "Anomalies", "Coupons", "LedgerCore", "Secrets", "Store", "StoredValue",
        .target(name: "PostgreSQL", condition: postgreSQL),
      ]),
    .target(
      name: "Engine",
      dependencies: [
        "Anomalies", "Coupons", "JSON", "LedgerCore", "Program", "Secrets", "Store", "StoredValue",
      ]),
    .target(
      name: "EngineRPC",
      dependencies: [
        "Anomalies", "Coupons", "Engine", "JSON", "JSONRPC", "LedgerCore", "Program", "Secrets",
        "Store", "StoredValue",
      ]),
    .executableTarget(
      name: "scrip",
      dependencies: [
        "Anomalies", "Coupons", "Engine", "EngineRPC", "JSON", "JSONRPC", "LedgerCore", "Program",
        "QRPicture", "SQLite",
        "Secrets", "Store", "StoreSQLite", "StoredValue",
        .target(name: "StorePostgreSQL", condition: postgreSQL),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests; the harness that drives the real binary is shared by two of them, the seeded generator
    // by all that draw numbers.
    .target(name: "Seeds", path: "Tests/Seeds"),
    .target(name: "EngineProcess", dependencies: ["JSON"], path: "Tests/EngineProcess"),
    .target(
      name: "Simulation",
      dependencies: [
        "Anomalies", "Coupons", "Engine", "EngineRPC", "JSON", "LedgerCore", "Secrets", "Store",
        "StoredValue",
      ], path: "Tests/Simulation"),
    .executableTarget(
      name: "scrip-simulate", dependencies: ["Simulation"], path: "Tests/Simulate"),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "EngineProcess", "LedgerCore", "Secrets", "Simulation", "Store", "StoreSQLite",
        .target(name: "StorePostgreSQL", condition: postgreSQL),
      ]),
    // What a ledger on a server does under load: measured, and foretold.
    .executableTarget(
      name: "scrip-server-load", dependencies: ["EngineProcess"], path: "Tests/ServerLoad"),
    .target(name: "Growth", path: "Tests/Growth"),
    .executableTarget(name: "scrip-growth", dependencies: ["Growth"], path: "Tests/Grow"),
    .testTarget(name: "GrowthTests", dependencies: ["Growth"]),
    .testTarget(name: "TidyTests"),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "Seeds"]),
    .testTarget(name: "JSONRPCTests", dependencies: ["JSON", "JSONRPC", "Seeds"]),
    .testTarget(name: "QRPictureTests", dependencies: ["CZlib", "QRPicture"]),
    .testTarget(name: "SecretsTests", dependencies: ["JSON", "LedgerCore", "Secrets"]),
    .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "Seeds"]),
    .testTarget(name: "LedgerCoreTests", dependencies: ["LedgerCore", "Seeds"]),
    .testTarget(name: "StoredValueTests", dependencies: ["LedgerCore", "StoredValue", "Seeds"]),
    .testTarget(name: "CouponsTests", dependencies: ["Coupons", "JSON", "LedgerCore", "Seeds"]),
    .testTarget(name: "AnomaliesTests", dependencies: ["Anomalies", "LedgerCore", "Seeds"]),
    .testTarget(
      name: "ProgramTests",
      dependencies: ["Anomalies", "JSON", "LedgerCore", "Program", "StoredValue", "Seeds"]),
    .testTarget(
      name: "StoreConformanceTests",
      dependencies: [
        "LedgerCore", "SQLite", "Secrets", "Store", "StoreSQLite", "StoredValue", "Seeds",
        .target(name: "PostgreSQL", condition: postgreSQL),
        .target(name: "StorePostgreSQL", condition: postgreSQL),
      ]),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "Anomalies", "Coupons", "Engine", "JSON", "LedgerCore", "Program", "Secrets", "Store",
        "StoredValue",
      ]),
    .testTarget(
      name: "EngineRPCTests",
      dependencies: [
        "Engine", "EngineRPC", "JSON", "LedgerCore", "Secrets", "Store", "StoredValue",
      ]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["EngineProcess", "JSON", "SQLite", "Seeds"]),
    .testTarget(name: "CrashTests", dependencies: ["EngineProcess", "JSON", "SQLite", "Seeds"]),
    .testTarget(name: "GuardTests", dependencies: ["EngineProcess", "JSON"]),
  ],
  swiftLanguageModes: [.v6]
)

// Fuzzing (make fuzz) builds everything with instruments, elsewhere, and links libFuzzer.
let fuzzer = Context.environment["SCRIP_FUZZER"]
if let fuzzer {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/Sources/CFuzzer"),
    .executableTarget(
      name: "scrip-fuzz",
      dependencies: [
        "CFuzzer", "Coupons", "Engine", "EngineRPC", "JSON", "JSONRPC", "LedgerCore", "Program",
        "Secrets", "Simulation", "Store",
      ],
      path: "Fuzz/Sources/ScripFuzz",
      linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++")]),
  ]
}

// The money core alone, for its coverage and its mutants (Tests/Core).
if Context.environment["SCRIP_CORE"] != nil {
  let core = ["LedgerCore", "StoredValue", "Coupons", "Anomalies", "Program"]
  let kept = Set(["JSON", "Seeds"] + core + core.map { $0 + "Tests" })
  package.products = []
  package.dependencies = []
  package.targets.removeAll { !kept.contains($0.name) }
}

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
  if fuzzer != nil { target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer"])) }
}
