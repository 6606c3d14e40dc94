public import Core
public import Postgres

/// What may be left out of a list for a viewer.
public enum Unwanted: Sendable {
    /// What he saw to the end.
    case finished
    /// All he began or keeps already.
    case begun
}

/// Reads recommendations. Every list holds only titles that are published and play for the viewer, without what is
/// hidden, best first, by their ids.
public protocol RecommendationStore: AnyObject {
    /// Level and preferences of an account; `nil` when there is none.
    func account(_ id: UUID) throws(DatabaseError) -> (level: String, preferences: String)?
    /// What is unwanted.
    func hidden(from viewer: Viewer, _ unwanted: Unwanted) throws(DatabaseError) -> [UUID]
    /// What many watch these days.
    func trending(for viewer: Viewer, without hidden: [UUID], limit: Int) throws(DatabaseError) -> [UUID]
    /// What many watched, in a genre (compared without case) or in all.
    func popular(
        genre: String?, for viewer: Viewer, without hidden: [UUID], limit: Int
    ) throws(DatabaseError) -> [UUID]
    /// What came last.
    func newest(genre: String?, for viewer: Viewer, without hidden: [UUID], limit: Int) throws(DatabaseError) -> [UUID]
    /// A published title, whatever its level, an episode as its series; `nil` when there is none.
    func title(_ id: UUID) throws(DatabaseError) -> Title?
    /// What is like a title, and whether the same people watched both.
    func similar(
        to id: UUID, for viewer: Viewer, without hidden: [UUID], limit: Int
    ) throws(DatabaseError) -> [(title: UUID, isWatchedTogether: Bool)]
    /// What an account watched and keeps, the newest.
    func traces(_ id: UUID, limit: Int) throws(DatabaseError) -> [Trace]
    /// The published ones of these, in no order.
    func titles(_ ids: [UUID]) throws(DatabaseError) -> [Title]
    /// What goes with the seeds, without what the viewer began.
    func candidates(_ seeds: [Seed], for viewer: Viewer, limit: Int) throws(DatabaseError) -> [Candidate]
}

/// What became of one step of the work.
public enum IndexStep: Sendable, Equatable {
    /// Something was done; there may be more.
    case went(IndexWork)
    /// Nothing is left to do.
    case done
    /// The right to write was lost: nothing was written.
    case lost
}

/// What a step dealt with, and how much of it.
public enum IndexWork: Sendable, Equatable {
    /// Tastes of people whose history changed.
    case tastes(Int)
    /// Features of titles that were edited.
    case features(Int)
    /// Neighbours of titles.
    case neighbours(Int)
}

/// Makes what recommendations are read from, of what was touched since. Each step is one transaction of bounded size:
/// a crash leaves what is touched touched, and doing a step again changes nothing.
public protocol RecommendationIndex: AnyObject {
    /// Does the next step.
    ///
    /// - Parameter holds: asked last in the transaction: whether the right to write still holds; if not, nothing is
    ///   written.
    func step(_ holds: () throws(DatabaseError) -> Bool) throws(DatabaseError) -> IndexStep
    /// Whether anything is touched.
    func isBehind() throws(DatabaseError) -> Bool
    /// Touches everything, so that the next steps make all of it anew; what is there stays readable meanwhile.
    func touchAll() throws(DatabaseError)
}
