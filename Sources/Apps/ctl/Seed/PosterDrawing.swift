/// Draws a poster for a title of the demo: a scene of plain shapes in three colours, the same each time.
enum PosterDrawing {
    private static let palettes: [(sky: String, far: String, near: String, light: String)] = [
        ("#1d2b53", "#31507f", "#0b1226", "#ffd166"), ("#5b1e3c", "#8f3a55", "#240916", "#ffb997"),
        ("#0f4c4a", "#2a7f74", "#062221", "#f4f1de"), ("#3a2566", "#6246a3", "#160c2e", "#9bf6ff"),
        ("#6b3e12", "#a8692b", "#2b1604", "#ffe8b6"), ("#24462b", "#4d7f52", "#0c1c10", "#fefae0"),
        ("#7a1f1f", "#b2453a", "#310909", "#ffe0d6"), ("#263238", "#54717d", "#0c1316", "#ffca28"),
    ]

    /// The picture, 640 × 360, as SVG.
    ///
    /// - Parameters:
    ///   - number: decides colours and scene.
    ///   - name: stands below.
    static func draw(_ number: Int, name: String) -> String {
        var dice = Dice(seed: UInt64(truncatingIfNeeded: number) &+ 0xA57)
        let colours = palettes[dice.below(palettes.count)]
        let x = 120 + dice.below(400)
        let y = 70 + dice.below(80)
        let radius = 30 + dice.below(45)
        var shapes = [
            "<rect width='640' height='360' fill='\(colours.sky)'/>",
            "<circle cx='\(x)' cy='\(y)' r='\(radius)' fill='\(colours.light)'/>",
        ]
        switch number % 4 {
        case 0: shapes += [hills(180, colours.far, &dice), hills(240, colours.near, &dice)]
        case 1: shapes += [waves(210, colours.far, &dice), waves(265, colours.near, &dice)]
        case 2: shapes += [houses(150, colours.far, &dice), houses(220, colours.near, &dice)]
        default: shapes += [stars(colours.light, &dice), hills(260, colours.near, &dice)]
        }
        shapes.append("<rect y='285' width='640' height='75' fill='\(colours.near)' fill-opacity='.8'/>")
        shapes.append(
            "<text x='28' y='333' font-family='system-ui, sans-serif' font-weight='700' font-size='\(size(name))' fill='\(colours.light)'>\(escaped(name))</text>"
        )
        return "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 640 360'>\(shapes.joined())</svg>\n"
    }

    /// So that the longest name fits in a line.
    private static func size(_ name: String) -> Int { max(20, min(40, 1050 / max(1, name.count))) }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { all, character in
            switch character {
            case "&": all += "&amp;"
            case "<": all += "&lt;"
            case ">": all += "&gt;"
            default: all.append(character)
            }
        }
    }

    private static func hills(_ top: Int, _ colour: String, _ dice: inout Dice) -> String {
        let points = (0...8).map { "\($0 * 80),\(top + dice.below(90))" }.joined(separator: " ")
        return "<polygon points='0,360 \(points) 640,360' fill='\(colour)'/>"
    }

    private static func waves(_ top: Int, _ colour: String, _ dice: inout Dice) -> String {
        let curves = (0..<8).map { _ in "q 40 \(-10 - dice.below(25)) 80 0" }.joined(separator: " ")
        return "<path d='M 0 \(top) \(curves) V 360 H 0 Z' fill='\(colour)'/>"
    }

    private static func houses(_ top: Int, _ colour: String, _ dice: inout Dice) -> String {
        (0..<11).map { index in
            let height = top + dice.below(100)
            return
                "<rect x='\(index * 60 - 8)' y='\(height)' width='\(44 + dice.below(20))' height='\(360 - height)' fill='\(colour)'/>"
        }.joined()
    }

    private static func stars(_ colour: String, _ dice: inout Dice) -> String {
        (0..<60).map { _ in
            "<circle cx='\(dice.below(640))' cy='\(dice.below(270))' r='\(1 + dice.below(2))' fill='\(colour)'/>"
        }.joined()
    }
}
