/// Somebody who watches in the demo.
struct DemoPerson {
    /// The number that the row's id is made of; never given to another.
    let number: Int
    /// The name shown.
    let name: String
    /// What the person may do.
    let role: String
    /// What the person may watch.
    let level: String
    /// BCP 47.
    let language: String
    /// What the person likes; what is watched leans to it.
    let tastes: [String]
    /// Whether the person can sign in: a password is made.
    let signsIn: Bool

    /// The row's id.
    var id: String { DemoID.row(.person, number) }

    /// Those with a password, whose names people know from the file of passwords.
    static let known: [(address: String, person: DemoPerson)] = [
        ("ana", .init(1, "Ana Núñez", level: "free", language: "es", ["Drama", "Romance"])),
        ("bastian", .init(2, "Bastian Größ", level: "free", language: "de", ["Crime", "Thriller", "Mystery"])),
        ("chloe", .init(3, "Chloé Martin", level: "premium", language: "fr", ["Comedy", "Romance"])),
        ("dag", .init(4, "Dag Øvrebø", level: "premium", language: "nb", ["Nature", "Documentary"])),
        ("emiko", .init(5, "Emiko Sato", level: "family", language: "ja", ["Animation", "Family"])),
        ("farid", .init(6, "Farid Haddad", level: "family", language: "en", ["Science Fiction", "Adventure"])),
        (
            "ines",
            .init(
                7, "Inês Carvalho", role: "instructor", level: "premium", language: "pt-BR", ["History", "Documentary"])
        ),
        ("oskar", .init(8, "Oskar Lindqvist", role: "admin", level: "family", language: "sv", ["Drama", "Mystery"])),
        ("nora", .init(9, "Nora Newcomer", level: "free", language: "en", [])),
    ]

    /// Others whose watching makes the figures and the recommendations; nobody signs in as one of them.
    static let others: [DemoPerson] = (0..<36).map { index in
        let tastes = DemoPerson.known[index % 8].person.tastes
        let level = ["free", "premium", "free", "family"][index % 4]
        return DemoPerson(100 + index, "Viewer \(index + 1)", level: level, language: "en", tastes, signsIn: false)
    }

    private init(
        _ number: Int, _ name: String, role: String = "viewer", level: String, language: String, _ tastes: [String],
        signsIn: Bool = true
    ) {
        self.number = number
        self.name = name
        self.role = role
        self.level = level
        self.language = language
        self.tastes = tastes
        self.signsIn = signsIn
    }
}
