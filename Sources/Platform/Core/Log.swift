internal import POSIX

/// One line of JSON to standard error for each thing worth knowing: journald takes it from there.
///
/// Values are quoted, so that nothing a client wrote can begin a line or steer a terminal; secrets have no place here
/// (`Secret` prints `***`).
public struct Log: Sendable {
    private let program: String

    /// - Parameter program: which program speaks.
    public init(_ program: String) { self.program = program }

    /// Something happened that an operator may want to know.
    public func info(_ event: StaticString, _ fields: KeyValuePairs<String, JSON> = [:]) {
        write("info", event, fields)
    }

    /// Something went wrong that the product dealt with.
    public func warning(_ event: StaticString, _ fields: KeyValuePairs<String, JSON> = [:]) {
        write("warning", event, fields)
    }

    /// Something needs a person.
    public func alert(_ event: StaticString, _ fields: KeyValuePairs<String, JSON> = [:]) {
        write("alert", event, fields)
    }

    private func write(_ level: String, _ event: StaticString, _ fields: KeyValuePairs<String, JSON>) {
        var members: [JSON.Member] = [
            .init("time", .integer(Clocks.wallMilliseconds())), .init("level", .string(level)),
            .init("program", .string(program)), .init("pid", .integer(Int64(Host.processID))),
            .init("event", .string("\(event)")),
        ]
        for (name, value) in fields {
            if case .string(let text) = value, text.utf8.count > 2048 {
                members.append(.init(name, .string(String(text.prefix(2048)))))
            } else {
                members.append(.init(name, value))
            }
        }
        Host.log(JSON.object(members).description)
    }
}
