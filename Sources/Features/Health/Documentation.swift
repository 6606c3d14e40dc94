internal import Web

extension RouteDocumentation {
    static let health = RouteDocumentation(
        "Says how the service is.",
        detail: "`degraded` still serves: a part is late or has little left. `unhealthy` is answered with 503.",
        answers: [
            .json("The service works, perhaps not at its best.", .health(["healthy", "degraded"])),
            .json("A part that is needed does not answer.", .health(["unhealthy"]), status: 503),
        ])
}

extension Schema {
    fileprivate static func health(_ words: [String]) -> Schema {
        let part = oneOf("ok", "late", "failed")
        return object([
            "status": oneOf(words), "timestamp": time,
            "checks": object(["database": part, "storage": part, "queue": part, "gate": part]),
        ])
    }
}
