import Core
import Testing
import Tokens
import Web

@testable import Composition

/// Who may call what, written by hand: a new route without a line here, or with other actors, fails.
@Suite("Access") struct AccessTests {
    static let expected = [
        "POST /upload/lesson: key:upload instructor admin",
        "POST /upload_presentation/course/:course: key:upload instructor admin",
        "POST /upload_presentation/module/:course/:module: key:upload instructor admin",
        "POST /upload: key:upload instructor admin",
        "POST /upload_presentation: key:upload instructor admin",
        "GET /api/tasks/:task: key:upload instructor admin",
        "DELETE /api/tasks/:task: key:upload instructor admin",
        "POST /api/admin/transcode: key:admin admin",
        "GET /api/videos/:video/captions: key:upload key:catalog instructor admin",
        "GET /api/videos/:video/captions/:language: key:upload key:catalog instructor admin",
        "PUT /api/videos/:video/captions/:language: key:upload key:catalog instructor admin",
        "DELETE /api/videos/:video/captions/:language: key:upload key:catalog instructor admin",
        "GET /api/get-video-token/v2: key:tokens viewer instructor admin",
        "GET /api/get-download-token/v2: key:tokens viewer instructor admin",
        "GET /api/get-download-token/:user/:file: key:tokens viewer instructor admin",
        "GET /api/get-video-token/:user/:file: key:tokens viewer instructor admin",
        "GET /api/get-video-token/mobile/:user/:file/:video: key:tokens viewer instructor admin",
        "GET /api/videos/:video/rules: key:upload key:catalog instructor admin",
        "PUT /api/videos/:video/rules: key:upload key:catalog instructor admin",
        "DELETE /api/videos/:video/rules: key:upload key:catalog instructor admin",
        "GET /api/admin/sessions: key:admin admin",
        "DELETE /api/admin/sessions/:session: key:admin admin",
        "GET /api/admin/revocations: key:admin admin",
        "POST /api/admin/revocations: key:admin admin",
        "DELETE /api/admin/revocations/:revocation: key:admin admin",
        "POST /api/streaming/session: viewer instructor admin",
        "PUT /api/streaming/session/:session: viewer instructor admin",
        "POST /api/streaming/session/:session/end: viewer instructor admin",
        "GET /api/users/:user/history: key:admin viewer instructor admin",
        "DELETE /api/users/:user/history: key:admin viewer instructor admin",
        "DELETE /api/users/:user/history/:title: key:admin viewer instructor admin",
        "GET /api/users/:user/favorites: key:admin viewer instructor admin",
        "POST /api/users/:user/favorites: key:admin viewer instructor admin",
        "DELETE /api/users/:user/favorites/:content: key:admin viewer instructor admin",
        "GET /api/users/users/:user/history: key:admin viewer instructor admin",
        "DELETE /api/users/users/:user/history: key:admin viewer instructor admin",
        "DELETE /api/users/users/:user/history/:title: key:admin viewer instructor admin",
        "GET /api/users/users/:user/favorites: key:admin viewer instructor admin",
        "POST /api/users/users/:user/favorites: key:admin viewer instructor admin",
        "DELETE /api/users/users/:user/favorites/:content: key:admin viewer instructor admin",
        "GET /api/streaming/analytics: key:admin key:catalog viewer instructor admin",
        "GET /api/admin/stats: key:admin admin",
        "GET /api/recommendations/trending: key:catalog viewer instructor admin",
        "GET /api/recommendations/popular: key:catalog viewer instructor admin",
        "GET /api/recommendations/personalized: viewer instructor admin",
        "GET /api/recommendations/similar/:title: key:catalog viewer instructor admin",
        "GET /api/content: key:catalog viewer instructor admin",
        "GET /api/content/:content: key:catalog viewer instructor admin",
        "GET /api/content/:content/stream: key:tokens viewer instructor admin",
        "POST /api/content: key:catalog admin",
        "PUT /api/content/:content: key:catalog admin",
        "DELETE /api/content/:content: key:catalog admin",
        "GET /api/content/content: key:catalog viewer instructor admin",
        "GET /api/content/content/:content: key:catalog viewer instructor admin",
        "GET /api/content/content/:content/stream: key:tokens viewer instructor admin",
        "POST /api/content/content: key:catalog admin",
        "PUT /api/content/content/:content: key:catalog admin",
        "DELETE /api/content/content/:content: key:catalog admin",
        "POST /api/admin/content: key:catalog admin",
        "GET /api/admin/content/:content/status: key:catalog admin",
        "POST /api/auth/register: anyone",
        "POST /api/auth/login: anyone",
        "POST /api/auth/refresh: anyone",
        "POST /api/auth/logout: anyone",
        "GET /api/auth/sessions: viewer instructor admin",
        "DELETE /api/auth/sessions/:session: viewer instructor admin",
        "GET /api/auth/totp: viewer instructor admin",
        "POST /api/auth/totp: viewer instructor admin",
        "POST /api/auth/totp/confirm: viewer instructor admin",
        "POST /api/auth/totp/disable: viewer instructor admin",
        "POST /api/auth/password: viewer instructor admin",
        "POST /api/auth/password-reset: anyone",
        "POST /api/auth/password-reset/confirm: anyone",
        "POST /api/auth/verify: anyone",
        "POST /api/auth/verify/confirm: anyone",
        "GET /api/users/me: viewer instructor admin",
        "GET /api/users/users/me: viewer instructor admin",
        "GET /api/users/:user: key:admin viewer instructor admin",
        "GET /api/users/users/:user: key:admin viewer instructor admin",
        "PUT /api/users/:user: key:admin viewer instructor admin",
        "PUT /api/users/users/:user: key:admin viewer instructor admin",
        "GET /api/admin/users: key:admin admin",
        "GET /api/admin/users/:user: key:admin admin",
        "PUT /api/admin/users/:user: key:admin admin",
        "DELETE /api/admin/users/:user: key:admin admin",
        "GET /api/keys: key:admin admin",
        "POST /api/keys: admin",
        "DELETE /api/keys/:key: admin",
        "POST /api/auth/social-login: anyone",
        "GET /health: anyone",
        "GET /api-docs: anyone",
        "GET /api-docs/openapi.json: anyone",
        "GET /api-docs/:file: anyone",
    ]

    @Test("J12 every route names its actors, and they are the ones agreed") func table() {
        #expect(routeTable().map { "\($0.method.rawValue) \($0.pattern): \($0.access.description)" } == Self.expected)
    }

    @Test("J12 each kind of caller at each route gets what the list says") func matrix() {
        var callers: [(String, Caller)] = Role.allCases.map { ($0.rawValue, .user(id: "x", role: $0)) }
        callers += APIKey.Scope.allCases.map { ("key:\($0.rawValue)", .key(id: "x", scopes: [$0])) }
        callers.append(("nobody", .anyone))
        for (route, line) in zip(routeTable(), Self.expected) {
            let allowed = Set((line.split(separator: ": ").last ?? "").split(separator: " ").map { String($0) })
            for (name, caller) in callers {
                var status = 200
                do throws(Problem) { try route.access.check(caller) } catch { status = error.refusal.status }
                let wanted = allowed.contains("anyone") || allowed.contains(name) ? 200 : caller == .anyone ? 401 : 403
                #expect(status == wanted, "\(name) at \(line)")
            }
        }
    }
}
