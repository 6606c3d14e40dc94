import Foundation
import Testing

@testable import ctl

@Suite("The demo's catalogue") struct SeedTests {
    private static let choices = DemoTitle.films.map {
        DemoChoice(id: $0.id, genres: $0.genres, level: $0.level, pull: 1)
    }

    @Test("every row has an id of its own, and about forty titles are films or series") func ids() {
        let titles = DemoTitle.films + DemoTitle.series
        let ids = titles.map(\.id) + DemoEpisode.all.map(\.id)
        #expect(Set(ids).count == ids.count && titles.count == 40 && DemoTitle.series.count == 2)
        #expect(ids.allSatisfy { UUID(uuidString: $0) != nil })
        let people = (DemoPerson.known.map(\.person) + DemoPerson.others).map(\.id)
        #expect(Set(people).count == people.count)
    }

    @Test("what was watched is the same each time, within four weeks, once a title, and never above one's level")
    func weeks() {
        let people = DemoPerson.known.map(\.person) + DemoPerson.others
        let viewings = DemoWeeks.viewings(of: people, among: Self.choices)
        #expect(viewings == DemoWeeks.viewings(of: people, among: Self.choices))
        #expect(viewings.count > 300 && Set(viewings.map(\.id)).count == viewings.count)
        #expect(Set(viewings.map { $0.person + $0.title }).count == viewings.count)
        #expect(viewings.allSatisfy { (2...DemoWeeks.hours + 2).contains($0.hoursAgo) && (0...1).contains($0.part) })
        let free = Set(people.filter { $0.level == "free" }.map(\.id))
        let paid = Set(DemoTitle.films.filter { $0.level != "free" }.map(\.id))
        #expect(!viewings.contains { free.contains($0.person) && paid.contains($0.title) })
    }

    @Test("who has tastes watches what fits them more often than chance would") func tastes() {
        let people = DemoPerson.known.map(\.person).filter { !$0.tastes.isEmpty }
        let genres = Dictionary(uniqueKeysWithValues: DemoTitle.films.map { ($0.id, $0.genres) })
        for person in people {
            let viewings = DemoWeeks.viewings(of: [person], among: Self.choices)
            let liked = viewings.filter { !Set(genres[$0.title] ?? []).isDisjoint(with: person.tastes) }
            let share = DemoTitle.films.filter { !Set($0.genres).isDisjoint(with: person.tastes) }.count
            #expect(Double(liked.count) / Double(viewings.count) > Double(share) / Double(DemoTitle.films.count))
        }
    }

    @Test("a name is text in its poster, never markup") func posters() {
        let drawing = PosterDrawing.draw(7, name: "Copper & <script>")
        #expect(drawing.contains("Copper &amp; &lt;script&gt;") && !drawing.contains("<script"))
        #expect(drawing == PosterDrawing.draw(7, name: "Copper & <script>"))
        #expect(drawing != PosterDrawing.draw(8, name: "Copper & <script>"))
    }

    @Test("passwords are made once, and kept in a file that its owner alone reads") func passwords() throws {
        let path = NSTemporaryDirectory() + "people-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var first = try PasswordFile(path)
        let (made, isNew) = try first.password(of: "ana@reelgate.example")
        try first.save()
        #expect(isNew && made.utf8.count == 20)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        var second = try PasswordFile(path)
        let (kept, isNewAgain) = try second.password(of: "ana@reelgate.example")
        #expect(kept == made && !isNewAgain)
    }
}
