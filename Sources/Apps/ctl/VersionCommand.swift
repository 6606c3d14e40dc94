internal import Core
internal import Foundation

/// `reelgate version`
enum VersionCommand {
    static func run(_ words: [String]) throws -> Int32 {
        _ = try Options(words, usage: "reelgate version")
        print("reelgate \(Product.version)")
        return 0
    }
}
