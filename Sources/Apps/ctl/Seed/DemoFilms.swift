extension DemoTitle {
    private static let zoe = "Zoë Marchetti"
    private static let bjorn = "Bjørn Halvorsen"
    private static let ines = "Inés de la Cruz"
    private static let amara = "Amara Okafor"
    private static let lukasz = "Łukasz Wrona"
    private static let mei = "Mei Tanaka"
    private static let jonas = "Jonas Åkerlind"
    private static let camille = "Camille Lefèvre"
    private static let tomas = "Tomás Quiroga"
    private static let ruth = "Ruth Abernathy"
    private static let idris = "Idris Belhaj"
    private static let greta = "Gréta Szalay"

    /// The films.
    static let films: [DemoTitle] = [
        .init(
            1, "The Quiet Harbour", ["Drama", "Mystery"], cast: [zoe, bjorn], tags: ["sea", "family"], year: 2019,
            rating: 78, maturity: "12",
            "A lighthouse keeper’s daughter returns to sell the house and finds thirty years of letters addressed to her."
        ),
        .init(
            2, "Señora Luna", ["Comedy", "Romance"], cast: [ines, tomas], tags: ["theatre", "love"], year: 2021,
            language: "es", rating: 71,
            "An ageing actress is mistaken for the new mayor, and finds the part suits her."),
        .init(
            3, "Nine Lanterns", ["Drama", "History"], cast: [mei, idris], tags: ["war", "family"], year: 2016,
            language: "ja", rating: 84, maturity: "12", level: "premium",
            "Nine siblings promise to meet at the same bridge every ten years. The bridge does not survive the first."),
        .init(
            4, "Below the Glass Sea", ["Science Fiction", "Adventure"], cast: [amara, jonas], tags: ["sea", "robots"],
            year: 2023, rating: 76, maturity: "12",
            "A cable repair crew on the ocean floor hears a voice in a line that was never connected."),
        .init(
            5, "Café Übermorgen", ["Comedy"], cast: [greta, lukasz], tags: ["food", "city"], year: 2018, language: "de",
            rating: 69, "In a café in Leipzig every order arrives two days late, and always exactly when it is needed."),
        .init(
            6, "A Map of Small Rivers", ["Documentary", "Nature"], cast: [ruth], tags: ["nature", "water"], year: 2020,
            rating: 81, maturity: "0", "A year along streams that no map names, with the people who drink from them."),
        .init(
            7, "The Last Tram to Åsgård", ["Mystery", "Crime"], cast: [bjorn, jonas], tags: ["city", "police"],
            year: 2022, language: "nb", rating: 77, maturity: "16",
            "The night tram arrives empty. Seven people had been seen getting on."),
        .init(
            8, "Paper Kingdoms", ["Animation", "Family"], cast: [mei, zoe], tags: ["art", "friends"], year: 2015,
            rating: 82, maturity: "0", "A folded king has to cross a desk in the rain before the window is shut."),
        .init(
            9, "Orbit of Silence", ["Science Fiction", "Drama"], cast: [idris, amara], tags: ["space", "loss"],
            year: 2024,
            rating: 85, maturity: "12", level: "premium",
            "Two astronauts share a station for a year, and not one word."),
        .init(
            10, "Eleven Winters", ["Drama", "Romance"], cast: [camille, lukasz], tags: ["snow", "love"], year: 2017,
            language: "fr", rating: 74, maturity: "12",
            "They meet once a year, on the first day of snow, until there is a year without any."),
        .init(
            11, "The Clockmaker’s Niece", ["Adventure", "Family"], cast: [greta, ruth], tags: ["time", "friends"],
            year: 2014, rating: 70, maturity: "6",
            "Every clock in the town stops but one, and a girl of eleven knows how to wind it."),
        .init(
            12, "Saltwater Letters", ["Documentary", "History"], cast: [ines], tags: ["sea", "letters"], year: 2019,
            language: "pt-BR", rating: 73, maturity: "6",
            "Messages that fishermen threw overboard for a century, and where they came ashore."),
        .init(
            13, "Copper & Rain", ["Western", "Drama"], cast: [tomas, amara], tags: ["desert", "water"], year: 2013,
            rating: 68, maturity: "16", "A well digger is hired to find water where the mine does not want any found."),
        .init(
            14, "What the Owl Heard", ["Animation", "Mystery"], cast: [zoe, idris], tags: ["forest", "friends"],
            year: 2021,
            rating: 75, maturity: "6", "The forest’s only witness can’t stay awake by day to be asked."),
        .init(
            15, "Midnight at the Observatory", ["Science Fiction", "Romance"], cast: [jonas, camille],
            tags: ["space", "love"], year: 2018, rating: 72,
            "The cleaner and the astronomer leave each other notes, until one of them is answered by a third hand."),
        .init(
            16, "The Cartographer’s Error", ["Adventure", "History"], cast: [lukasz, ines], tags: ["maps", "sea"],
            year: 2011, rating: 79, maturity: "12",
            "An island drawn by mistake turns out to be claimed by two crowns and inhabited by forty people."),
        .init(
            17, "Red Umbrella", ["Crime", "Thriller"], cast: [camille, bjorn], tags: ["city", "police"], year: 2020,
            language: "fr", rating: 76, maturity: "16", level: "premium",
            "A surveillance clerk in Lyon sees the same umbrella in eleven unsolved cases."),
        .init(
            18, "Two Doors Down", ["Comedy", "Family"], cast: [ruth, tomas], tags: ["neighbours", "family"], year: 2022,
            rating: 66, "Two families rent the same flat, one by day and one by night, and never meet. Almost."),
        .init(
            19, "The Long Recess", ["Comedy", "Drama"], cast: [greta, mei], tags: ["school", "friends"], year: 2016,
            rating: 70, "A village school forgets to ring the bell, and nobody goes back in for a summer."),
        .init(
            20, "Fjord", ["Nature", "Documentary"], cast: [bjorn], tags: ["nature", "snow"], year: 2023, language: "nb",
            rating: 83, maturity: "0", "One fjord, four seasons, no words."),
        .init(
            21, "Twelve Tons of Sugar", ["Crime", "Comedy"], cast: [idris, greta], tags: ["heist", "food"], year: 2019,
            rating: 74, maturity: "12", "The perfect robbery has one flaw: it begins to rain."),
        .init(
            22, "The Glass Orchard", ["Thriller", "Mystery"], cast: [amara, camille], tags: ["family", "secrets"],
            year: 2021, rating: 71, maturity: "16",
            "A greenhouse architect inherits an orchard where nothing has ever been planted."),
        .init(
            23, "Robots Don’t Whistle", ["Animation", "Science Fiction"], cast: [jonas, zoe],
            tags: ["robots", "music"],
            year: 2024, rating: 80, maturity: "0", "A factory robot hears a tune and can’t get it out of its memory."),
        .init(
            24, "Grandmother’s Motorway", ["Documentary", "Comedy"], cast: [ruth, ines], tags: ["family", "travel"],
            year: 2017, rating: 69, maturity: "0", "At ninety-one she learns to drive, and does not mean to stop."),
        .init(
            25, "Ósin: Where the River Ends", ["Drama", "Nature"], cast: [jonas, greta], tags: ["water", "loss"],
            year: 2015,
            language: "is", rating: 77, maturity: "12",
            "Two brothers walk a glacier river to the sea, to scatter a third."),
        .init(
            26, "The Ninth Violin", ["Drama", "Music"], cast: [lukasz, camille], tags: ["music", "war"], year: 2012,
            rating: 81, maturity: "12", "An orchestra hides a deserter among its strings. He can’t play."),
        .init(
            27, "Dust Radio", ["Western", "Thriller"], cast: [tomas, ruth], tags: ["desert", "music"], year: 2020,
            rating: 73, maturity: "16",
            "A pirate station in the desert broadcasts tomorrow’s weather, and is always right."),
        .init(
            28, "Tomorrow’s Bread", ["Romance", "Comedy"], cast: [ines, idris], tags: ["food", "love"], year: 2023,
            rating: 67, "A baker and a night nurse share a kitchen, a shift apart."),
        .init(
            29, "Signal from Ceres", ["Science Fiction", "Thriller"], cast: [mei, amara], tags: ["space", "secrets"],
            year: 2022, rating: 78, maturity: "12", level: "family",
            "The mining ship answers a distress call that it sent itself, eleven years from now."),
        .init(
            30, "Little Cloud, Big Sky", ["Family", "Animation"], cast: [zoe, ruth], tags: ["nature", "friends"],
            year: 2018, rating: 72, maturity: "0", level: "family",
            "A cloud too small to rain looks for somebody who needs shade."),
        .init(
            31, "The Interpreter’s Pause", ["Thriller", "Drama"], cast: [camille, idris], tags: ["secrets", "war"],
            year: 2014, rating: 79, maturity: "12", "Three seconds of silence at a peace talk, and who filled them."),
        .init(
            32, "Zürich, Platform 9", ["Crime", "Drama"], cast: [greta, bjorn], tags: ["travel", "police"], year: 2016,
            language: "de", rating: 72, maturity: "12",
            "A lost suitcase is claimed by four people, each with the right key."),
        .init(
            33, "Night Ferry", ["Romance", "Drama"], cast: [jonas, mei], tags: ["sea", "travel"], year: 2019,
            rating: 75,
            "Nineteen hours between two ports, and no cabin left."),
        .init(
            34, "Beekeeping for Beginners", ["Comedy", "Nature"], cast: [ruth, lukasz], tags: ["nature", "neighbours"],
            year: 2021, rating: 70, maturity: "0", "A retired judge inherits forty thousand defendants."),
        .init(
            35, "The Weight of Snow", ["Thriller", "Adventure"], cast: [bjorn, zoe], tags: ["snow", "mountains"],
            year: 2018, rating: 74, maturity: "16", level: "premium",
            "A hut warden counts nine guests in the evening and ten at breakfast."),
        .init(
            36, "Åse and the Night Train", ["Family", "Adventure"], cast: [greta, jonas], tags: ["travel", "friends"],
            year: 2020, language: "nb", rating: 71, maturity: "0",
            "The sleeping car is shunted into a country where children check the tickets."),
        .init(
            37, "A Short History of Lightning", ["Documentary"], cast: [idris], tags: ["science", "nature"], year: 2022,
            rating: 80, maturity: "0", "Those who were struck, those who chase it, and what we still don’t know."),
        .init(
            38, "El último faro", ["Drama", "Thriller"], cast: [tomas, ines], tags: ["sea", "secrets"], year: 2017,
            language: "es", rating: 76, maturity: "12",
            "The light has been automatic for years. Somebody turns it off each Thursday."),
    ]
}
