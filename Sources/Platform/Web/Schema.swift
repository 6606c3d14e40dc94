public import Core

/// What a value looks like: the part of JSON Schema 2020-12 in which the API is described, each with an example.
///
///     Schema.object(
///         ["id": .uuid, "title": .text(1...500, example: "Ada")],
///         optional: ["year": .integer(1888...2100, example: 1999).orNull]
///     ).named("Title")
public struct Schema: Sendable, Equatable {
    /// The keywords, in order.
    let keywords: [JSON.Member]
    /// Keywords that stand beside the reference to a named schema.
    let beside: [JSON.Member]
    /// A value that fits.
    public let example: JSON
    /// Under which name it stands among the document's components; `nil`: it is written out where it is used.
    public let name: String?
    /// The named schemas it is made of, itself not among them.
    let parts: [Schema]

    private init(
        _ keywords: [JSON.Member], beside: [JSON.Member] = [], example: JSON, name: String? = nil, parts: [Schema] = []
    ) {
        self.keywords = keywords
        self.beside = beside
        self.example = example
        self.name = name
        self.parts = parts
    }

    private static func typed(_ type: String, _ more: [JSON.Member?] = [], example: JSON) -> Schema {
        Schema([.init("type", .string(type))] + more.compactMap { $0 }, example: example)
    }

    private static func keyword(_ name: String, _ value: Int?) -> JSON.Member? {
        value.map { .init(name, .integer(Int64($0))) }
    }
}

// MARK: Texts

extension Schema {
    /// Text of so many characters.
    public static func text(_ length: ClosedRange<Int>, pattern: String? = nil, example: String) -> Schema {
        typed(
            "string",
            [
                length.lowerBound > 0 ? keyword("minLength", length.lowerBound) : nil,
                keyword("maxLength", length.upperBound), pattern.map { .init("pattern", .string($0)) },
            ], example: .string(example))
    }

    /// Text of any length.
    public static func text(pattern: String? = nil, example: String) -> Schema {
        typed("string", [pattern.map { .init("pattern", .string($0)) }], example: .string(example))
    }

    /// Text in one of JSON Schema's formats, such as `email` or `uri`.
    public static func text(format: String, _ length: ClosedRange<Int>? = nil, example: String) -> Schema {
        typed(
            "string",
            [
                .init("format", .string(format)), keyword("minLength", length?.lowerBound),
                keyword("maxLength", length?.upperBound),
            ], example: .string(example))
    }

    /// One of these texts.
    public static func oneOf(_ texts: String...) -> Schema { oneOf(texts) }

    /// One of these texts.
    public static func oneOf(_ texts: [String]) -> Schema {
        typed(
            "string", [.init("enum", .array(texts.map { .string($0) }))], example: .string(texts.first ?? ""))
    }

    /// One of an enumeration's texts.
    public static func oneOf<T: CaseIterable & RawRepresentable<String>>(_ type: T.Type) -> Schema {
        oneOf(T.allCases.map(\.rawValue))
    }

    /// A UUID.
    public static let uuid = text(format: "uuid", example: "0b8f3c52-6a1d-4e0f-9b7a-2c5d8e1f4a60")
    /// A moment (RFC 3339, UTC).
    public static let time = text(format: "date-time", example: "2026-03-01T09:30:00Z")
    /// An absolute URL.
    public static let url = text(format: "uri", example: "https://video.example.org/")
    /// A file as a part of a form.
    public static let file = typed("string", [.init("format", "binary")], example: "(the file)")
}

// MARK: Numbers and the like

extension Schema {
    /// A whole number in a range.
    public static func integer(_ range: ClosedRange<Int64>, example: Int64? = nil) -> Schema {
        typed(
            "integer",
            [.init("minimum", .integer(range.lowerBound)), .init("maximum", .integer(range.upperBound))],
            example: .integer(example ?? range.lowerBound))
    }

    /// A whole number from a bound on.
    public static func integer(_ range: PartialRangeFrom<Int64>, example: Int64? = nil) -> Schema {
        typed(
            "integer", [.init("minimum", .integer(range.lowerBound))], example: .integer(example ?? range.lowerBound))
    }

    /// A number in a range.
    public static func number(_ range: ClosedRange<Double>, example: Double? = nil) -> Schema {
        typed(
            "number", [.init("minimum", .number(range.lowerBound)), .init("maximum", .number(range.upperBound))],
            example: .number(example ?? range.lowerBound))
    }

    /// A number from a bound on.
    public static func number(_ range: PartialRangeFrom<Double>, example: Double? = nil) -> Schema {
        typed("number", [.init("minimum", .number(range.lowerBound))], example: .number(example ?? range.lowerBound))
    }

    /// True or false.
    public static let boolean = typed("boolean", example: true)
    /// `null`, always.
    public static let null = typed("null", example: .null)
    /// Any value at all.
    public static let anything = Schema([], example: .object([]))
}

// MARK: Made of others

extension Schema {
    /// An object with these members and no others, written in this order.
    ///
    /// - Parameters:
    ///   - required: members that are always there.
    ///   - further: more of them, where some are the same for several routes.
    ///   - optional: members that may be absent.
    public static func object(
        _ required: KeyValuePairs<String, Schema>, and further: KeyValuePairs<String, Schema> = [:],
        optional: KeyValuePairs<String, Schema> = [:]
    ) -> Schema {
        let required = required.map { ($0.key, $0.value) } + further.map { ($0.key, $0.value) }
        let all = required + optional.map { ($0.key, $0.value) }
        var keywords: [JSON.Member] = [.init("properties", .object(all.map { .init($0.0, $0.1.written) }))]
        if !required.isEmpty { keywords.append(.init("required", .array(required.map { .string($0.0) }))) }
        return Schema(
            [.init("type", "object")] + keywords + [.init("additionalProperties", false)],
            example: .object(all.map { .init($0.0, $0.1.example) }), parts: all.flatMap { $0.1.uses })
    }

    /// An object with members of any name.
    public static func dictionary(of value: Schema, upTo count: Int? = nil, example: JSON = .object([])) -> Schema {
        Schema(
            [.init("type", "object")]
                + [keyword("maxProperties", count), .init("additionalProperties", value.written)].compactMap { $0 },
            example: example, parts: value.uses)
    }

    /// An array.
    public static func list(of element: Schema, _ count: ClosedRange<Int>? = nil) -> Schema {
        Schema(
            [.init("type", "array"), .init("items", element.written)]
                + [keyword("minItems", count?.lowerBound), keyword("maxItems", count?.upperBound)].compactMap { $0 },
            example: .array(Array(repeating: element.example, count: max(1, count?.lowerBound ?? 1))),
            parts: element.uses)
    }

    /// One of several.
    public static func any(_ choices: Schema...) -> Schema {
        Schema(
            [.init("anyOf", .array(choices.map(\.written)))], example: choices.first?.example ?? .null,
            parts: choices.flatMap(\.uses))
    }

    /// A part of a list, as `Page` answers it.
    public static func page(of element: Schema) -> Schema {
        object([
            "items": list(of: element),
            "next_cursor": text(pattern: "^[A-Za-z0-9_-]+$", example: "MTc2NzI2MDYwMAphZGE").orNull,
        ])
    }

    /// What says in a sentence what was done.
    public static func message(_ sentence: String) -> Schema { object(["message": text(example: sentence)]) }
}

// MARK: The same, with something more

extension Schema {
    /// The same, or `null`.
    public var orNull: Schema {
        guard name == nil, case .string(let type)? = JSON.object(keywords)["type"] else {
            return Schema(
                [.init("anyOf", [written, ["type": "null"]])], example: example, parts: uses)
        }
        let wider = keywords.map { member in
            switch (member.name, member.value) {
            case ("type", _): JSON.Member("type", [.string(type), "null"])
            case ("enum", .array(let values)): JSON.Member("enum", .array(values + [.null]))
            default: member
            }
        }
        return Schema(wider, example: example, parts: parts)
    }

    /// The same with a sentence for the reader.
    public func described(_ sentence: String) -> Schema {
        let member = JSON.Member("description", .string(sentence))
        return name == nil
            ? Schema(keywords + [member], beside: beside, example: example, parts: parts)
            : Schema(keywords, beside: beside + [member], example: example, name: name, parts: parts)
    }

    /// The same with another example.
    public func example(_ value: JSON) -> Schema {
        Schema(keywords, beside: beside, example: value, name: name, parts: parts)
    }

    /// The same under a name of its own among the document's components: for what several routes answer.
    public func named(_ name: String) -> Schema { Schema(keywords, example: example, name: name, parts: parts) }
}

// MARK: In the document

extension Schema {
    /// As it stands where it is used: a reference where it has a name.
    public var written: JSON {
        guard let name else { return definition }
        return .object([.init("$ref", .string("#/components/schemas/\(name)"))] + beside)
    }

    /// As it stands among the components.
    var definition: JSON { .object(keywords) }

    /// The named schemas that whoever uses this one uses.
    var uses: [Schema] { name == nil ? parts : parts + [self] }
}
