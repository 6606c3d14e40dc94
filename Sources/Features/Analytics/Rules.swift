internal import Core
internal import Tokens
public import Web

/// What is decided about figures.
public enum AnalyticsRules {
    /// Whose figures somebody may see, and of how many days he asks.
    ///
    /// Admins and services see everybody's, others their own; who has no account here has watched nothing by one.
    ///
    /// - Throws: 400 for a number of days that is none from 1 to 365; 404 without an account.
    public static func scope(_ query: Query, _ caller: Caller) throws(Problem) -> FigureScope {
        let days = try query.number("days") ?? 30
        guard (1...365).contains(days) else {
            throw Problem(.badRequest, detail: "days must be a whole number from 1 to 365.")
        }
        switch caller {
        case .key, .user(_, role: .admin): return FigureScope(user: nil, days: Int(days))
        case .user(let text, _):
            guard let id = UUID(text) else { throw Problem(.notFound) }
            return FigureScope(user: id, days: Int(days))
        case .anyone: throw Problem(.credentialsMissing)
        }
    }
}
