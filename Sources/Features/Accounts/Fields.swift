internal import Core
internal import Tokens
internal import Web

/// A body's members: those that a route takes and no others, so that nobody sets what he may not by naming it.
struct Fields {
    private let body: JSON

    /// - Parameters:
    ///   - request: with a JSON body.
    ///   - names: the members that may be there.
    /// - Throws: 400 for a body that is no object, or a member that may not be there; what `Request.json` throws.
    init(_ request: Request, _ names: String...) throws(Problem) {
        body = try request.json()
        guard case .object(let members) = body else {
            throw Problem(.badRequest, detail: "The body must be a JSON object.")
        }
        for member in members where !names.contains(where: { $0.utf8.elementsEqual(member.name.utf8) }) {
            throw Problem(.badRequest, detail: "The body has a member that can't be set here.")
        }
    }

    /// Whether the member is there.
    func has(_ name: String) -> Bool { body[name] != nil }

    /// A text that may be absent.
    func optional(_ name: String) throws(Problem) -> String? {
        guard let value = body[name] else { return nil }
        guard let text = value.string else { throw Problem(.badRequest, detail: "\(name) must be text.") }
        return text
    }

    /// A text that must be there.
    func text(_ name: String) throws(Problem) -> String {
        guard let text = try optional(name) else { throw Problem(.fieldMissing, detail: "\(name) is missing.") }
        return text
    }

    /// A truth value that may be absent.
    func flag(_ name: String) throws(Problem) -> Bool? {
        guard let value = body[name] else { return nil }
        guard let flag = value.bool else { throw Problem(.badRequest, detail: "\(name) must be true or false.") }
        return flag
    }

    /// One of an enumeration's texts that may be absent.
    func choice<T: CaseIterable & RawRepresentable<String>>(
        _ name: String, of type: T.Type = T.self
    ) throws(Problem) -> T? {
        guard let text = try optional(name) else { return nil }
        guard let value = T(rawValue: text) else {
            let words = T.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, detail: "\(name) must be one of: \(words).")
        }
        return value
    }

    /// An address that must be there.
    func email() throws(Problem) -> EmailAddress {
        guard let email = EmailAddress(try text("email")) else {
            throw Problem(.badRequest, detail: "email is not an e-mail address.")
        }
        return email
    }

    /// A name shown that may be absent.
    func name() throws(Problem) -> String? {
        guard let name = try optional("name") else { return nil }
        guard AccountRules.isShown(name) else {
            throw Problem(.badRequest, detail: "name must have 1 to 200 characters without control characters.")
        }
        return name
    }

    /// A password that somebody chooses.
    func newPassword(_ member: String) throws(Problem) -> String {
        let password = try text(member)
        guard AccountRules.isPassword(password) else {
            throw Problem(.badRequest, detail: "\(member) must have \(AccountRules.passwordLengths) bytes.")
        }
        return password
    }

    /// A language that may be absent; empty text takes it back.
    func language() throws(Problem) -> String? {
        guard let text = try optional("language") else { return nil }
        if text.isEmpty { return "" }
        guard let tag = LanguageTag(text) else {
            throw Problem(.badRequest, detail: "language must be a BCP 47 tag, such as en or pt-BR.")
        }
        return tag.description
    }

    /// What the client keeps with an account; may be absent.
    func preferences() throws(Problem) -> JSON? {
        guard let value = body["preferences"] else { return nil }
        guard case .object = value, value.bytes.count <= AccountRules.longestPreferences else {
            throw Problem(
                .badRequest,
                detail: "preferences must be an object of at most \(AccountRules.longestPreferences) bytes.")
        }
        return value
    }

    /// An API key's scopes, which must be there.
    func scopes() throws(Problem) -> [APIKey.Scope] {
        guard let values = body["scopes"] else { throw Problem(.fieldMissing, detail: "scopes is missing.") }
        var scopes: [APIKey.Scope] = []
        for value in values.array ?? [] {
            guard let scope = value.string.flatMap({ APIKey.Scope(rawValue: $0) }), !scopes.contains(scope) else {
                scopes = []
                break
            }
            scopes.append(scope)
        }
        guard !scopes.isEmpty else {
            let words = APIKey.Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem(.badRequest, detail: "scopes must be a list of: \(words), each once.")
        }
        return scopes
    }
}
