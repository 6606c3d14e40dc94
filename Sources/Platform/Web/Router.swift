internal import Core

/// Finds the route of a request. Literal parts win over arguments, from the left; then the method decides.
public struct Router {
    private let routes: [Route<Void>]
    /// The numbers of the routes that have so many parts.
    private let byLength: [Int: [Int]]

    /// - Parameter routes: the whole table.
    public init(_ routes: [Route<Void>]) {
        self.routes = routes
        byLength = Dictionary(grouping: routes.indices) { routes[$0].parts.count }
    }

    /// The route and its arguments' texts.
    ///
    /// - Throws: 404 when no pattern fits, 405 with `Allow` when one does, but not for this method.
    public func find(_ method: Method, _ path: Path) throws(Problem) -> Match {
        var best = Int.max
        var fitting: [Route<Void>] = []
        for number in byLength[path.segments.count] ?? [] {
            guard let rank = Self.rank(of: routes[number].parts, path), rank <= best else { continue }
            if rank < best { fitting = [] }
            best = rank
            fitting.append(routes[number])
        }
        if fitting.isEmpty { throw Problem(.notFound) }
        let wanted = method == .head ? Method.get : method
        for route in fitting where route.method == wanted {
            let texts = zip(route.parts, path.segments).filter { $0.0 == .argument }.map(\.1)
            return Match(route: route, texts: texts)
        }
        let allowed = Method.allCases.filter { one in
            fitting.contains { $0.method == one || (one == .head && $0.method == .get) }
        }
        throw Problem(.method, allow: allowed.map(\.rawValue).joined(separator: ", "))
    }

    /// A binary digit for each part, 0 for a literal, 1 for an argument: of two that fit, the smaller one decides. `nil`
    /// when the pattern does not fit.
    private static func rank(of parts: [PatternPart], _ path: Path) -> Int? {
        var rank = 0
        for (part, segment) in zip(parts, path.segments) {
            switch part {
            case .literal(let bytes):
                guard segment.utf8.elementsEqual(bytes) else { return nil }
                rank = rank << 1
            case .argument:
                guard !segment.isEmpty else { return nil }
                rank = rank << 1 | 1
            }
        }
        return rank
    }

    /// A route that fits a request.
    public struct Match {
        /// The entry of the table.
        public let route: Route<Void>
        let texts: [String]

        /// Runs the handler.
        public func answer(_ request: Request) throws(Problem) -> Response { try route.run((), request, texts) }
    }
}
