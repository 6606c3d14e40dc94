// swift-tools-version: 6.2
//
// The whole dependency graph, top to bottom. An arrow may only point DOWN this file: a target names what it
// uses, the build refuses a Swift import it did not name (--explicit-target-dependency-import-check error),
// and Tests/Architecture reads the sources for what the compiler does not see (C modules, Glibc, Foundation).

import PackageDescription

let package = Package(
    name: "reelgate",
    products: [
        .executable(name: "reelgate", targets: ["ctl"]),
        .executable(name: "reelgate-pool", targets: ["pool"]),
        .executable(name: "reelgate-worker", targets: ["worker"]),
        .executable(name: "reelgate-keeper", targets: ["keeper"]),
        .executable(name: "reelgate-gate", targets: ["gate"]),
        .executable(name: "reelgate-media", targets: ["media"]),
        .executable(name: "reelgate-api", targets: ["api"]),
    ],
    targets: [
        // Apps: what runs. Thin: read settings, wire, loop.
        app(
            "ctl", uses: "Composition", "Accounts", "Watching", "Recommendations", "Web", "Sessions", "Tokens",
            "Storage", "Helper",
            "Jobs",
            "Core", "Postgres", "Fetch", "Crypto", "POSIX",
            tested: true),
        app("pool", uses: "Core", "POSIX", tested: true),
        standIn("claimant", uses: "Jobs", "Postgres", "POSIX"),
        standIn("jailed", uses: "Sandbox"),
        standIn("hostile", uses: "Sandbox", "Media", "CHostile"),
        [.target(name: "CHostile", path: "Tests/Support/CHostile")],
        standIn("transcoder", uses: "Transcoding", "Helper", "Media", "Core", "POSIX"),
        standIn("poolchild", uses: "FastCGI", "Core", "POSIX"),
        app(
            "worker", uses: "Transcoding", "Callbacks", "Recommendations", "Accounts", "Helper", "Jobs", "Storage",
            "Tokens",
            "Media", "Core",
            "Postgres",
            "Crypto",
            "POSIX"),
        app("keeper", uses: "Watching", "Recommendations", "Sessions", "Jobs", "Storage", "Core", "Postgres", "POSIX"),
        app("media", uses: "AV", "Loudness", "Media", "Sandbox", "Crypto", "Core", "POSIX"),
        tests("Apps/media", named: "HelperProgram", uses: ["media", "Helper", "Media", "Crypto", "POSIX"]),
        app("api", uses: "Composition", "Serving", "FastCGI", "Core", "POSIX"),
        app("gate", uses: "Gate", "Sessions", "Tokens", "FastCGI", "GeoIP", "Core", "POSIX"),
        library(
            "Apps/Composition",
            uses: "Health", "Reference", "Catalog", "Playback", "Uploads", "Captions", "Transcoding", "Callbacks",
            "Accounts", "Watching", "Viewing", "Analytics", "Recommendations", "Sessions",
            "Serving", "Web", "Tokens",
            "Storage", "Helper", "Jobs", "Media", "Core", "Postgres", "POSIX", tested: false),

        // Features: what the product does. The same files in each; none imports another.
        feature("Health"),
        feature("Catalog", alsoUses: "Tokens"),
        feature("Reference", alsoUses: "POSIX"),
        feature("Playback", alsoUses: "Tokens", "Storage", "POSIX"),
        feature("Watching", alsoUses: "Sessions", "Tokens"),
        feature("Viewing", alsoUses: "Sessions", "Tokens"),
        feature("Analytics", alsoUses: "Tokens"),
        feature("Recommendations", alsoUses: "Tokens", "Jobs", "POSIX"),
        feature("Uploads", alsoUses: "Tokens", "Media", "Storage", "Crypto", "POSIX"),
        feature("Captions", alsoUses: "Tokens", "Jobs", "Media"),
        feature(
            "Accounts", alsoUses: "Tokens", "Jobs", "Fetch", "Crypto", "Passwords", "POSIX", testedWith: "TestKeys"),
        feature("Callbacks", alsoUses: "Jobs", "Fetch", "Crypto", "POSIX"),
        feature("Transcoding", alsoUses: "Jobs", "Storage", "Helper", "Media", "Tokens", "POSIX"),

        // Gate: the hot path. No Foundation, no PostgreSQL.
        library("Gate", uses: "Sessions", "Tokens", "FastCGI", "GeoIP", "Core", "Crypto", "POSIX"),

        // Platform: our own vocabulary.
        library("Platform/Serving", uses: "Web", "Tokens", "Core", "FastCGI", "Crypto", "POSIX"),
        library("Platform/Web", uses: "Core", "Tokens", "Postgres"),
        library("Platform/Sessions", uses: "Tokens", "Core", "Crypto", "POSIX"),
        library("Platform/Tokens", uses: ["Core", "Crypto", "POSIX"], testedWith: ["TestKeys"]),
        library("Platform/Storage", uses: "Core", "POSIX"),
        library("Platform/Helper", uses: "Media", "Core", "POSIX"),
        library("Platform/Jobs", uses: "Core", "Postgres", "POSIX"),
        library("Platform/Media", uses: "Core"),
        library("Platform/Core", uses: "POSIX"),

        // System: the outside world, one Swift module for each C library.
        library("System/Postgres", uses: "CPostgres"),
        library("System/Fetch", uses: "CCurl"),
        library("System/FastCGI", uses: "CFastCGI", "POSIX", tested: false),
        library("System/AV", uses: "CFFmpeg", tested: false),
        library("System/Loudness", uses: "CEBUR128"),
        library("System/Sandbox", uses: "CSeccomp", tested: false),
        tests("System/Sandbox", named: "Sandbox", uses: ["POSIX", "jailed", "hostile", "Helper", "Media"]),
        library("System/Crypto", uses: ["COpenSSL"], testedWith: ["TestKeys"]),
        library("System/GeoIP", uses: "CMaxMind", tested: false),
        library("System/Passwords", uses: "CArgon2"),
        library("System/POSIX", uses: "CLinux"),
        cModule("CFastCGI", apt: "libfcgi-dev"),
        cModule("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        cModule("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
        cModule("CFFmpeg", pkgConfig: "libavformat", apt: "libavformat-dev"),
        cModule("CEBUR128", pkgConfig: "libebur128", apt: "libebur128-dev"),
        cModule("CSeccomp", pkgConfig: "libseccomp", apt: "libseccomp-dev"),
        cModule("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        cModule("CArgon2", apt: "libargon2-dev"),
        cModule("CMaxMind", pkgConfig: "libmaxminddb", apt: "libmaxminddb-dev"),
        cModule("CLinux", apt: "libc6-dev"),

        // Tests that belong to no single target.
        tests("Architecture", named: "Architecture", uses: []),
        testSupport("TestSupport", uses: "Postgres"),
        testSupport("TestKeys"),
        testSupport("Fuzzing", uses: "Gate", "Web", "Tokens", "Core", "Crypto", "POSIX"),
        tests(
            "Fuzz", named: "Fuzz", uses: ["Fuzzing"],
            beside: "token", "cat", "idtoken", "multipart", "target", "gate", "json"),
        tests(
            "Integration", named: "Integration",
            uses: [
                "TestSupport", "claimant", "worker", "keeper", "media", "Jobs", "Transcoding", "Callbacks", "Fetch",
                "Media", "Composition", "ctl", "Uploads", "Catalog", "Watching", "Recommendations", "Viewing",
                "Analytics",
                "Sessions",
                "Accounts", "Web", "Tokens", "Storage", "Core",
                "Postgres", "POSIX",
            ]),
    ].flatMap { $0 },
    swiftLanguageModes: [.v6]
)

// MARK: - The shapes used above

nonisolated var strict: [SwiftSetting] {
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
    ]
}

func named(_ names: [String]) -> [Target.Dependency] { names.map { .byName(name: $0) } }

/// A library at `Sources/<path>` with its tests at `Tests/<path>`; the last folder is its name.
func library(_ path: String, uses: String..., tested: Bool = true) -> [Target] {
    library(path, uses: uses, tested: tested)
}

func library(_ path: String, uses: [String], testedWith helpers: [String] = [], tested: Bool = true) -> [Target] {
    let name = path.split(separator: "/").last.map { String($0) } ?? path
    return [
        .target(
            name: name, dependencies: named(uses), path: "Sources/\(path)", exclude: ["README.md"],
            swiftSettings: strict)
    ] + (tested ? tests(path, named: name, uses: [name] + uses.filter { !$0.isCModule } + helpers) : [])
}

/// What every feature is: it may use the web, the database and the core, and what it adds by name.
func feature(_ name: String, alsoUses extra: String..., testedWith helpers: String...) -> [Target] {
    library("Features/\(name)", uses: ["Core", "Web", "Postgres"] + extra, testedWith: helpers)
}

/// A program at `Sources/Apps/<name>`, installed as `reelgate-<name>`, with tests where something in it decides.
func app(_ name: String, uses: String..., tested: Bool = false) -> [Target] {
    let path = "Apps/\(name)"
    return [
        .executableTarget(
            name: name, dependencies: named(uses), path: "Sources/\(path)", exclude: ["README.md"],
            swiftSettings: strict)
    ] + (tested ? tests(path, named: name, uses: [name] + uses) : [])
}

/// A program that only tests start, at `Tests/Support/<name>`.
func standIn(_ name: String, uses: String...) -> [Target] {
    [
        .executableTarget(
            name: name, dependencies: named(uses), path: "Tests/Support/\(name)", swiftSettings: strict)
    ]
}

/// What tests share: a private PostgreSQL, what the fuzzer calls.
func testSupport(_ name: String, uses: String...) -> [Target] {
    [.target(name: name, dependencies: named(uses), path: "Tests/Support/\(name)", swiftSettings: strict)]
}

/// A C library that Debian provides, seen through the module map in `Sources/System/CModules/<name>`.
func cModule(_ name: String, pkgConfig: String? = nil, apt package: String) -> [Target] {
    let path = "Sources/System/CModules/\(name)"
    return [.systemLibrary(name: name, path: path, pkgConfig: pkgConfig, providers: [.apt([package])])]
}

/// Tests at `Tests/<path>`; the directories beside them hold what they read.
func tests(_ path: String, named name: String, uses: [String], beside data: String...) -> [Target] {
    [
        .testTarget(
            name: "\(name)Tests", dependencies: named(uses), path: "Tests/\(path)", exclude: data,
            swiftSettings: strict)
    ]
}

extension String {
    /// `CPostgres`, `CLinux`, …: seen by its System module alone.
    var isCModule: Bool { hasPrefix("C") && dropFirst().first?.isUppercase == true }
}
