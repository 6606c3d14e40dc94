internal import Accounts
internal import POSIX

/// `reelgate seed demo`: a small catalogue of invented titles, people of each role and level, and what they watched.
enum SeedCommand {
    private static let usage = """
        reelgate seed demo --passwords FILE [--posters DIR] [REL…]
        FILE holds a line "address password" for each person who can sign in; those it lacks are made and added (mode 600).
        DIR, which the site serves as /posters, gets a drawing for each title. Titles without a video play the lessons REL.
        """

    static func demo(_ words: [String]) throws -> Int32 {
        let options = try Options(words, names: ["--passwords", "--posters"], usage: usage)
        guard let file = options["--passwords"] else { throw WrongWords(description: usage) }
        let store = DemoStore(database: try Surroundings.database())
        try people(store, passwords: file)
        try titles(store, posters: options["--posters"])
        let bound = options.rest.isEmpty ? 0 : try store.bind(options.rest)
        try past(store)
        let counts =
            "\(DemoTitle.films.count) films, \(DemoTitle.series.count) series, \(DemoEpisode.all.count) episodes"
        print("the demo's catalogue is there: \(counts); \(bound) more play a video")
        print("people and their passwords: \(file)")
        return 0
    }

    /// Everybody, with the passwords of the file.
    private static func people(_ store: DemoStore, passwords file: String) throws {
        var passwords = try PasswordFile(file)
        for (name, person) in DemoPerson.known {
            let address = "\(name)@reelgate.example"
            let (password, isNew) = try passwords.password(of: address)
            let hash = try AccountRules.hash(password)
            try store.add(person, address: address, passwordHash: hash)
            if isNew { try store.set(hash, of: person) }
        }
        for person in DemoPerson.others {
            try store.add(person, address: "viewer-\(person.number)@reelgate.example", passwordHash: nil)
        }
        try passwords.save()
    }

    private static func titles(_ store: DemoStore, posters directory: String?) throws {
        func poster(_ id: String, _ number: Int, _ name: String) throws -> String? {
            guard let directory else { return nil }
            let drawing = Array(PosterDrawing.draw(number, name: name).utf8)
            try Files.replace("\(directory)/\(id).svg", with: drawing.span, mode: 0o644)
            return "/posters/\(id).svg"
        }
        if let directory { try Files.makeDirectories(directory, mode: 0o755) }
        for film in DemoTitle.films {
            try store.add(film, isSeries: false, poster: try poster(film.id, film.number, film.name))
        }
        for series in DemoTitle.series {
            try store.add(series, isSeries: true, poster: try poster(series.id, series.number, series.name))
        }
        for (index, episode) in DemoEpisode.all.enumerated() {
            try store.add(episode, poster: try poster(episode.id, 200 + index, episode.name))
        }
    }

    /// What was watched in the last weeks, and what is on people's lists.
    private static func past(_ store: DemoStore) throws {
        var dice = Dice(seed: 0xFA7)
        let films = DemoTitle.films.map { film in
            DemoChoice(id: film.id, genres: film.genres, level: film.level, pull: pull(&dice))
        }
        let episodes = DemoEpisode.all.map { one in
            DemoChoice(id: one.id, genres: one.series.genres, level: one.series.level, pull: pull(&dice))
        }
        let everybody = DemoPerson.known.map(\.person) + DemoPerson.others
        for viewing in DemoWeeks.viewings(of: everybody, among: films + episodes) { try store.add(viewing) }
        for (index, person) in DemoPerson.known.map(\.person).enumerated() where !person.tastes.isEmpty {
            let liked = DemoTitle.films.filter { !Set($0.genres).isDisjoint(with: person.tastes) }
            for day in 0..<4 where !liked.isEmpty {
                try store.keep(liked[(index + day * 3) % liked.count].id, for: person, days: day * 5 + 1)
            }
        }
    }

    /// Few titles draw many.
    private static func pull(_ dice: inout Dice) -> Double { 0.3 + 3 * dice.fraction() * dice.fraction() }
}
