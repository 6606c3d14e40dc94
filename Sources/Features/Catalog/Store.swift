public import Core
public import Postgres
public import Web

/// The catalogue.
public protocol CatalogStore: AnyObject {
    /// Titles in the wished order, up to one more than the page holds.
    ///
    /// A search answers in tiers: the very title, titles with the words, with their beginnings, then names, then the
    /// whole text, then all that with the words' mistakes forgiven; within a tier the most watched first.
    func list(_ wish: TitleWish, _ page: Page) throws(DatabaseError) -> [ListedTitle]
    /// How many titles answer to the wish, by genre, type and so on; the most frequent first, at most 50 of each.
    func facets(_ wish: TitleWish) throws(DatabaseError) -> [Facet]
    /// A title.
    ///
    /// - Parameter hidden: also one that not everyone may see.
    /// - Returns: `nil` when there is none, or it was deleted, or is not seen; so for an episode of such a series.
    func title(_ id: UUID, hidden: Bool) throws(DatabaseError) -> Title?
    /// The episodes of a series in their order, at most 5,000.
    func episodes(_ series: UUID, hidden: Bool) throws(DatabaseError) -> [Title]

    /// Why a title could not be written down at present; `nil` when it could.
    func refusal(of fields: TitleFields) throws(DatabaseError) -> WriteOutcome?
    /// Writes a title down.
    func add(_ fields: TitleFields) throws(DatabaseError) -> WriteOutcome
    /// Changes a title; nobody else changes it in between.
    ///
    /// - Parameter change: what is written, from what was there; what it throws leaves everything as it was.
    func change(
        _ id: UUID, _ change: (TitleFields) throws(Problem) -> TitleFields
    ) throws(Problem) -> WriteOutcome
    /// Takes a title, and a series' episodes with it, out of the catalogue; whether it was there.
    func remove(_ id: UUID) throws(DatabaseError) -> Bool

    /// Who somebody is; `nil`: we have no account of his.
    func viewer(_ user: String) throws(DatabaseError) -> Viewer?
    /// Counts a view, once in four hours for a viewer and a title.
    func countView(_ title: UUID, by viewer: String) throws(DatabaseError)
    /// Where the making of a title's video stands; `nil`: there is no such title.
    func processing(_ id: UUID) throws(DatabaseError) -> Processing?
}

/// What became of a write.
public enum WriteOutcome: Sendable, Equatable {
    /// It is written.
    case written(UUID)
    /// There is no such title.
    case unknown
    /// There is no such series.
    case noSeries
    /// There is no such video.
    case noVideo
    /// Another episode has the place.
    case placeTaken
    /// It would end before it is published.
    case window
}

/// Signs for who may watch.
public protocol StreamSigner: AnyObject {
    /// A new session's pass.
    ///
    /// - Throws: when no token that a gate would read can be made.
    func sign(_ wish: StreamWish) throws(Problem) -> StreamPass
}

/// Takes a form with a video's file in.
public protocol FilmReceiver: AnyObject {
    /// Receives the form and its file, which becomes a video with a task as any upload does.
    ///
    /// - Parameter check: looks at the form's texts before the file is judged; its error ends everything.
    func receive(
        _ request: Request, check: (_ text: (String) throws(Problem) -> String?) throws(Problem) -> Void
    ) throws(Problem) -> ReceivedFilm
}

/// A file that became a video.
public struct ReceivedFilm: Sendable, Equatable {
    /// The video.
    public let video: UUID
    /// What makes it playable.
    public let task: UUID
    /// Its own answer's members: `task_id`, `status_url`, `hls_path`.
    public let members: [JSON.Member]

    /// - Parameters: as the properties.
    public init(video: UUID, task: UUID, members: [JSON.Member]) {
        self.video = video
        self.task = task
        self.members = members
    }
}

/// Knows how tasks stand.
public protocol TaskReader: AnyObject {
    /// A task as its own route answers it; `nil`: there is none.
    func task(_ id: UUID) throws(Problem) -> JSON?
}
