extension DemoTitle {
    /// The series.
    static let series: [DemoTitle] = [
        .init(
            101, "Harbour Watch", ["Crime", "Drama"], cast: ["Amara Okafor", "Bjørn Halvorsen", "Ruth Abernathy"],
            tags: ["police", "sea"], year: 2022, rating: 82, maturity: "12",
            "The night shift of a port police station: what the tide brings in is written down before it is understood."
        ),
        .init(
            102, "Kitchen Table Physics", ["Documentary", "Family"], cast: ["Mei Tanaka", "Idris Belhaj"],
            tags: ["science", "food"], year: 2023, rating: 79, maturity: "0",
            "Everything the universe does, done again with what is in the drawer."),
    ]
}

extension DemoEpisode {
    /// The episodes of all series, in their order.
    static let all: [DemoEpisode] =
        made(
            DemoTitle.series[0],
            [
                [
                    ("Low Water", "A container is on the list twice, and one of them is warm."),
                    ("The Pilot’s Mistake", "A ship is brought in by a man who retired in the spring."),
                    ("Fog Signal", "Somebody answers the buoy."),
                    ("Slack Tide", "Nothing happens for six hours, and then the inspector is asked why."),
                ],
                [
                    ("Ballast", "The new captain counts the old cases again."),
                    ("Señal de socorro", "A call for help in a language that only the cook speaks."),
                    ("The Ninth Berth", "A yacht pays for a place that is not there."),
                ],
            ])
        + made(
            DemoTitle.series[1],
            [
                [
                    ("Why Toast Falls", "A table of another height, and a slice that lands well."),
                    ("The Coldest Spoon", "Metal, wood, and what a finger can’t tell."),
                    ("Salt on the Moon", "Weighing without weight."),
                ],
                [
                    ("A Rainbow for Breakfast", "Honey, glass, and eight angles."),
                    ("Sound of a Boiling Kettle", "Why it is loudest before it boils."),
                ],
            ])

    private static func made(_ series: DemoTitle, _ seasons: [[(String, String)]]) -> [DemoEpisode] {
        seasons.enumerated().flatMap { season, episodes in
            episodes.enumerated().map { episode, texts in
                DemoEpisode(
                    series: series, season: season + 1, episode: episode + 1, name: texts.0, description: texts.1)
            }
        }
    }
}
