internal import Composition
internal import Web

/// `reelgate routes`
enum RoutesCommand {
    static func run(_ words: [String]) throws -> Int32 {
        let options = try Options(words, flags: ["--openapi"], usage: "reelgate routes [--openapi]")
        if options.has("--openapi") {
            print(apiDescription(server: "/"))
            return 0
        }
        for route in routeTable() { print(route.line) }
        return 0
    }
}
