internal import Core
internal import Sessions
internal import Web

extension RouteDocumentation {
    static let listSessions = RouteDocumentation(
        "Lists playback sessions, the newest first.",
        query: [
            .optional("user_id", .tokenName, "Only this user's."), .optional("rel", .storedRel, "Only this lesson's."),
            .optional(
                "state", .oneOf("live", "all"), "`live` (where nothing is said): those that count as streams now."),
            .optional("flagged", .oneOf("false", "true"), "Only those with something to look at."),
        ] + Parameter.page,
        answers: [.json("A part of the list.", .page(of: .session))])

    static let endSession = RouteDocumentation(
        "Ends a playback session.",
        detail:
            "Its tokens are refused by every gate within a second. The answer is the revocation, which can be lifted.",
        arguments: ["session": .tokenName], answers: [.json("The revocation.", .revocation)], refusals: [.notFound])

    static let listRevocations = RouteDocumentation(
        "Lists what is revoked, the newest first.", query: Parameter.page,
        answers: [.json("A part of the list.", .page(of: .revocation))])

    static let revoke = RouteDocumentation(
        "Revokes a token, a session, or all that a user or a lesson has.",
        detail: "Tokens issued until now are refused by every gate within a second; later ones are not.",
        body: .json(
            .any(
                .object(["session_id": .tokenName], optional: ["reason": .reason]),
                .object(["user_id": .tokenName], optional: ["reason": .reason]),
                .object(["rel": .storedRel], optional: ["reason": .reason]),
                .object(["jti": .tokenName], optional: ["reason": .reason]))),
        answers: [.json("The revocation.", .revocation, status: 201)])

    static let lift = RouteDocumentation(
        "Lifts a revocation.", answers: [.json("It is lifted.", .message("The revocation was lifted."))])
}

extension Schema {
    fileprivate static let reason = text(0...120, pattern: "^[^\\x00-\\x1f]*$", example: "shared his account")

    /// A session as its list has it.
    static let session = object([
        "session_id": tokenName, "user_id": tokenName, "rel": storedRel, "host": text(example: "edge-1"),
        "platform": oneOf("web", "mobile"), "address": text(example: "203.0.113.7"),
        "agent": text(example: "Mozilla/5.0"), "stream_limit": integer(1...15, example: 2).orNull,
        "started_at": time, "last_seen_at": time, "media_seconds": number(0..., example: 612.5),
        "requests": integer(0..., example: 204), "refusals": integer(0..., example: 1),
        "last_refusal": oneOf(Refusal.self).example("paced").orNull, "flags": list(of: oneOf(SessionFlag.self)),
        "live": boolean,
    ]).named("PlaybackSession")

    /// A revocation as its list has it; what is revoked stands under the name that the caller gives it by.
    static let revocation = object(
        [
            "id": uuid, "kind": oneOf(RevocationKind.self), "revoked_at": time, "reason": text(example: "shared"),
            "author": text(example: "admin"),
        ], optional: ["session_id": tokenName, "user_id": tokenName, "rel": storedRel, "jti": tokenName]
    ).named("Revocation")
}
