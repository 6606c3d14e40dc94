internal import Composition
internal import Web

/// `reelgate routes`
enum RoutesCommand {
    static func run(_ words: [String]) throws -> Int32 {
        _ = try Options(words, usage: "reelgate routes")
        for route in routeTable() { print(route.line) }
        return 0
    }
}
