/// One time somebody of the demo watched something.
struct DemoViewing: Equatable {
    /// The row's id.
    let id: String
    /// Who.
    let person: String
    /// What.
    let title: String
    /// Hours before the seeding.
    let hoursAgo: Double
    /// How much of it, 0…1.
    let part: Double
}

/// What can be watched, for the choice of it.
struct DemoChoice {
    /// The row's id.
    let id: String
    /// What it is.
    let genres: [String]
    /// Who may.
    let level: String
    /// How much everybody is drawn to it, apart from tastes.
    let pull: Double
}

/// The last four weeks of the demo's people: the same each time.
enum DemoWeeks {
    /// Hours that the viewings are spread over.
    static let hours = 28.0 * 24

    /// What the people watched.
    ///
    /// Somebody with tastes leans to them four to one; what is watched in the last days leans to the newest titles, so
    /// that what trends differs from what is popular.
    static func viewings(of people: [DemoPerson], among choices: [DemoChoice]) -> [DemoViewing] {
        var dice = Dice(seed: 0x5EED)
        var made: [DemoViewing] = []
        for person in people where !person.tastes.isEmpty {
            let open = choices.filter { mayWatch(person, $0) }
            var seen: Set<String> = []
            for _ in 0..<(8 + dice.below(9)) {
                let hoursAgo = hours * dice.fraction() * dice.fraction() + 2
                let weights = open.map { choice in
                    seen.contains(choice.id) ? 0 : weight(of: choice, for: person, isRecent: hoursAgo < 96)
                }
                guard let index = dice.choose(weights) else { break }
                seen.insert(open[index].id)
                let finished = dice.fraction() < 0.65
                made.append(
                    DemoViewing(
                        id: DemoID.row(.viewing, made.count + 1), person: person.id, title: open[index].id,
                        hoursAgo: hoursAgo, part: finished ? 1 : 0.1 + 0.75 * dice.fraction()))
            }
        }
        return made
    }

    private static func mayWatch(_ person: DemoPerson, _ choice: DemoChoice) -> Bool {
        let levels = ["free", "premium", "family"]
        guard let has = levels.firstIndex(of: person.level), let needs = levels.firstIndex(of: choice.level) else {
            return false
        }
        return has >= needs
    }

    private static func weight(of choice: DemoChoice, for person: DemoPerson, isRecent: Bool) -> Double {
        let liked = choice.genres.contains { person.tastes.contains($0) }
        return choice.pull * (liked ? 4 : 1) * (isRecent && choice.pull > 2 ? 2 : 1)
    }
}

/// Chance that is the same each time (SplitMix64, Steele, Lea and Flood 2014).
struct Dice {
    private var state: UInt64

    /// - Parameter seed: decides all that follows.
    init(seed: UInt64) { state = seed }

    /// 64 bits.
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0 ..< 1.
    mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }

    /// 0 ..< `count`, which is above 0.
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    /// An index by weights; `nil` when none has one.
    mutating func choose(_ weights: [Double]) -> Int? {
        var rest = fraction() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() where weight > 0 {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }
    }
}
